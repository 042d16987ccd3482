"""The list under a capacity is what a sort by hand gives."""

import duckdb
import pytest

from app.contact_list import Budget, curve_sql, list_sql, totals_sql


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as made:
        made.execute("""
            create table attrition_scores as
            select 'C' || n as customer_id, ((n * 37 % 101) / 101)::double as attrition_probability,
                case when n % 50 > 0 then (10 * (n * 13 % 97))::double end as customer_value,
                null::varchar as reason_1_text, null::varchar as reason_2_text
            from range(1000) t(n)
        """)
        yield made


def gains(connection, budget):
    people = connection.execute(
        "select customer_id, attrition_probability, customer_value from attrition_scores"
    ).fetchall()
    found = [
        (p * budget.success * (own if budget.value is None else budget.value) - budget.cost, p, c)
        for c, p, own in people
        if own is not None or budget.value is not None
    ]
    return sorted(found, key=lambda row: (-row[0], -row[1], row[2]))


BUDGETS = [Budget(40, None, 5.0, 0.4), Budget(25, 300.0, 10.0, 0.2), Budget(1000, 50.0, 9.0, 0.3)]


@pytest.mark.parametrize("budget", BUDGETS)
def test_the_most_gain_comes_first_and_no_loss_is_listed(connection, budget):
    expected = [row for row in gains(connection, budget) if row[0] > 0][: budget.capacity]
    found = connection.execute(*list_sql(budget, 10_000)).fetchall()
    assert [row[1] for row in found] == [row[2] for row in expected]
    assert [row[3] for row in found] == pytest.approx([row[0] for row in expected])
    count, gain, *_ = connection.execute(*totals_sql(budget)).fetchall()[0]
    assert count == len(expected)
    assert gain == pytest.approx(sum(row[0] for row in expected))


def test_nothing_is_gained_where_a_contact_costs_more_than_it_brings(connection):
    budget = Budget(10, 100.0, 1000.0, 1.0)
    assert connection.execute(*list_sql(budget, 10)).fetchall() == []
    assert connection.execute(*totals_sql(budget)).fetchall()[0][0] == 0


def test_the_curve_has_few_points_and_ends_at_everyone(connection):
    budget = BUDGETS[1]
    points = connection.execute(*curve_sql(budget)).fetchall()
    assert len(points) <= 401
    assert points[-1][0] == 1000
    assert points[-1][1] == pytest.approx(sum(row[0] for row in gains(connection, budget)))
