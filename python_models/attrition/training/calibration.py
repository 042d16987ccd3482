"""From margins (log-odds) to calibrated probabilities, as a small JSON rule plain numpy applies.

A rule is one of

- `{"method": "none"}`: the logistic function of the margin,
- `{"method": "sigmoid", "slope": a, "intercept": b}`: the logistic function of `a * margin + b`,
- `{"method": "isotonic", "margins": [...], "probabilities": [...]}`: straight lines between knots.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np

from attrition.training.metrics import expit, log_loss

MIN_PER_CLASS = 50
FOLDS = 5
TIE = 5e-4
"""A more flexible rule must lower the cross-fitted log loss by more than this."""

METHODS = ("none", "sigmoid", "isotonic")
NONE: dict[str, Any] = {"method": "none"}

logger = logging.getLogger(__name__)


def apply_calibration(rule: Mapping[str, Any], margin: np.ndarray) -> np.ndarray:
    """Return probabilities for margins, both of shape (rows,).

    Raises:
        ValueError: The rule has a method this library does not know.
    """
    margin = np.asarray(margin, dtype=np.float64)
    if rule["method"] == "none":
        return expit(margin)
    if rule["method"] == "sigmoid":
        return expit(rule["slope"] * margin + rule["intercept"])
    if rule["method"] == "isotonic":
        return np.interp(margin, rule["margins"], rule["probabilities"])
    raise ValueError(f"calibration method {rule['method']!r}; known are {', '.join(METHODS)}")


def fit_calibration(
    method: str, margin: np.ndarray, is_attrition: np.ndarray, customers: np.ndarray
) -> dict[str, Any]:
    """Fit a rule on rows that no booster was fitted on.

    Args:
        method: `none`, `sigmoid`, `isotonic`, or `auto` for the one with the smallest log loss when
            each customer is predicted by a rule fitted on other customers.
        margin: Log-odds, shape (rows,).
        is_attrition: 0 or 1, shape (rows,).
        customers: An integer per row, the same for all rows of a customer.

    Returns:
        The rule; `none` where fewer than `MIN_PER_CLASS` rows of either outcome exist, or where the
        margins do not rise with attrition.
    """
    if method == "none" or not has_enough(is_attrition):
        return dict(NONE)
    chosen = _choose(margin, is_attrition, customers) if method == "auto" else method
    return _fit(chosen, margin, is_attrition)


def has_enough(is_attrition: np.ndarray) -> bool:
    """Say whether there are enough attritions and enough others to calibrate on."""
    attritions = int(np.sum(is_attrition))
    return min(attritions, len(is_attrition) - attritions) >= MIN_PER_CLASS


def _choose(margin: np.ndarray, is_attrition: np.ndarray, customers: np.ndarray) -> str:
    if len(np.unique(customers)) < FOLDS:
        return METHODS[0]
    losses = {name: _cross_fitted_loss(name, margin, is_attrition, customers) for name in METHODS}
    chosen = METHODS[0]
    for name in METHODS[1:]:
        if losses[name] < losses[chosen] - TIE:
            chosen = name
    logger.info(
        "calibration: %s (cross-fitted log loss %s)",
        chosen,
        ", ".join(f"{name} {loss:.4f}" for name, loss in losses.items()),
    )
    return chosen


def _cross_fitted_loss(
    method: str, margin: np.ndarray, is_attrition: np.ndarray, customers: np.ndarray
) -> float:
    folds = np.unique(customers, return_inverse=True)[1] % FOLDS
    probability = np.empty(len(margin))
    for fold in range(FOLDS):
        inside = folds == fold
        rule = _fit(method, margin[~inside], is_attrition[~inside])
        probability[inside] = apply_calibration(rule, margin[inside])
    return log_loss(probability, is_attrition)


def _fit(method: str, margin: np.ndarray, is_attrition: np.ndarray) -> dict[str, Any]:
    margin = np.asarray(margin, dtype=np.float64)
    if method == "sigmoid":
        return _fit_sigmoid(margin, is_attrition)
    if method == "isotonic":
        return _fit_isotonic(margin, is_attrition)
    return dict(NONE)


def _fit_sigmoid(margin: np.ndarray, is_attrition: np.ndarray) -> dict[str, Any]:
    """Fit slope and intercept by Newton's method.

    Source: J. Platt, Probabilistic outputs for support vector machines, 1999, with his smoothed
    targets (n + 1) / (n + 2) and 1 / (n + 2), which keep the fit finite on separable rows.
    """
    attritions = float(np.sum(is_attrition))
    others = len(is_attrition) - attritions
    target = np.where(is_attrition == 1, (attritions + 1) / (attritions + 2), 1 / (others + 2))
    design = np.column_stack([margin, np.ones_like(margin)])
    coefficients = np.array([1.0, 0.0])
    for _ in range(100):
        probability = expit(design @ coefficients)
        gradient = design.T @ (probability - target)
        weight = probability * (1 - probability)
        hessian = (design * weight[:, None]).T @ design + 1e-10 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        coefficients = coefficients - step * min(1.0, 5.0 / (np.abs(step).max() + 1e-300))
        if np.abs(step).max() < 1e-12:
            break
    slope, intercept = coefficients.tolist()
    if not slope > 0:
        return dict(NONE)
    return {"method": "sigmoid", "slope": slope, "intercept": intercept}


def _fit_isotonic(margin: np.ndarray, is_attrition: np.ndarray) -> dict[str, Any]:
    """Fit a rising step rule whose ends stay half a row away from certainty."""
    from sklearn.isotonic import IsotonicRegression

    edge = 1 / (2 * (len(margin) + 1))
    model = IsotonicRegression(y_min=edge, y_max=1 - edge, out_of_bounds="clip")
    model.fit(margin, is_attrition)
    return {
        "method": "isotonic",
        "margins": model.X_thresholds_.tolist(),
        "probabilities": model.y_thresholds_.tolist(),
    }
