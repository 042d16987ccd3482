"""BG/NBD: how often customers buy and after which purchase they stop, by maximum likelihood.

P. S. Fader, B. G. S. Hardie and K. L. Lee (2005), "'Counting your customers' the easy way: an
alternative to the Pareto/NBD model", Marketing Science 24, 275-284. While alive a customer buys at
a rate that is gamma distributed (shape r, rate alpha); after each purchase they stop with a
probability that is beta distributed (a, b).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln

STARTS = ((0.0, 1.0, 0.0, 1.0), (0.0, 3.0, -1.0, 1.0), (-1.0, 2.0, 0.0, 0.0))


class NoEstimateError(RuntimeError):
    """The likelihood has no maximum that the optimiser finds."""


@dataclass(frozen=True)
class Histories:
    """What BG/NBD knows of customers, all of shape (customers,); time in weeks.

    Attributes:
        repeats: Purchases after the first one, x.
        last: Time from the first purchase to the last one, t_x.
        observed: Time from the first purchase to now, T.
    """

    repeats: np.ndarray
    last: np.ndarray
    observed: np.ndarray


@dataclass(frozen=True)
class BgNbd:
    """The four parameters of a fitted model."""

    r: float
    alpha: float
    a: float
    b: float

    @classmethod
    def fit(cls, histories: Histories) -> "BgNbd":
        """Return the maximum likelihood estimate, the best of a few starting points.

        Raises:
            NoEstimateError: The optimiser converged from none of them.
        """
        columns = np.column_stack([histories.repeats, histories.last, histories.observed])
        distinct, counts = np.unique(columns, axis=0, return_counts=True)
        known = Histories(*distinct.T)

        def loss(logs: np.ndarray) -> float:
            return -float(counts @ cls(*np.exp(logs)).log_likelihood(known)) / counts.sum()

        # exp(+-12) is beyond any customer: it only keeps the arithmetic finite
        found = [
            minimize(loss, start, method="L-BFGS-B", bounds=[(-12, 12)] * 4) for start in STARTS
        ]
        converged = [one for one in found if one.success]
        if not converged:
            raise NoEstimateError(f"BG/NBD: {found[0].message}")
        return cls(*np.exp(min(converged, key=lambda one: one.fun).x).tolist())

    def log_likelihood(self, histories: Histories) -> np.ndarray:
        """Return the log-likelihood of each customer (equation 6)."""
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        x, last, observed = histories.repeats, histories.last, histories.observed
        shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + observed)
        # a customer stops after a purchase only, so one who never came back is alive
        stopped = np.where(
            x > 0,
            betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + last),
            -np.inf,
        )
        return shared + np.logaddexp(alive, stopped)

    def alive(self, histories: Histories) -> np.ndarray:
        """Return the probability that each customer has not stopped yet."""
        x = histories.repeats
        silence = np.log((self.alpha + histories.observed) / (self.alpha + histories.last))
        log_odds = np.log(self.a / (self.b + np.maximum(x, 1) - 1)) + (self.r + x) * silence
        return np.where(x > 0, expit(-log_odds), 1.0)

    def silence(self, histories: Histories, weeks: np.ndarray) -> np.ndarray:
        """Return the probability that each customer buys nothing in the coming weeks.

        Who is alive buys at a rate with shape r + x and rate alpha + T, so the probability of a
        purchase within t is 1 - ((alpha + T) / (alpha + T + t)) ^ (r + x).
        """
        until = self.alpha + histories.observed
        bought = 1 - (until / (until + weeks)) ** (self.r + histories.repeats)
        return 1 - self.alive(histories) * bought
