"""The numbers behind the generated customers' behaviour.

The shape of the behaviour (what loosens and what holds a customer) is SQL, in ``sql/step.sql``;
what has to be tuned or quoted elsewhere stands here.
"""

import math
from dataclasses import dataclass
from datetime import date

HISTORY_STARTS_ON = date(2021, 1, 1)

PAYER_TYPES = (
    "COMMERCIAL",
    "GENERIC_OTHER",
    "MANAGED_MEDICAID",
    "MANAGED_MEDICARE",
    "MEDICARE",
    "PHARMACY",
    "STATE_MEDICAID",
    "VA_MILITARY",
)

DRIFT_PAYER = "PHARMACY"
"""The payer type whose customers leave more often from DRIFT_STARTS_ON on: the planted drift."""

DRIFT_STARTS_ON = date(2023, 7, 1)
"""First day of the planted drift."""

DRIFT_WAVES = {
    "tendency": (40, 0.0),
    "complaint": (56, 0.25),
    "warranty": (48, 0.5),
    "auto": (36, 0.0),
}
"""What drifts: period in months, and the share of it that has passed when the history begins."""


@dataclass(frozen=True)
class Behaviour:
    """Numbers of the monthly hazard of leaving and of the orders.

    Attributes:
        base_log_odds: Log-odds of leaving in a month before anything else is added.
        hidden_spread: Standard deviation of the customer's hidden part, on the log-odds scale;
            it makes about a tenth of the variance of the log-odds.
        drift_log_odds: What the planted drift adds.
        season_log_odds: What each calendar month adds, January first.
        order_cap: Greatest probability that a loyal customer who has run dry orders in a month.
        order_cap_auto: The same with automatic re-orders.
        return_probability: Monthly probability that somebody who left orders again.
        share_gap_30: Share of customers who order for 30 days at a time.
        share_gap_60: Share who order for 60 days; the others order for 90.
        drift: How far the behaviour drifts, from 0 (not at all) to 1. The log-odds of leaving
            swing by that much up and down, and the weights of complaints, of a warranty that has
            run out and of automatic re-orders by that share, each with a period of its own of
            three to five years: a model of past years fits the next one less and less.
    """

    base_log_odds: float = -4.2
    hidden_spread: float = 0.39
    drift_log_odds: float = 0.9
    season_log_odds: tuple[float, ...] = (
        *(0.40, 0.2, 0.0, 0.0, 0.0, -0.1),
        *(-0.2, -0.2, 0.0, 0.1, 0.0, 0.15),
    )
    order_cap: float = 0.5
    order_cap_auto: float = 0.85
    return_probability: float = 0.02
    share_gap_30: float = 0.15
    share_gap_60: float = 0.25
    drift: float = 0.0

    def tendency_drift(self, month: int) -> float:
        """Return what drift adds to the log-odds of leaving in a month of the history."""
        return self.drift * _wave("tendency", month)

    def cause_weight(self, cause: str, month: int) -> float:
        """Return the weight of a cause (`complaint`, `warranty`, `auto`); 1 without drift."""
        return 1.0 + self.drift * _wave(cause, month)


def _wave(name: str, month: int) -> float:
    """Return a value between -1 and 1, rounded so that every machine has the same one."""
    period, passed = DRIFT_WAVES[name]
    return round(math.sin(2 * math.pi * (month / period + passed)), 9)
