"""Metrics of probabilities, and their intervals by bootstrapping customers.

They are those of the project's SQL (`ranking_metrics` and `binned_metrics` in `macros/metrics/`):
ties count half in the AUC and with their average rate at the border of the top tenth; the expected
calibration error has ten bins of equal width. Rows may carry weights, so that a bootstrap sample is
a weight per row and nothing is sorted again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

METRICS = ("roc_auc", "average_precision", "log_loss", "brier", "ece", "lift_top_decile")
LOWER_IS_BETTER = ("log_loss", "brier", "ece")
BINS = 10
REPLICATES = 300
SAMPLES_SEED = 0


def bins_of(probability: np.ndarray) -> np.ndarray:
    """Return each probability's bin of the calibration error, 0 to 9."""
    return np.minimum((probability * BINS).astype(int), BINS - 1)


@dataclass(frozen=True)
class Ranked:
    """Predictions in descending order of probability, with the start of each run of ties."""

    order: np.ndarray
    starts: np.ndarray
    probability: np.ndarray
    outcome: np.ndarray

    @classmethod
    def of(cls, probability: np.ndarray, outcome: np.ndarray) -> "Ranked":
        order = np.argsort(-probability, kind="stable")
        ranked = probability[order].astype(float)
        starts = np.flatnonzero(np.append(True, np.diff(ranked) != 0))
        return cls(order, starts, ranked, outcome[order].astype(float))

    def metrics(self, weight: np.ndarray | None = None) -> dict[str, float]:
        """Return every metric; `weight` is per row, in the order of the rows as they came.

        A sample with one outcome only has no ranking: its ranking metrics are NaN.
        """
        weights = np.ones(len(self.order)) if weight is None else weight[self.order].astype(float)
        hits = weights * self.outcome
        ranking = self._ranking(
            np.add.reduceat(weights, self.starts), np.add.reduceat(hits, self.starts)
        )
        return ranking | self._probabilities(weights, hits)

    def _ranking(self, rows: np.ndarray, hits: np.ndarray) -> dict[str, float]:
        """Metrics of the order, from rows and attritions of each run of ties."""
        total, attritions = rows.sum(), hits.sum()
        if attritions in (0, total):
            return dict.fromkeys(("roc_auc", "average_precision", "lift_top_decile"), np.nan)
        others = rows - hits
        below = others.sum() - np.cumsum(others)
        precision = np.cumsum(hits) / np.maximum(np.cumsum(rows), 1e-300)
        top = np.ceil(total / 10)
        taken = np.clip(top - (np.cumsum(rows) - rows), 0, rows)
        top_hits = (taken * hits / np.maximum(rows, 1e-300)).sum()
        return {
            "roc_auc": float((hits * (below + others / 2)).sum() / (attritions * others.sum())),
            "average_precision": float((hits * precision).sum() / attritions),
            "lift_top_decile": float(top_hits / top / (attritions / total)),
        }

    def _probabilities(self, weights: np.ndarray, hits: np.ndarray) -> dict[str, float]:
        epsilon = np.finfo(float).eps
        given = np.where(self.outcome == 1, self.probability, 1 - self.probability)
        loss = -np.log(np.clip(given, epsilon, 1 - epsilon))
        bins = bins_of(self.probability)
        expected = np.bincount(bins, weights * self.probability, BINS)
        happened = np.bincount(bins, hits, BINS)
        total = weights.sum()
        return {
            "log_loss": float((weights * loss).sum() / total),
            "brier": float((weights * (self.probability - self.outcome) ** 2).sum() / total),
            "ece": float(np.abs(expected - happened).sum() / total),
        }


@dataclass(frozen=True)
class Measured:
    """One system on some rows.

    Attributes:
        metrics: Means over the seeds.
        interval: 95 % interval of each mean, by bootstrapping customers.
        spread: Standard deviation over the seeds; empty for one seed.
        samples: Means over the seeds in each bootstrap sample: (replicates, metrics).
    """

    metrics: Mapping[str, float]
    interval: Mapping[str, tuple[float, float]]
    spread: Mapping[str, float]
    samples: np.ndarray


def measure(
    predictions: Sequence[np.ndarray],
    outcome: np.ndarray,
    customers: np.ndarray,
    replicates: int = REPLICATES,
) -> Measured:
    """Measure one system's predictions, one array of probabilities per seed.

    In each replicate as many customers as there are are drawn with replacement, all rows of a
    customer together and the same for every seed; a metric is the mean over the seeds. The interval
    therefore says how the figures would move with other customers; `spread` says how they move with
    the seed. Every system is judged on the same samples. The interval of the calibration error lies
    a little high: a sample that repeats customers is never as well calibrated as the rows it is
    drawn from.
    """
    ranked = [Ranked.of(probability, outcome) for probability in predictions]
    by_seed = [one.metrics() for one in ranked]
    codes = np.unique(customers, return_inverse=True)[1]
    rng = np.random.default_rng(SAMPLES_SEED)
    customer_count = codes.max() + 1
    samples: list[list[float]] = []
    for _ in range(replicates):
        drawn = rng.integers(customer_count, size=customer_count)
        weight = np.bincount(drawn, minlength=customer_count)[codes]
        samples.append(_means([one.metrics(weight) for one in ranked]))
    sampled = np.array(samples)
    return Measured(
        metrics=dict(zip(METRICS, _means(by_seed), strict=True)),
        interval={name: interval_of(sampled[:, i]) for i, name in enumerate(METRICS)},
        spread=_spread(by_seed),
        samples=sampled,
    )


def interval_of(samples: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of a figure from its values in the bootstrap samples."""
    low, high = np.nanquantile(samples, [0.025, 0.975])
    return float(low), float(high)


def _means(by_seed: Sequence[Mapping[str, float]]) -> list[float]:
    return [float(np.mean([one[name] for one in by_seed])) for name in METRICS]


def _spread(by_seed: Sequence[Mapping[str, float]]) -> dict[str, float]:
    if len(by_seed) < 2:
        return {}
    return {name: float(np.std([one[name] for one in by_seed], ddof=1)) for name in METRICS}
