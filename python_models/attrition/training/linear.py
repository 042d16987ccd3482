"""Logistic regressions on columns of the boosters' matrix: parts of a version, and its peers.

Each column becomes sign(x) * log(1 + |x|), missing values the median with a column of their own
that says so, all of it mean 0 and variance 1; the penalty is the squared length of the coefficients
(ridge). What is kept are JSON numbers that plain numpy evaluates.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from attrition.training.metrics import expit, roc_auc
from attrition.training.preprocessing import CATEGORY, NUMBER, Preprocessing
from attrition.training.rows import Rows

RECENCY = "recency"
RFM = "rfm"
LINEAR = "logistic_regression"
NAMES = (RECENCY, RFM, LINEAR)

RECENCY_FEATURE = "days_since_last_order"
# the logarithm of all that was spent is the sum of these two's
FREQUENCY_AND_MONEY = ("order_count", "consumable_amount_per_order")
STRENGTHS = (0.001, 0.01, 0.1, 1.0)
"""Values of scikit-learn's `C` to choose from, the stiffest first."""
PLAIN_STRENGTH = 1.0
MAX_ROWS = 100_000
ROOM = 0.5
"""Values beyond those of the fit count up to this share of their range beyond it."""
ROWS_AT_ONCE = 8192


@dataclass(frozen=True)
class LinearModel:
    """A logistic regression; each tuple has one value per column.

    Attributes:
        columns: Columns of the matrix.
        fills: What stands for a missing value, on the scale of logarithms.
        lows: Smallest value that counts, on the same scale.
        highs: Largest value that counts.
        means: Mean over the rows of the fit.
        scales: Standard deviation, 1 for a constant.
        coefficients: Log-odds per standard deviation.
        unknown_means: Share of missing values.
        unknown_scales: Standard deviation of being missing, 1 where that is constant.
        unknown_coefficients: Log-odds per standard deviation of being missing.
        intercept: Log-odds of an average row.
        strength: scikit-learn's `C`, which a refit takes again.
    """

    columns: tuple[int, ...]
    fills: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    coefficients: tuple[float, ...]
    unknown_means: tuple[float, ...]
    unknown_scales: tuple[float, ...]
    unknown_coefficients: tuple[float, ...]
    intercept: float
    strength: float

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> LinearModel:
        """Read what `as_dict` wrote.

        Raises:
            KeyError: A value is missing.
        """
        values = {field.name: written[field.name] for field in fields(cls)}
        return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})

    def margin(self, matrix: np.ndarray) -> np.ndarray:
        """Return log-odds for a matrix of all columns, shape (rows,)."""
        parts = [terms.sum(axis=1) for terms in self._terms_in_turn(matrix)]
        return self.intercept + np.concatenate([np.empty(0), *parts])

    def probability(self, matrix: np.ndarray) -> np.ndarray:
        """Return probabilities, shape (rows,)."""
        return expit(self.margin(matrix))

    def terms(self, matrix: np.ndarray) -> np.ndarray:
        """Return what each column adds to the log-odds of an average row.

        Args:
            matrix: All columns, shape (rows, width).

        Returns:
            Shape (rows, width); with the intercept they sum up to the margin, exactly.
        """
        terms = np.zeros(matrix.shape)
        for start, some in zip(_starts(matrix), self._terms_in_turn(matrix), strict=True):
            terms[start : start + len(some), list(self.columns)] = some
        return terms

    def _terms_in_turn(self, matrix: np.ndarray) -> Iterator[np.ndarray]:
        for start in _starts(matrix):
            yield self._terms(matrix[start : start + ROWS_AT_ONCE])

    def _terms(self, matrix: np.ndarray) -> np.ndarray:
        known, unknown = self.standardised(matrix)
        return known * self._arrays["coefficients"] + unknown * self._arrays["unknown_coefficients"]

    def standardised(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return values and being missing as the fit sees them, each of shape (rows, columns)."""
        given = self._arrays
        logs = signed_log(matrix[:, list(self.columns)])
        is_unknown = np.isnan(logs)
        values = np.clip(np.where(is_unknown, given["fills"], logs), given["lows"], given["highs"])
        return (
            (values - given["means"]) / given["scales"],
            (is_unknown - given["unknown_means"]) / given["unknown_scales"],
        )

    @cached_property
    def _arrays(self) -> dict[str, np.ndarray]:
        return {
            field.name: np.array(getattr(self, field.name), dtype=np.float64)
            for field in fields(self)
            if field.name not in ("columns", "intercept", "strength")
        }


def _starts(matrix: np.ndarray) -> range:
    return range(0, len(matrix), ROWS_AT_ONCE)


def fit_linear(rows: Rows, columns: Sequence[int], strength: float = PLAIN_STRENGTH) -> LinearModel:
    """Fit a logistic regression on some columns of the matrix.

    Beyond `MAX_ROWS` rows, every n-th is used. Where the direction of a column is given, a
    coefficient that contradicts it is left out, and the others are fitted again. The distortion of
    balanced rows is taken out of the intercept.

    Args:
        rows: Rows of a fit, both outcomes present.
        columns: Columns of the matrix.
        strength: scikit-learn's `C`; smaller is stiffer.
    """
    stride = -(-len(rows) // MAX_ROWS)
    every = slice(None, None, stride)
    matrix, labels = rows.part(every), rows.is_attrition[every]
    weight = None if rows.weight is None else rows.weight[every]
    scaling = _scaling(matrix, columns, strength)
    design = np.hstack(scaling.standardised(matrix))
    count = len(columns)
    directions = np.array([rows.directions[c] if rows.directions else 0 for c in columns])
    is_used = np.concatenate([np.ones(count, bool), np.array(scaling.unknown_means) > 0])
    while True:
        coefficients, intercept = _ridge(design, labels, weight, is_used, strength)
        is_wrong = coefficients[:count] * directions < 0
        if not is_wrong.any():
            break
        is_used[:count] &= ~is_wrong
    return LinearModel(
        **{
            **asdict(scaling),
            "coefficients": rounded(coefficients[:count]),
            "unknown_coefficients": rounded(coefficients[count:]),
            "intercept": rounded([intercept - rows.log_odds_shift])[0],
        }
    )


def _scaling(matrix: np.ndarray, columns: Sequence[int], strength: float) -> LinearModel:
    """Return a model that knows how columns are transformed, and nothing of the outcome."""
    logs = signed_log(matrix[:, list(columns)])
    is_unknown = np.isnan(logs)
    with warnings.catch_warnings():
        # a column without any known value is constant
        warnings.simplefilter("ignore", RuntimeWarning)
        fills = np.nan_to_num(np.nanmedian(logs, axis=0))
    filled = np.where(is_unknown, fills, logs)
    lows, highs = filled.min(axis=0), filled.max(axis=0)
    room = ROOM * (highs - lows)
    zeros = (0.0,) * len(columns)
    return LinearModel(
        columns=tuple(int(column) for column in columns),
        fills=rounded(fills),
        lows=rounded(lows - room),
        highs=rounded(highs + room),
        means=rounded(filled.mean(axis=0)),
        scales=rounded(_spread(filled)),
        coefficients=zeros,
        unknown_means=rounded(is_unknown.mean(axis=0)),
        unknown_scales=rounded(_spread(is_unknown.astype(np.float64))),
        unknown_coefficients=zeros,
        intercept=0.0,
        strength=strength,
    )


def _ridge(
    design: np.ndarray,
    labels: np.ndarray,
    weight: np.ndarray | None,
    is_used: np.ndarray,
    strength: float,
) -> tuple[np.ndarray, float]:
    """Return a coefficient per column of the design, 0 where it is not used, and the intercept."""
    from sklearn.linear_model import LogisticRegression

    coefficients = np.zeros(design.shape[1])
    if not is_used.any():
        share = float(np.average(labels, weights=weight))
        return coefficients, float(np.log(share / (1 - share)))
    model = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=200, tol=1e-8)
    model.fit(design[:, is_used], labels, sample_weight=weight)
    coefficients[is_used] = model.coef_[0]
    return coefficients, float(model.intercept_[0])


def peer_columns(preprocessing: Preprocessing, train: Rows) -> dict[str, list[int]]:
    """Return the matrix columns of each model in `NAMES` that the features allow.

    `recency` reads `days_since_last_order`, under whatever name; where that is not among the
    features, or dummies, the single number or boolean that ranks training rows best in either
    direction. `rfm` adds the number of orders and the amount per order, where both are there.
    """
    slices = preprocessing.slices()
    plain = [feature for feature in preprocessing.features if feature.rule.encoding == NUMBER]
    position = {
        name: slices[feature.name].start
        for feature in plain
        for name in (feature.rule.original_name or feature.name, feature.name)
    }
    found: dict[str, list[int]] = {}
    recency = position.get(RECENCY_FEATURE)
    if recency is not None:
        found[RECENCY] = [recency]
        if all(name in position for name in FREQUENCY_AND_MONEY):
            found[RFM] = [recency, *(position[name] for name in FREQUENCY_AND_MONEY)]
    else:
        strengths = {
            slices[feature.name].start: _separation(
                train.column(slices[feature.name].start), train.is_attrition
            )
            for feature in plain
            if feature.data_type != CATEGORY
        }
        if strengths:
            found[RECENCY] = [max(strengths, key=lambda column: strengths[column])]
    found[LINEAR] = list(range(preprocessing.width))
    return found


def signed_log(values: np.ndarray) -> np.ndarray:
    """Return sign(x) * log(1 + |x|) in float64."""
    wide = values.astype(np.float64)
    return np.sign(wide) * np.log1p(np.abs(wide))


def rounded(values: Sequence[float] | np.ndarray) -> tuple[float, ...]:
    """Return values at eight digits: the last ones depend on the threads of the fit."""
    return tuple(float(f"{value:.8g}") for value in values)


def _spread(values: np.ndarray) -> np.ndarray:
    spread = values.std(axis=0)
    return np.where(spread > 1e-9, spread, 1.0)


def _separation(values: np.ndarray, is_attrition: np.ndarray) -> float:
    """Return how far the AUC of known values is from one half; unknown values sit at the median."""
    known = ~np.isnan(values)
    if not known.any():
        return 0.0
    filled = np.where(known, values, np.median(values[known]))
    return abs(roc_auc(filled, is_attrition) - 0.5)
