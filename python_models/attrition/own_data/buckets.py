"""Time buckets in Python: calendar months, and ISO weeks that begin on a Monday."""

from datetime import date, timedelta

_A_MONDAY = date(1900, 1, 1)
DAYS_PER_MONTH = 365.25 / 12


def bucket_of(day: date, time_grain: str) -> int:
    """Return the number of the bucket that a day falls into; numbers count up by one."""
    if time_grain == "month":
        return day.year * 12 + day.month - 1
    return (day - _A_MONDAY).days // 7


def bucket_start(bucket: int, time_grain: str) -> date:
    """Return the first day of a bucket."""
    if time_grain == "month":
        return date(bucket // 12, bucket % 12 + 1, 1)
    return _A_MONDAY + timedelta(days=7 * bucket)


def first_bucket_in(month: str, time_grain: str) -> int:
    """Return the first bucket that starts within a month given as YYYY-MM."""
    first_day = date.fromisoformat(f"{month}-01")
    bucket = bucket_of(first_day, time_grain)
    return bucket if bucket_start(bucket, time_grain) >= first_day else bucket + 1


def last_bucket_in(month: str, time_grain: str) -> int:
    """Return the last bucket that starts within a month given as YYYY-MM."""
    start = date.fromisoformat(f"{month}-01")
    next_month = bucket_start(bucket_of(start, "month") + 1, "month")
    return bucket_of(next_month - timedelta(days=1), time_grain)
