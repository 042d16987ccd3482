"""A horizon as people say it, as the settings count it."""

import re
from typing import Any

from attrition.errors import AttritionError
from attrition.own_data.purchase_history import DAYS_PER_MONTH
from attrition.settings.time_grain import buckets_text

_NUMBERS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip
_SAID = re.compile(r"\s*([0-9]{1,4}|[a-z]+)[\s-]*(day|week|month|quarter|year)s?\s*", re.IGNORECASE)
_MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}
_LONGEST_IN_WEEKS = 12


def read_horizon(text: str) -> dict[str, Any]:
    """Return `time_grain` and `attrition_horizon` of a text such as `28 days` or `6 months`.

    Weeks and months are taken as they are said. Days are months where they are as long as some
    (90 to 92 are three), and weeks where they are up to twelve whole ones (28 are four).

    Raises:
        AttritionError: When the text is no length of time, or days that are neither.
    """
    said = _SAID.fullmatch(text)
    number = _number(said[1]) if said else None
    if said is None or not number:
        raise AttritionError(
            f"--horizon {text!r} is no length of time; write a number of days, weeks or months, "
            "such as '28 days', '8 weeks' or '6 months'."
        )
    unit = said[2].lower()
    if unit == "week":
        return _settings("week", number)
    if unit in _MONTHS_IN:
        return _settings("month", number * _MONTHS_IN[unit])
    return _of_days(number)


def _of_days(days: int) -> dict[str, Any]:
    months = max(round(days / DAYS_PER_MONTH), 1)
    # the shortest and the longest that so many months in a row can be, February aside
    if 30 * months <= days <= 30.5 * months + 1:
        return _settings("month", months)
    if days % 7 == 0 and days <= 7 * _LONGEST_IN_WEEKS:
        return _settings("week", days // 7)
    weeks = max(round(days / 7), 1)
    by_week, by_month = buckets_text(weeks, "week"), buckets_text(months, "month")
    raise AttritionError(
        f"--horizon '{buckets_text(days, 'day')}' is no whole number of weeks or months, in which "
        f"snapshots are taken. Nearest are --horizon '{by_week}' ({weeks * 7} days) and --horizon "
        f"'{by_month}' (about {round(months * DAYS_PER_MONTH)} days)."
    )


def _number(text: str) -> int | None:
    if text.isdecimal():
        return int(text)
    word = "one" if text.lower() in ("a", "an") else text.lower()
    return _NUMBERS.index(word) + 1 if word in _NUMBERS else None


def _settings(time_grain: str, buckets: int) -> dict[str, Any]:
    return {"time_grain": time_grain, "attrition_horizon": buckets}
