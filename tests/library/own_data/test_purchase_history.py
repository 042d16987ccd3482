"""Purchases of a scratch build against hand-worked rows."""

import dataclasses
from datetime import date

import duckdb
import pytest
from attrition.own_data.purchase_history import read_history


def history(rows: list[tuple]):
    with duckdb.connect() as connection:
        connection.execute(
            "create table int_records__sales "
            "(customer_id varchar, sold_on date, quantity decimal(18, 4), "
            "is_target_purchase boolean, amount decimal(18, 4), is_return boolean)"
        )
        connection.executemany("insert into int_records__sales values (?, ?, ?, ?, ?, ?)", rows)
        return read_history(connection)


def sale(
    customer: str, day: str, quantity: int = 1, counts: bool = True, amount: float = 0
) -> tuple:
    return (customer, day, quantity, counts, abs(amount), amount < 0)


def test_gaps_units_and_customers_of_hand_worked_rows():
    found = history(
        [
            sale("a", "2024-01-01", 2),
            sale("a", "2024-01-11"),
            sale("a", "2024-01-11"),
            sale("a", "2024-01-31", 5),
            sale("b", "2024-02-01"),
        ]
    )
    assert (found.customer_count, found.purchase_count, found.repeating_count) == (2, 4, 1)
    assert found.usual_gap_days == 20
    # 30 days between purchases, bought with 2 and then 1 + 1 units
    assert found.days_per_unit == pytest.approx(30 / 4)
    assert (found.first_day, found.last_day) == (date(2024, 1, 1), date(2024, 2, 1))


def test_the_usual_gap_counts_every_customer_the_same():
    weekly = [sale("weekly", f"2024-{month:02}-{day:02}") for month in (1, 2) for day in (1, 8, 15)]
    found = history([*weekly, sale("rare", "2024-01-01"), sale("rare", "2024-02-20")])
    # of six gaps only one is 50 days, but it is one customer's of two
    assert found.usual_gap_days == 50


def test_what_is_no_purchase_of_the_target_only_says_how_far_the_sales_reach():
    found = history([sale("a", "2024-01-01"), sale("a", "2024-01-05", counts=False)])
    assert (found.purchase_count, found.last_day) == (1, date(2024, 1, 5))


def test_without_repetition_gaps_are_unknown():
    found = history([sale("a", "2024-01-01"), sale("b", "2024-01-05")])
    assert (found.usual_gap_days, found.days_per_unit) == (None, None)


def test_the_first_month_with_more_than_a_trickle_is_found():
    rows = [sale("z", "2001-01-01")]
    rows += [sale(f"c{n}", f"2024-0{1 + n % 3}-10") for n in range(600)]
    found = history(rows)
    assert found.dense_month == "2024-01"
    assert found.first_day == date(2001, 1, 1)


def test_supply_per_unit_is_that_of_the_median_customer():
    wholesale = [sale("large", f"2024-01-{day:02}", 100) for day in range(1, 29)]
    private = [sale(name, day) for name in "abcd" for day in ("2024-01-01", "2024-01-14")]
    found = history([*wholesale, *private])
    assert found.days_per_unit == 13
    assert (found.largest_customer, found.largest_share) == ("large", pytest.approx(28 / 36))


def test_ids_that_stand_for_nobody_are_named():
    rows = [sale("Guest", "2024-01-01"), *[sale(f"c{n}", "2024-01-01") for n in range(9)]]
    assert history([*rows, sale("0", "2024-01-01")]).doubtful_customers == (("Guest", 1),)
    rows += [sale("0", f"2024-01-0{day}") for day in range(1, 10)]
    assert history(rows).doubtful_customers == (("0", 9), ("Guest", 1))


def test_years_and_the_last_months_are_counted_with_returns_taken_off():
    rows = [
        sale("a", "2023-06-30", 2, amount=10.5),
        sale("b", "2024-01-05", 3, amount=20),
        sale("b", "2024-01-06", 1, amount=-4.25),
        sale("a", "2024-06-02", 1, amount=7),
    ]
    assert [dataclasses.astuple(period) for period in history(rows).periods] == [
        ("all", 4, 1, 2, 5.0, 33.25),
        ("2023", 1, 0, 1, 2.0, 10.5),
        ("2024", 3, 1, 2, 3.0, 22.75),
        ("2024-01", 2, 1, 1, 2.0, 15.75),
        ("2024-06", 1, 0, 1, 1.0, 7.0),
    ]
