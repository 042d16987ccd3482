"""Numbers and nouns as a person reads them."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

_WINDOW = re.compile(r"_(\d+)([mw])$")
_GRAINS = {"m": "months", "w": "weeks"}
UNKNOWN = "\N{EN DASH}"


def percent(value: float | None, digits: int | None = None) -> str:
    """Return a share: `15%`, `0.4%`; a dash where it is not known."""
    if value is None:
        return UNKNOWN
    if digits is None:
        digits = 0 if abs(value) >= 0.0995 or value == 0 else 1
    return f"{100 * value:.{digits}f}%"


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with thousands apart and `digits` behind the point."""
    return UNKNOWN if value is None else f"{value:,.{digits}f}"


def score(value: float | None) -> str:
    """Return a metric between 0 and 1 with three digits."""
    return number(value, 3)


def amount(value: float | None) -> str:
    """Return an amount of money, whose currency is that of the data."""
    if value is None:
        return UNKNOWN
    return number(value, 0 if abs(value) >= 100 else 2)


def counted(count: float | None, noun: str, plural: str | None = None) -> str:
    """Return `1 customer`, `1,236 customers`."""
    return f"{number(count)} {noun if count == 1 else plural or noun + 's'}"


def day(value: date | datetime | str | None) -> str:
    """Return a date as `1 January 2025`."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        value = date.fromisoformat(value[:10])
    return f"{value.day} {value:%B %Y}"


def words(name: str) -> str:
    """Return a name of a column or value as words."""
    return name.replace("_", " ")


def feature(name: str) -> str:
    """Return the name of a feature as words: `order count, 12 months` for `order_count_12m`."""
    text = _WINDOW.sub(lambda found: f", {found[1]} {_GRAINS[found[2]]}", name)
    return words(text.removeprefix("is_").removeprefix("has_"))


def value(number_: float | None, data_type: str | None, unit: str | None = None) -> str:
    """Return the value of a feature with its unit; yes or no where it is one of the two."""
    if number_ is None:
        return UNKNOWN
    if data_type == "boolean":
        return "yes" if number_ >= 0.5 else "no"
    return f"{number_:,.4g} {unit or ''}".strip()


def segment(name: str, value: str) -> str:
    """Return a segment and its value as words: `payer type: state medicaid`."""
    shown = words(str(value))
    return f"{words(name)}: {shown.lower() if shown.isupper() else shown}"


def horizon(version: Mapping[str, Any]) -> str:
    """Return how long a silence makes an attrition, from a row of the query `version`."""
    if not version:
        return "the horizon"
    return counted(version["attrition_horizon"], version["time_grain"])


def grain(version: Mapping[str, Any]) -> str:
    """Return what a time bucket is: `month`, `week`."""
    return version.get("time_grain") or "month"


def listed(items: Sequence[Any], conjunction: str = "and") -> str:
    """Return `a, b and c`."""
    texts = [str(item) for item in items]
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} {conjunction} {texts[-1]}"
