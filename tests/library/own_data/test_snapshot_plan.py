"""The plan against a loop over customers and snapshots."""

import random
from datetime import date, timedelta

import duckdb
import pytest
from attrition.own_data.snapshot_plan import plan_snapshots
from attrition.settings.loading import check_settings

RANDOM = random.Random(5)
START, END = date(2022, 1, 3), date(2023, 8, 31)
PURCHASES = sorted(
    {
        (f"c{RANDOM.randrange(60)}", START + timedelta(days=RANDOM.randrange((END - START).days)))
        for _ in range(260)
    }
    | {("c0", START), ("c1", END)}
)


def plan(**settings):
    with duckdb.connect() as connection:
        connection.execute(
            "create temp table purchase_days (customer_id varchar, sold_on date, quantity int)"
        )
        connection.executemany("insert into purchase_days values (?, ?, 1)", PURCHASES)
        return plan_snapshots(connection, START, END, check_settings(settings))


def months_after(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def brute_force(as_of: date, horizon: int, ever: bool) -> tuple[int, int]:
    rows = attritions = 0
    for customer in {customer for customer, _ in PURCHASES}:
        days = [day for name, day in PURCHASES if name == customer]
        before = [day for day in days if day < as_of]
        if not before or not (ever or max(before) >= months_after(as_of, -horizon)):
            continue
        rows += 1
        attritions += not any(as_of <= day < months_after(as_of, horizon) for day in days)
    return rows, attritions


@pytest.mark.parametrize("population", ["active", "ever"])
@pytest.mark.parametrize("horizon", [1, 3])
def test_snapshots_labels_and_counts_by_month(population, horizon):
    found = plan(
        attrition_horizon=horizon,
        population=population,
        split={"mode": "last_n_months", "months": 2},
    )
    snapshots = [months_after(date(2022, 2, 1), n) for n in range(20)]
    assert list(found.snapshots) == snapshots
    assert snapshots[-1] == date(2023, 9, 1)
    labelled = [day for day in snapshots if months_after(day, horizon) <= date(2023, 9, 1)]
    assert list(found.labelled) == labelled
    assert list(found.test) == labelled[-2:]
    assert list(found.fitted) == [d for d in labelled if months_after(d, horizon) <= labelled[-2]]
    expected = [brute_force(day, horizon, population == "ever") for day in labelled[-2:]]
    assert (found.test_row_count, found.test_attrition_count) == tuple(
        map(sum, zip(*expected, strict=True))
    )
    assert found.customers_to_score == brute_force(snapshots[-1], horizon, population == "ever")[0]


def test_months_bound_the_snapshots():
    found = plan(start_month="2022-06", max_month="2023-01")
    assert (found.snapshots[0], found.snapshots[-1]) == (date(2022, 6, 1), date(2023, 1, 1))


def test_weeks_start_on_mondays_and_end_with_the_last_whole_week():
    found = plan(time_grain="week", attrition_horizon=4)
    assert {day.weekday() for day in found.snapshots} == {0}
    assert found.snapshots[0] == date(2022, 1, 10)
    assert found.snapshots[-1] == date(2023, 8, 28)
    assert found.labelled[-1] == date(2023, 7, 31)


def test_a_randomized_split_judges_a_share_of_all_labelled_snapshots():
    whole = plan(split={"mode": "randomized", "perc_test": 0.5})
    counts = [brute_force(day, 6, False)[0] for day in whole.labelled]
    assert whole.test == ()
    assert whole.fitted == whole.labelled
    assert whole.test_row_count == round(0.5 * sum(counts))


def test_a_history_shorter_than_the_horizon_has_no_label():
    assert plan(attrition_horizon=30).labelled == ()


def test_a_minimum_history_leaves_newcomers_out():
    assert plan(min_history_months=6).customers_to_score <= plan().customers_to_score
    assert plan(min_history_months=240).customers_to_score == 0
