"""Numbers and nouns as a person reads them."""

import re
from collections.abc import Collection, Mapping, Sequence
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


def gain(basis: str | None) -> str:
    """Return what `expected_gain` is, from how it was worked out.

    Where neither cost nor success of a contact is set it is the value at risk itself.
    """
    unset = ("success_rate is not set", "cost_of_contact is not set")
    return "value at risk" if all(one in (basis or "") for one in unset) else "expected gain"


def behind(data_until: date | None, built: datetime | None) -> str:
    """Return a sentence where records end long before a build: what is said of now is of then."""
    if data_until is None or built is None:
        return ""
    months = (built.year - data_until.year) * 12 + built.month - data_until.month
    if months < 3:
        return ""
    return (
        f"The newest records are {months} months older than the build of {day(built)}: bring newer "
        "ones before you act on this."
    )


def leaving(version: Mapping[str, Any], domains: Collection[str]) -> str:
    """Return what leaving means, such as `no consumable bought for 6 months`.

    Args:
        version: A row of the query `version`.
        domains: Of the features; a company that delivers sales alone has no kinds of products.
    """
    kinds = {"is_attrition_c": "consumable", "is_attrition_s": "sensor",
             "is_attrition_cs": "consumable or sensor"}  # fmt: skip
    kind = kinds.get(version.get("target", "")) if set(domains) - {"sales"} else None
    return (
        f"no {kind} bought for {horizon(version)}"
        if kind
        else f"no purchase for {horizon(version)}"
    )


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
