"""Logistic regressions to compare a version with: recency alone, and all selected features.

They are kept as JSON numbers that plain numpy evaluates. Both read the matrix of
`attrition.training.preprocessing.transform`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from attrition.training.metrics import expit, roc_auc
from attrition.training.preprocessing import CATEGORY, NUMBER, Preprocessing
from attrition.training.rows import Rows

RECENCY = "recency"
LOGISTIC_REGRESSION = "logistic_regression"
NAMES = (RECENCY, LOGISTIC_REGRESSION)

RECENCY_FEATURE = "days_since_last_order"
MAX_ROWS = 100_000


def recency_feature(preprocessing: Preprocessing, train: Rows) -> str | None:
    """Return the feature of the `recency` baseline.

    It is `days_since_last_order`, under whatever name; where that is not among the features, or
    dummies, the single number or boolean that ranks training rows best in either direction; none
    where there is no number.
    """
    slices = preprocessing.slices()
    plain = [feature for feature in preprocessing.features if feature.rule.encoding == NUMBER]
    for feature in plain:
        if RECENCY_FEATURE in (feature.name, feature.rule.original_name):
            return feature.name
    strengths = {
        feature.name: _strength(train.matrix[:, slices[feature.name].start], train.is_attrition)
        for feature in plain
        if feature.data_type != CATEGORY
    }
    return max(strengths, key=lambda name: strengths[name]) if strengths else None


def baseline_columns(preprocessing: Preprocessing, train: Rows) -> dict[str, list[int]]:
    """Return the matrix columns of each baseline that the features allow."""
    recency = recency_feature(preprocessing, train)
    columns = {LOGISTIC_REGRESSION: list(range(preprocessing.width))}
    if recency is None:
        return columns
    return {RECENCY: [preprocessing.slices()[recency].start], **columns}


def fit_baseline(rows: Rows, columns: list[int]) -> dict[str, Any]:
    """Fit a logistic regression on some columns of the matrix.

    Each column becomes sign(x) * log(1 + |x|), missing values the median, then mean 0 and variance
    1; the penalty is scikit-learn's default. Beyond `MAX_ROWS` rows, every n-th is used.

    Returns:
        `columns`, `medians`, `means`, `scales`, `coefficients` (one per column), `intercept`.
    """
    from sklearn.linear_model import LogisticRegression

    stride = -(-len(rows.is_attrition) // MAX_ROWS)
    logs = _signed_log(rows.matrix[::stride, columns])
    known = ~np.isnan(logs)
    medians = np.array(
        [
            np.median(logs[known[:, i], i]) if known[:, i].any() else 0.0
            for i in range(logs.shape[1])
        ]
    )
    filled = np.where(known, logs, medians)
    means, spreads = filled.mean(axis=0), filled.std(axis=0)
    scales = np.where(spreads > 1e-9, spreads, 1.0)
    model = LogisticRegression(max_iter=1000)
    model.fit((filled - means) / scales, rows.is_attrition[::stride])
    return {
        "columns": list(columns),
        "medians": _rounded(medians),
        "means": _rounded(means),
        "scales": _rounded(scales),
        "coefficients": _rounded(model.coef_[0]),
        "intercept": _rounded(model.intercept_)[0],
    }


def _rounded(values: np.ndarray) -> list[float]:
    """Return values at eight digits: the last ones depend on the threads of the fit."""
    return [float(f"{value:.8g}") for value in values]


def predict_baseline(baseline: Mapping[str, Any], matrix: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (rows,), of a baseline for a matrix of all feature columns."""
    logs = _signed_log(matrix[:, baseline["columns"]])
    filled = np.where(np.isnan(logs), baseline["medians"], logs)
    standardised = (filled - np.array(baseline["means"])) / np.array(baseline["scales"])
    return expit(standardised @ np.array(baseline["coefficients"]) + baseline["intercept"])


def _signed_log(values: np.ndarray) -> np.ndarray:
    wide = values.astype(np.float64)
    return np.sign(wide) * np.log1p(np.abs(wide))


def _strength(values: np.ndarray, is_attrition: np.ndarray) -> float:
    """Return how far the AUC of known values is from one half; unknown values sit at the median."""
    known = ~np.isnan(values)
    if not known.any():
        return 0.0
    filled = np.where(known, values, np.median(values[known]))
    return abs(roc_auc(filled, is_attrition) - 0.5)
