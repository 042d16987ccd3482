"""From margins (log-odds) to calibrated probabilities, as a small JSON rule plain numpy applies.

A rule is one of

- `{"method": "none"}`: the logistic function of the margin,
- `{"method": "sigmoid", "slope": a, "intercept": b}`: the logistic function of `a * margin + b`,
- `{"method": "isotonic", "margins": [...], "probabilities": [...]}`: straight lines between knots,
- `{"method": "seasonal", "slope": a, "intercept": b, "intercepts": {"1": b1, ...}}`: the logistic
  function of `a * margin` and the intercept of the row's calendar month, `b` for a month that is
  not named.

A month's intercept is learnt from the newest rows of that season, which for a snapshot to be scored
are those of one year before; so the rule knows how a season moves what the model does not see.

The first snapshots of a history, while the population still grows into it, are left out: few
customers, all of them new, say little of later ones.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from attrition.training.metrics import expit, row_log_loss
from attrition.training.noise import CustomerBootstrap

MIN_PER_CLASS = 50
FOLDS = 5
_YEAR = 12

CALIBRATIONS = ("none", "sigmoid", "isotonic", "seasonal")
"""From the stiffest to the most flexible; `auto` prefers the earlier of two that are as good."""
NONE: dict[str, Any] = {"method": "none"}

logger = logging.getLogger(__name__)


def apply_calibration(
    rule: Mapping[str, Any], margin: np.ndarray, as_of_dates: np.ndarray
) -> np.ndarray:
    """Return probabilities for margins, both of shape (rows,).

    Args:
        rule: One of the rules of this module.
        margin: Log-odds, shape (rows,).
        as_of_dates: Date of each row's snapshot (datetime64), shape (rows,).

    Raises:
        ValueError: The rule has a method this library does not know.
    """
    return _apply(rule, np.asarray(margin, dtype=np.float64), month_number(as_of_dates))


def _apply(rule: Mapping[str, Any], margin: np.ndarray, month: np.ndarray) -> np.ndarray:
    if rule["method"] == "none":
        return expit(margin)
    if rule["method"] == "sigmoid":
        return expit(rule["slope"] * margin + rule["intercept"])
    if rule["method"] == "isotonic":
        return np.interp(margin, rule["margins"], rule["probabilities"])
    if rule["method"] == "seasonal":
        by_month = [rule["intercepts"].get(str(m), rule["intercept"]) for m in range(1, 13)]
        return expit(rule["slope"] * margin + np.array(by_month)[month % 12])
    raise ValueError(f"calibration method {rule['method']!r}; known are {', '.join(CALIBRATIONS)}")


def month_number(dates: np.ndarray) -> np.ndarray:
    """Return months since January of year 0 of dates (datetime64); modulo 12, January is 0."""
    return dates.astype("datetime64[M]").astype(np.int64) + 1970 * 12


def fit_calibration(
    method: str,
    margin: np.ndarray,
    is_attrition: np.ndarray,
    customers: np.ndarray,
    as_of_dates: np.ndarray,
) -> dict[str, Any]:
    """Fit a rule on rows that no booster was fitted on.

    Args:
        method: One of `CALIBRATIONS`, or `auto` for the one with the smallest log loss when each
            customer is predicted by a rule fitted on other customers; a more flexible one must be
            better by more than a standard error. Where enough rows have a year
            before them, every rule is fitted on what the others did a year before and earlier, so
            that `seasonal` is judged by what it will know; elsewhere it is left out.
        margin: Log-odds, shape (rows,).
        is_attrition: 0 or 1, shape (rows,).
        customers: An integer per row, the same for all rows of a customer.
        as_of_dates: Date of each row's snapshot (datetime64), shape (rows,).

    Returns:
        The rule; `none` where fewer than `MIN_PER_CLASS` rows of either outcome exist, or where the
        margins do not rise with attrition.
    """
    if method == "none" or not has_enough(is_attrition):
        return dict(NONE)
    sample = _without_ramp_up(
        _Sample(np.asarray(margin, np.float64), is_attrition, customers, month_number(as_of_dates))
    )
    return _fit(_choose(sample) if method == "auto" else method, sample)


@dataclass(frozen=True)
class _Sample:
    """Rows to calibrate on: margins, labels, customers as integers, months."""

    margin: np.ndarray
    is_attrition: np.ndarray
    customers: np.ndarray
    month: np.ndarray

    def where(self, mask: np.ndarray) -> _Sample:
        return _Sample(
            self.margin[mask], self.is_attrition[mask], self.customers[mask], self.month[mask]
        )


def has_enough(is_attrition: np.ndarray) -> bool:
    """Say whether there are enough attritions and enough others to calibrate on."""
    attritions = int(np.sum(is_attrition))
    return min(attritions, len(is_attrition) - attritions) >= MIN_PER_CLASS


def _choose(sample: _Sample) -> str:
    if len(np.unique(sample.customers)) < FOLDS:
        return CALIBRATIONS[0]
    probability = {name: _cross_fitted(name, sample, _YEAR) for name in CALIBRATIONS}
    judged = np.all([~np.isnan(one) for one in probability.values()], axis=0)
    if not has_enough(sample.is_attrition[judged]):
        plain = [name for name in CALIBRATIONS if name != "seasonal"]
        probability = {name: _cross_fitted(name, sample, 0) for name in plain}
        judged = np.ones(len(sample.margin), dtype=bool)
    losses = {
        name: row_log_loss(predicted[judged], sample.is_attrition[judged])
        for name, predicted in probability.items()
    }
    bootstrap = CustomerBootstrap(sample.customers[judged], random_seed=0)
    chosen = CALIBRATIONS[0]
    for name, loss in losses.items():
        gain = losses[chosen] - loss
        if gain.mean() > bootstrap.mean_error(gain):
            chosen = name
    logger.info(
        "calibration: %s (cross-fitted log loss %s)",
        chosen,
        ", ".join(f"{name} {loss.mean():.4f}" for name, loss in losses.items()),
    )
    return chosen


def _cross_fitted(method: str, sample: _Sample, months_before: int) -> np.ndarray:
    """Predict each customer by a rule fitted on others.

    Args:
        method: One of `CALIBRATIONS`.
        sample: Rows.
        months_before: 0 for a rule from all months, or how much older its rows are at least; a
            season reaches a month further on both sides.

    Returns:
        Probabilities, shape (rows,); NaN where no rule could be fitted.
    """
    folds = np.unique(sample.customers, return_inverse=True)[1] % FOLDS
    probability = np.full(len(sample.margin), np.nan)
    for fold in range(FOLDS):
        is_inside = folds == fold
        others = sample.where(~is_inside)
        if not months_before:
            rule = _fit(method, others)
            probability[is_inside] = _apply(rule, sample.margin[is_inside], sample.month[is_inside])
            continue
        for month in np.unique(sample.month[is_inside]):
            rows = is_inside & (sample.month == month)
            rule = _known_by(month - months_before, method, others)
            if rule is not None:
                probability[rows] = _apply(rule, sample.margin[rows], sample.month[rows])
    return probability


def _known_by(month: int, method: str, sample: _Sample) -> dict[str, Any] | None:
    """Fit a rule on what was known of a month and its season; none where that is too little."""
    known = sample.where(sample.month <= month + 1)
    if not has_enough(known.is_attrition):
        return None
    rule = _fit(method, known)
    if method == "seasonal" and str(month % 12 + 1) not in rule["intercepts"]:
        return None
    return rule


def _without_ramp_up(sample: _Sample) -> _Sample:
    """Leave out the months before the first with half as many rows as the fullest one."""
    months, counts = np.unique(sample.month, return_counts=True)
    first = months[np.argmax(2 * counts >= counts.max())]
    grown = sample.where(sample.month >= first)
    return grown if has_enough(grown.is_attrition) else sample


def _fit(method: str, sample: _Sample) -> dict[str, Any]:
    if method == "sigmoid":
        return _fit_sigmoid(sample.margin, sample.is_attrition)
    if method == "isotonic":
        return _fit_isotonic(sample.margin, sample.is_attrition)
    if method == "seasonal":
        return _fit_seasonal(sample)
    return dict(NONE)


def _fit_seasonal(sample: _Sample) -> dict[str, Any]:
    """Learn one slope, and an intercept for each calendar month from its newest season."""
    slope = _slope_within_months(sample)
    if not slope > 0:
        return dict(NONE)
    scaled = _Sample(slope * sample.margin, sample.is_attrition, sample.customers, sample.month)
    intercepts: dict[str, float] = {}
    for month in sorted(np.unique(sample.month), reverse=True):
        calendar_month = str(month % 12 + 1)
        intercept = _season_intercept(scaled, month)
        if calendar_month not in intercepts and intercept is not None:
            intercepts[calendar_month] = intercept
    overall = _intercept(scaled.margin, scaled.is_attrition)
    return {"method": "seasonal", "slope": slope, "intercept": overall, "intercepts": intercepts}


def _slope_within_months(sample: _Sample) -> float:
    """Return the slope of a logistic regression with an intercept for each month.

    The level of a month then says nothing about the slope; a change of level over time would.
    """
    from sklearn.linear_model import LogisticRegression

    months, position = np.unique(sample.month, return_inverse=True)
    design = np.column_stack([sample.margin, np.eye(len(months))[position]])
    # too weak a penalty to matter: it decides where a month has one outcome only
    model = LogisticRegression(C=1e4, solver="newton-cholesky", fit_intercept=False, tol=1e-8)
    return float(f"{model.fit(design, sample.is_attrition).coef_[0, 0]:.8g}")


def _season_intercept(sample: _Sample, month: int) -> float | None:
    """Return the intercept of a month and its two neighbours, or None for too few rows.

    A month without a row of its own has none: its neighbours may lie on one side only.
    """
    if not np.any(sample.month == month):
        return None
    season = np.abs(sample.month - month) <= 1
    if not has_enough(sample.is_attrition[season]):
        return None
    return _intercept(sample.margin[season], sample.is_attrition[season])


def _intercept(margin: np.ndarray, is_attrition: np.ndarray) -> float:
    """Return the shift of margins whose mean probability is the share of attritions.

    It is the maximum likelihood estimate of a logistic regression's intercept with the margin as
    offset; found by bisection, since the mean probability rises with the shift.
    """
    low, high, share = -30.0, 30.0, float(np.mean(is_attrition))
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if np.mean(expit(margin + middle)) > share else (middle, high)
    return float(f"{(low + high) / 2:.10g}")


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
    slope, intercept = (float(f"{value:.10g}") for value in coefficients)
    if not slope > 0:
        return dict(NONE)
    return {"method": "sigmoid", "slope": slope, "intercept": intercept}


def _fit_isotonic(margin: np.ndarray, is_attrition: np.ndarray) -> dict[str, Any]:
    """Fit a rising step rule whose ends stay half a row away from certainty."""
    from sklearn.isotonic import IsotonicRegression

    edge = 1 / (2 * (len(margin) + 1))
    model = IsotonicRegression(y_min=edge, y_max=1 - edge, out_of_bounds="clip")
    model.fit(margin, is_attrition)
    if np.ptp(model.y_thresholds_) == 0:
        return dict(NONE)
    return {
        "method": "isotonic",
        "margins": model.X_thresholds_.tolist(),
        "probabilities": model.y_thresholds_.tolist(),
    }
