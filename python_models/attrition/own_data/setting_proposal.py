"""Settings that suit a history of purchases."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from attrition.own_data.purchase_history import DAYS_PER_MONTH, PurchaseHistory
from attrition.settings.model import WINDOWS_IN_HORIZONS
from attrition.settings.time_grain import buckets_in_horizons, buckets_in_months, buckets_text

_HORIZONS = {"month": (1, 2, 3, 4, 6, 9, 12), "week": (1, 2, 3, 4, 6, 8, 13, 26)}
_DAYS = {"month": DAYS_PER_MONTH, "week": 7.0}


def propose_settings(
    history: PurchaseHistory, has_units: bool = True, given: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return ({setting: value}, {setting: why}) that suit a history of purchases.

    Args:
        history: The purchases.
        has_units: Whether units or money are known; without, the records are no purchases.
        given: `time_grain` and `attrition_horizon`, where somebody said them; the others follow.
    """
    given = given or {}
    usual = history.usual_gap_days
    by_week = history.months < 9 or (usual is not None and usual <= 21)
    grain = given.get("time_grain") or ("week" if by_week else "month")
    length = max(round(history.months * DAYS_PER_MONTH / _DAYS[grain]), 1)
    horizon = given.get("attrition_horizon") or _horizon(usual, length, grain)
    labelled = max(length - horizon, 1)
    windows = buckets_in_horizons(WINDOWS_IN_HORIZONS, horizon)
    windows = [window for window in windows if window <= labelled] or [1]
    split, test = _split(labelled, horizon, grain)
    gap_text = (
        "nobody bought twice; half of what the history allows"
        if usual is None
        else f"85 % of a customer's gaps between purchases are {usual:.0f} days or shorter"
    )
    values: dict[str, Any] = {
        "time_grain": grain,
        "attrition_horizon": horizon,
        "lookback_windows": windows,
        "population": "active",
        "split": split,
        "start_month": None,
    }
    reasons = {
        "time_grain": f"{buckets_text(round(history.months), 'month')} of history, usual gaps "
        f"counted in {grain}s",
        "attrition_horizon": gap_text + f"; the history has {buckets_text(length, grain)}",
        "lookback_windows": f"half, once and twice the horizon, within the {grain}s that lie "
        "before a label",
        "population": f"scores whoever bought within the last {buckets_text(horizon, grain)}",
        "split": f"{labelled} labelled snapshots or so, one a {grain}: {test} newest for the test",
        "start_month": "as soon as there is a customer",
    }
    if history.dense_month > f"{history.first_day:%Y-%m}":
        values["start_month"] = history.dense_month
        reasons["start_month"] = "hardly a purchase before"
    if has_units and history.days_per_unit:
        values["supply_days_per_unit"] = _two_digits(history.days_per_unit)
        reasons["supply_days_per_unit"] = "days between purchases over units, median customer"
    if not has_units:
        # made of units alone, so that it says nothing here
        values["drop"] = ["consumable_residual_days"]
        reasons["drop"] = "without units, nobody knows how long what was bought lasts"
        values["words"] = {"event": "active day", "unit": "event", "line": "event"}
        reasons["words"] = (
            "neither units nor money: what customers do is no order; sentences speak so"
        )
    return values, reasons


def _horizon(usual: float | None, length: int, grain: str) -> int:
    """Return the shortest horizon that the usual gap fits into and the history allows."""
    longest = max(length // 3, 1)
    wanted = ceil(usual / _DAYS[grain] - 0.05) if usual is not None else longest
    allowed = [candidate for candidate in _HORIZONS[grain] if candidate <= longest]
    return next((candidate for candidate in allowed if candidate >= wanted), allowed[-1])


def _split(labelled: int, horizon: int, grain: str) -> tuple[dict[str, Any], int]:
    """Return the longest test, and its snapshots, that leaves two horizons and twice itself."""
    tests: list[tuple[dict[str, Any], int]] = [
        ({"mode": "last_n_months", "months": months}, buckets_in_months(months, grain))
        for months in (3, 2, 1)
    ]
    if grain == "week":
        tests += [({"mode": "last_n_buckets", "buckets": weeks}, weeks) for weeks in (3, 2, 1)]
    left = labelled - (horizon - 1)
    return next((t for t in tests if left - t[1] >= max(2 * horizon, 2 * t[1])), tests[-1])


def _two_digits(value: float) -> float | int:
    rounded = float(f"{value:.2g}")
    return int(rounded) if rounded.is_integer() else rounded
