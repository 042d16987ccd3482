"""Purchases of a file against hand-worked rows."""

from datetime import date

import duckdb
import pytest
from attrition.errors import AttritionError
from attrition.own_data.purchase_history import read_purchases
from attrition.own_data.readable import read_as

TYPES = {
    "customer_id": "identifier",
    "sold_on": "date",
    "quantity": "number",
    "amount": "number",
    "is_return": "boolean",
}


def history(rows: list[dict], today: date = date(2024, 12, 31)):
    names = list(rows[0])
    with duckdb.connect() as connection:
        connection.execute(f"create table t ({', '.join(f'{name} varchar' for name in names)})")
        connection.executemany(
            f"insert into t values ({', '.join('?' * len(names))})",
            [[row[name] for name in names] for row in rows],
        )
        expressions = {name: read_as(name, TYPES[name]) for name in names}
        found = read_purchases(connection, "t", expressions, today)
        days = connection.execute("select count(*) from purchase_days").fetchall()[0][0]
    return found, days


def sale(customer: str | None, day: str, quantity: str = "1") -> dict:
    return {"customer_id": customer, "sold_on": day, "quantity": quantity}


def test_gaps_units_and_customers_of_hand_worked_rows():
    found, days = history(
        [
            sale("a", "2024-01-01", "2"),
            sale("a", "2024-01-11", "1"),
            sale("a", "2024-01-11", "1"),
            sale("a", "2024-01-31", "5"),
            sale("b", "2024-02-01"),
        ]
    )
    assert (found.customer_count, found.purchase_count, found.repeating_count) == (2, 4, 1)
    assert found.median_gap_days == 15
    assert found.usual_gap_days == 20
    # 30 days between purchases, bought with 2 and then 1 + 1 units
    assert found.days_per_unit == pytest.approx(30 / 4)
    assert (found.first_day, found.last_day, days) == (date(2024, 1, 1), date(2024, 2, 1), 4)


def test_the_usual_gap_counts_every_customer_the_same():
    weekly = [sale("weekly", f"2024-{month:02}-{day:02}") for month in (1, 2) for day in (1, 8, 15)]
    found, _ = history([*weekly, sale("rare", "2024-01-01"), sale("rare", "2024-02-20")])
    # of six gaps only one is 50 days, but it is one customer's of two
    assert found.usual_gap_days == 50


def test_returns_are_no_purchases():
    found, _ = history([sale("a", "2024-01-01"), sale("a", "2024-01-05", "-1")])
    assert found.purchase_count == 1


def test_rows_that_will_be_rejected_are_counted():
    found, _ = history(
        [
            sale("a", "2024-01-01"),
            sale(None, "2024-01-01"),
            sale("b", "soon"),
            sale("c", "2031-01-01"),
            sale("d", "0024-01-01"),
        ]
    )
    assert (found.unusable_count, found.customer_count) == (4, 1)


def test_without_repetition_gaps_are_unknown():
    found, _ = history([sale("a", "2024-01-01"), sale("b", "2024-01-05")])
    assert (found.usual_gap_days, found.days_per_unit) == (None, None)


def test_nothing_usable_is_one_clear_error():
    with pytest.raises(AttritionError, match="No row has a customer"):
        history([sale("a", "never")])


def test_the_first_month_with_more_than_a_trickle_is_found():
    rows = [sale("z", "2001-01-01")]
    rows += [sale(f"c{n}", f"2024-0{1 + n % 3}-10") for n in range(600)]
    found, _ = history(rows)
    assert found.dense_month == "2024-01"
    assert found.first_day == date(2001, 1, 1)
