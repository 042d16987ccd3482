"""How much of a difference on validation rows other customers might have made.

Source: B. Efron and R. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 6; customers are
drawn, all rows of one together, since they say nearly the same.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from attrition.training.metrics import METRICS, row_log_loss

REPLICATES = 100


class CustomerBootstrap:
    """Samples of customers, the same for everything that is compared on these rows."""

    def __init__(self, customers: np.ndarray, random_seed: int) -> None:
        """Draw the samples.

        Args:
            customers: An integer per row, the same for all rows of a customer.
            random_seed: Seed of the draws.
        """
        self._codes = np.unique(customers, return_inverse=True)[1]
        self._count = int(self._codes.max()) + 1
        self._random_seed = random_seed

    @cached_property
    def _draws(self) -> list[np.ndarray]:
        """How often each customer is drawn, in each sample."""
        rng = np.random.default_rng(self._random_seed)
        return [
            np.bincount(rng.integers(self._count, size=self._count), minlength=self._count)
            for _ in range(REPLICATES)
        ]

    def mean_error(self, values: np.ndarray) -> float:
        """Return the standard error of the mean of values, shape (rows,)."""
        sums = np.bincount(self._codes, values, self._count)
        counts = np.bincount(self._codes, minlength=self._count)
        return float(np.std([(draw @ sums) / (draw @ counts) for draw in self._draws]))

    def metric_error(
        self, metric: str, first: np.ndarray, second: np.ndarray, is_attrition: np.ndarray
    ) -> float:
        """Return the standard error of the difference of a metric between two predictions.

        Args:
            metric: A name in `attrition.training.metrics.METRICS`.
            first: Probabilities, shape (rows,).
            second: Other probabilities of the same rows.
            is_attrition: 0 or 1, shape (rows,).
        """
        if metric == "log_loss":
            losses = (row_log_loss(one, is_attrition) for one in (first, second))
            return self.mean_error(np.subtract(*losses))
        of = METRICS[metric]
        differences = []
        for draw in self._draws:
            rows = np.repeat(np.arange(len(self._codes)), draw[self._codes])
            labels = is_attrition[rows]
            if 0 < int(labels.sum()) < len(labels):
                differences.append(of(first[rows], labels) - of(second[rows], labels))
        return float(np.std(differences)) if differences else 0.0
