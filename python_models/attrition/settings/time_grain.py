"""Time buckets: how many stand for months, and how a number of them is said.

The macros `buckets_in_months`, `buckets_in_horizons` and `buckets_text` say the same in SQL.
"""

from collections.abc import Sequence
from math import ceil


def buckets_in_months(months: int, time_grain: str) -> int:
    """Return how many time buckets stand for months: 52 weeks for twelve of them at week grain."""
    return months if time_grain == "month" else round(months * 52 / 12)


def buckets_in_horizons(shares: Sequence[float], horizon: int) -> tuple[int, ...]:
    """Return windows that are shares of a horizon, in whole buckets; none twice."""
    return tuple(dict.fromkeys(ceil(share * horizon) for share in shares))


def buckets_text(buckets: int, time_grain: str) -> str:
    """Return a number of time buckets in words: `1 month`, `26 weeks`."""
    return f"{buckets} {time_grain}" + ("" if buckets == 1 else "s")
