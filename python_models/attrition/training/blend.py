"""Boosted trees and linear models, added on the log-odds: what a version is.

Which of them, and with which weights, is chosen on validation rows. An average of all is where the
choice starts, since averaging costs nothing and estimates nothing; the weights move away from it
only as far as validation rows tell them to. Where recency, or recency, frequency and money, does as
well as all that, and no worse than the average, the version is that.

Sources: D. Wolpert, Stacked generalization, 1992 (weights from rows that the parts were not fitted
on); L. Breiman and others, Classification and Regression Trees, 1984, chapter 3.4.3 (the simplest
within one standard error of the best).
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from attrition.training.linear import LINEAR, RECENCY, RFM, LinearModel, fit_linear
from attrition.training.metrics import expit, row_log_loss
from attrition.training.noise import CustomerBootstrap
from attrition.training.rows import Rows
from attrition.training.tree_shap import TreeShap

if TYPE_CHECKING:
    import xgboost

logger = logging.getLogger(__name__)

TREES = "boosted_trees"
SIMPLE = (RECENCY, RFM)
"""From the simplest on: what a version is where nothing more helps."""
AVERAGED = (TREES, LINEAR, RFM)
STEPS = 10
"""Weights are tenths."""
_WORDS = {
    TREES: "boosted trees",
    LINEAR: "a logistic regression on all features",
    RFM: "a logistic regression on recency, frequency and money",
    RECENCY: "a logistic regression on recency",
}


@dataclass(frozen=True)
class Blend:
    """One fit of a version.

    Attributes:
        booster: Bytes of the boosted trees, XGBoost's own format.
        linears: The linear models by name.
        weights: Weight of each part that counts, by name; they sum up to 1.
    """

    booster: bytes
    linears: Mapping[str, LinearModel]
    weights: Mapping[str, float]

    def margin(self, matrix: np.ndarray) -> np.ndarray:
        """Return log-odds for a matrix, float64, shape (rows,)."""
        margin = np.zeros(len(matrix))
        if not len(matrix):
            return margin
        for name, weight in self.weights.items():
            margin += weight * self.part_margin(name, matrix)
        return margin

    def part_margin(self, name: str, matrix: np.ndarray) -> np.ndarray:
        """Return the log-odds of one part alone, shape (rows,)."""
        if name != TREES:
            return self.linears[name].margin(matrix)
        margin = self.trees.inplace_predict(matrix, predict_type="margin")
        return margin.astype(np.float64)

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """Return what each column adds to the margin, and in the last column the rest.

        They are exact: TreeSHAP of the trees and the terms of the linear models, each with its
        weight; a row sums up to its margin.

        Args:
            matrix: Shape (rows, width).

        Returns:
            Shape (rows, width + 1); the last column is the margin of a row without any of it.
        """
        # column by column in memory, as it is added up
        total = np.zeros((matrix.shape[1] + 1, len(matrix))).T
        for name, weight in self.weights.items():
            if name == TREES:
                total += weight * self._tree_contributions(matrix)
            else:
                total[:, :-1] += weight * self.linears[name].terms(matrix)
                total[:, -1] += weight * self.linears[name].intercept
        return total

    def _tree_contributions(self, matrix: np.ndarray) -> np.ndarray:
        if self.tables is not None:
            return self.tables.contributions(matrix)
        import xgboost

        data = xgboost.DMatrix(matrix)
        return self.trees.predict(data, pred_contribs=True).astype(np.float64)

    def fitted_on(self, rows: Rows, booster: bytes) -> Blend:
        """Return the same parts with the same weights, fitted on other rows.

        Args:
            rows: Rows of a fit; the linear models are fitted again.
            booster: Bytes of a booster that was fitted on them.
        """
        linears = {
            name: fit_linear(rows, model.columns, model.strength)
            for name, model in self.linears.items()
        }
        return Blend(booster, linears, self.weights)

    @cached_property
    def trees(self) -> xgboost.Booster:
        """The loaded booster.

        Raises:
            xgboost.core.XGBoostError: The bytes are of another version of XGBoost.
        """
        import xgboost

        return xgboost.Booster(model_file=bytearray(self.booster))

    @cached_property
    def tables(self) -> TreeShap | None:
        """Tables of the contributions of the trees, or none where these are not for tables."""
        return TreeShap.of(self.trees)


def described(weights: Mapping[str, float]) -> str:
    """Return in words what a version with these weights is."""
    if len(weights) == 1:
        return _WORDS[next(iter(weights))]
    parts = [f"{weight:g} of {_WORDS[name]}" for name, weight in weights.items()]
    return ", ".join(parts[:-1]) + " and " + parts[-1]


def choose_weights(
    margins: Mapping[str, np.ndarray], is_attrition: np.ndarray, bootstrap: CustomerBootstrap
) -> dict[str, float]:
    """Choose the parts of a version and their weights on validation rows.

    The best weights are those with the smallest log loss; as good as these is what is no further
    from them than one standard error of the difference. The simplest of `SIMPLE` that is as good,
    and no worse than the average of all, is the version: on few rows one standard error alone is
    wide enough for a model that is clearly worse. Otherwise it is the blend nearest to equal
    weights that is as good.

    Args:
        margins: Log-odds of validation rows by part, fitted on training rows; always with `TREES`.
        is_attrition: 0 or 1, shape (rows,).
        bootstrap: Of the customers of these rows.

    Returns:
        Weight of each part that counts, in the order of `AVERAGED`.
    """
    averaged = [name for name in AVERAGED if name in margins]

    def loss_of(weights: tuple[float, ...]) -> np.ndarray:
        margin = sum(w * margins[name] for w, name in zip(weights, averaged, strict=True))
        return row_log_loss(expit(margin), is_attrition)

    # the rows' losses of each blend would take more memory than the rows
    means = {weights: loss_of(weights).mean() for weights in _grid(len(averaged))}
    best = min(means, key=lambda weights: (means[weights], weights))
    least = loss_of(best)

    def is_as_good(loss: np.ndarray) -> bool:
        difference = loss - least
        return bool(difference.mean() <= bootstrap.mean_error(difference))

    average = sum(margins[name] for name in averaged) / len(averaged)
    least_asked = row_log_loss(expit(average), is_attrition).mean()
    for name in SIMPLE:
        if name in margins:
            loss = row_log_loss(expit(margins[name]), is_attrition)
            if is_as_good(loss) and loss.mean() <= least_asked:
                return {name: 1.0}
    nearest = sorted(means, key=lambda weights: (_distance_to_equal(weights), weights))
    chosen = next(weights for weights in nearest if is_as_good(loss_of(weights)))
    return {name: w for name, w in zip(averaged, chosen, strict=True) if w}


def _grid(count: int) -> list[tuple[float, ...]]:
    tenths = itertools.product(range(STEPS + 1), repeat=count)
    return [tuple(t / STEPS for t in one) for one in tenths if sum(one) == STEPS]


def _distance_to_equal(weights: tuple[float, ...]) -> float:
    return round(sum((weight - 1 / len(weights)) ** 2 for weight in weights), 12)
