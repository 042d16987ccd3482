"""Buckets against the calendar."""

import calendar
from datetime import date, timedelta

import pytest
from attrition.own_data.buckets import bucket_of, bucket_start, first_bucket_in, last_bucket_in

DAYS = [date(1999, 12, 25) + timedelta(days=offset) for offset in range(0, 800, 3)]


@pytest.mark.parametrize("day", DAYS[:60])
def test_a_bucket_holds_its_days(day):
    for grain in ("month", "week"):
        bucket = bucket_of(day, grain)
        assert bucket_start(bucket, grain) <= day < bucket_start(bucket + 1, grain)


def test_months_start_on_the_first_and_weeks_on_a_monday():
    for day in DAYS:
        assert bucket_start(bucket_of(day, "month"), "month") == day.replace(day=1)
        assert bucket_start(bucket_of(day, "week"), "week").weekday() == calendar.MONDAY


@pytest.mark.parametrize("month", ["2023-05", "2023-10", "2024-02", "2024-12"])
def test_the_first_and_the_last_bucket_start_within_the_month(month):
    year, number = map(int, month.split("-"))
    days = [date(year, number, d + 1) for d in range(calendar.monthrange(year, number)[1])]
    mondays = [day for day in days if day.weekday() == calendar.MONDAY]
    assert bucket_start(first_bucket_in(month, "week"), "week") == mondays[0]
    assert bucket_start(last_bucket_in(month, "week"), "week") == mondays[-1]
    assert bucket_start(first_bucket_in(month, "month"), "month") == days[0]
    assert first_bucket_in(month, "month") == last_bucket_in(month, "month")
