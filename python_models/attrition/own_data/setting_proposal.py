"""Settings that suit a history of purchases."""

from math import ceil
from typing import Any

from attrition.own_data.purchase_history import DAYS_PER_MONTH, PurchaseHistory

_MONTH_HORIZONS = (1, 2, 3, 4, 6, 9, 12)
_WEEK_HORIZONS = (1, 2, 3, 4, 6, 8, 13, 26)


def propose_settings(
    history: PurchaseHistory, has_units: bool = True
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return ({setting: value}, {setting: why}) that suit a history of purchases."""
    usual = history.usual_gap_days
    by_week = history.months < 9 or (usual is not None and usual <= 21)
    grain, noun, days = ("week", "weeks", 7.0) if by_week else ("month", "months", DAYS_PER_MONTH)
    length = max(round(history.months * DAYS_PER_MONTH / days), 1)
    horizon = _horizon(usual, length, days, _WEEK_HORIZONS if by_week else _MONTH_HORIZONS)
    windows = [w for w in ((4, 13, 26) if by_week else (3, 6, 12)) if w <= max(length - horizon, 1)]
    labelled = max(length - horizon, 1)
    months = next((n for n in (3, 2) if labelled - n - (horizon - 1) >= 2 * horizon), 1)
    gap_text = (
        "nobody bought twice; half of what the history allows"
        if usual is None
        else f"85 % of a customer's gaps between purchases are {usual:.0f} days or shorter"
    )
    values: dict[str, Any] = {
        "time_grain": grain,
        "attrition_horizon": horizon,
        "lookback_windows": windows or [1],
        "population": "active",
        "split": {"mode": "last_n_months", "months": months},
        "start_month": None,
    }
    reasons = {
        "time_grain": f"{_count(round(history.months), 'month')} of history, usual gaps counted in "
        f"{noun}",
        "attrition_horizon": gap_text + f"; the history has {_count(length, grain)}",
        "lookback_windows": f"within the {noun} that lie before a label",
        "population": f"scores whoever bought within the last {_count(horizon, grain)}",
        "split": f"{labelled} labelled snapshots or so: {months} newest for the test",
        "start_month": "as soon as there is a customer",
    }
    if history.dense_month > f"{history.first_day:%Y-%m}":
        values["start_month"] = history.dense_month
        reasons["start_month"] = "hardly a purchase before"
    if has_units and history.days_per_unit:
        values["supply_days_per_unit"] = _two_digits(history.days_per_unit)
        reasons["supply_days_per_unit"] = "days between purchases over units, median customer"
    return values, reasons


def _horizon(usual: float | None, length: int, days: float, candidates: tuple[int, ...]) -> int:
    """Return the shortest horizon that the usual gap fits into and the history allows."""
    longest = max(length // 3, 1)
    wanted = ceil(usual / days - 0.05) if usual is not None else longest
    allowed = [candidate for candidate in candidates if candidate <= longest]
    return next((candidate for candidate in allowed if candidate >= wanted), allowed[-1])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _two_digits(value: float) -> float | int:
    rounded = float(f"{value:.2g}")
    return int(rounded) if rounded.is_integer() else rounded
