"""Metrics of probabilities against outcomes, in numpy: what tuning maximises.

The published metrics are computed in SQL; these are the ones that training needs while it runs.
They do not depend on the number of threads, so a search takes the same path on every machine.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

SMALLEST_PROBABILITY = 1e-15


def expit(margin: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-margin)) in float64 without overflow."""
    margin = np.asarray(margin, dtype=np.float64)
    shrunk = np.exp(-np.abs(margin))
    return np.where(margin >= 0, 1.0, shrunk) / (1.0 + shrunk)


def cumulative_counts(
    probability: np.ndarray, is_attrition: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count rows and attritions at or above each distinct probability.

    Returns:
        Distinct probabilities in descending order, the number of rows with at least that
        probability, and the number of attritions among them.
    """
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    last_of_its_value = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    attritions = np.cumsum(is_attrition[order], dtype=np.int64)
    return ranked[last_of_its_value], last_of_its_value + 1, attritions[last_of_its_value]


def roc_auc(probability: np.ndarray, is_attrition: np.ndarray) -> float:
    """Return the area under the ROC curve, ties counted half; both classes must be present."""
    _, rows, attritions = cumulative_counts(probability, is_attrition)
    others = rows - attritions
    heights = attritions + np.append(0, attritions[:-1])
    area = int(np.sum(np.diff(others, prepend=0) * heights))
    return area / (2 * int(attritions[-1]) * int(others[-1]))


def average_precision(probability: np.ndarray, is_attrition: np.ndarray) -> float:
    """Return the precision at each distinct probability, weighted by the recall it adds."""
    _, rows, attritions = cumulative_counts(probability, is_attrition)
    return float(np.sum(np.diff(attritions, prepend=0) * (attritions / rows)) / attritions[-1])


def log_loss(probability: np.ndarray, is_attrition: np.ndarray) -> float:
    """Return the mean negative log-likelihood; smaller is better."""
    return float(np.mean(row_log_loss(probability, is_attrition)))


def row_log_loss(probability: np.ndarray, is_attrition: np.ndarray) -> np.ndarray:
    """Return the negative log-likelihood of each row, shape (rows,)."""
    clipped = np.clip(probability, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    return -np.where(is_attrition == 1, np.log(clipped), np.log1p(-clipped))


def f1_by_threshold(
    probability: np.ndarray, is_attrition: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct probabilities, descending, and F1 of deciding `probability >= it`."""
    thresholds, rows, attritions = cumulative_counts(probability, is_attrition)
    return thresholds, 2 * attritions / (rows + int(np.sum(is_attrition)))


def best_f1(probability: np.ndarray, is_attrition: np.ndarray) -> float:
    """Return the largest F1 that a threshold reaches."""
    return float(np.max(f1_by_threshold(probability, is_attrition)[1]))


def accuracy(probability: np.ndarray, is_attrition: np.ndarray) -> float:
    """Return the share of rows on the right side of probability one half."""
    return float(np.mean((probability >= 0.5) == (is_attrition == 1)))


METRICS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "auc": roc_auc,
    "average_precision": average_precision,
    "log_loss": log_loss,
    "f1": best_f1,
    "accuracy": accuracy,
}
"""What `optimize` names: functions of (probability, is_attrition)."""


def gain(name: str, probability: np.ndarray, is_attrition: np.ndarray) -> float:
    """Return a metric so that larger is better: the negative of the log loss."""
    value = float(METRICS[name](probability, is_attrition))
    return -value if name == "log_loss" else value
