"""The numbers behind the generated customers' behaviour.

The shape of the behaviour (what loosens and what holds a customer) is SQL, in ``sql/step.sql``;
what has to be tuned or quoted elsewhere stands here.
"""

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
