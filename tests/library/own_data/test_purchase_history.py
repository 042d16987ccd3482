"""Purchases of a scratch build against hand-worked rows."""

from datetime import date

import duckdb
import pytest
from attrition.errors import AttritionError
from attrition.own_data.purchase_history import read_history

REJECTED = [("sales", "no_identifier", '{"sold_on":"2024-01-01"}')] * 2 + [
    ("sales", "no_sold_on", '{"customer_id":"a"}')
]


def history(rows: list[tuple], rejected: list[tuple] = REJECTED):
    with duckdb.connect() as connection:
        connection.execute(
            "create table int_records__sales "
            "(customer_id varchar, sold_on date, quantity decimal(18, 4), "
            "is_target_purchase boolean);"
            "create table attrition_rejected_records "
            "(table_name varchar, rule varchar, record_json varchar)"
        )
        for table, records in (
            ("int_records__sales", rows),
            ("attrition_rejected_records", rejected),
        ):
            for record in records:
                marks = ", ".join("?" * len(record))
                connection.execute(f"insert into {table} values ({marks})", record)
        return read_history(connection)


def sale(customer: str, day: str, quantity: int = 1, counts: bool = True) -> tuple:
    return (customer, day, quantity, counts)


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


def test_where_nothing_is_accepted_the_rules_are_named_with_an_example_each():
    with pytest.raises(AttritionError) as raised:
        history([])
    assert str(raised.value) == (
        "No record of sales was accepted:\n"
        '  - 2 by the rule no_identifier, for example {"sold_on":"2024-01-01"}\n'
        '  - 1 by the rule no_sold_on, for example {"customer_id":"a"}'
    )


def test_where_only_returns_are_accepted_it_is_said():
    with pytest.raises(AttritionError, match="the 1 accepted records of sales are returns"):
        history([sale("a", "2024-01-01", counts=False)])


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
