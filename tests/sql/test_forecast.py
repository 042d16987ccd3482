"""The forecast: against loops over customers, without the future, and where little is known."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from awkward_customers import SCHEMAS
from compiled_project import Built, CompiledProject, compile_project, cut, row_differences

HORIZON = 3
AHEAD = 5
YEAR = 12
RECENT = 4
FIRST = dt.date(2020, 1, 1)
MARTS = (
    "attrition_rate",
    "attrition_forecast",
    "attrition_forecast_summary",
    "int_forecast__months_left",
)
SETTINGS = {
    "feature_domains": ["sales"],
    "attrition_horizon": HORIZON,
    "num_month_forecast": AHEAD,
}
TABLES = ("int_forecast__outcomes", "int_forecast__intervals", "int_forecast__hazards")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    return compile_project(tmp_path_factory.mktemp("forecast"), SETTINGS, MARTS)


def day_in(bucket: int, day: int = 1) -> dt.date:
    """Return a day of the month that lies so many months after January 2020."""
    return dt.date(2020 + bucket // 12, bucket % 12 + 1, day)


def sales(purchases: dict[str, dict[int, float]], months: int) -> dict[str, pa.Table]:
    """Return sales of {customer: {month: amount}}, and one on the last day of all months.

    It makes the newest snapshot that of the month after, by a customer of sensors alone.
    """
    rows: list[dict[str, Any]] = [
        {
            "sale_id": f"{customer} {month}",
            "customer_id": customer,
            "sold_on": day_in(month, 3),
            "product_type": "consumable",
            "quantity": 1,
            "amount": amount,
            "is_return": False,
        }
        for customer, bought in purchases.items()
        for month, amount in bought.items()
    ]
    last = day_in(months) - dt.timedelta(days=1)
    end = {"sale_id": "end", "customer_id": "end", "sold_on": last, "product_type": "sensor"}
    rows.append({**rows[0], **end})
    return {"sales": pa.Table.from_pylist(_decimals(rows), schema=SCHEMAS["sales"])}


def _decimals(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    numbers = ("quantity", "amount")
    schema = pa.decimal128(18, 4)
    return [
        {
            name: pa.scalar(str(value)).cast(schema).as_py() if name in numbers else value
            for name, value in row.items()
        }
        for row in rows
    ]


def random_purchases(customers: int, months: int, seed: int) -> dict[str, dict[int, float]]:
    """Return purchases of customers who buy more or less often, and at some time stop."""
    source = random.Random(seed)
    found = {}
    for number in range(customers):
        start, rate = source.randrange(months - 2), source.choice([0.3, 0.6, 0.9])
        stop = start + source.randrange(1, months)
        bought = {start: float(source.randrange(5, 60))}
        for month in range(start + 1, min(stop, months)):
            if source.random() < rate:
                bought[month] = float(source.randrange(5, 60))
        found[f"c{number}"] = bought
    return found


# -- an independent computation


def band(months: list[int], place: int) -> int:
    """Return the band of a customer's purchase: how often they bought up to it."""
    known = months[place] - months[0]
    if known == 0:
        return 0
    last = [month for month in months if months[place] - 2 * HORIZON < month <= months[place]]
    frequency = (len(last) - 0.5) / (min(known, 2 * HORIZON - 1) + HORIZON)
    return 1 + sum(frequency < 2 ** (-step / 2) for step in range(2, 9))


def months_at_risk(
    purchases: dict[str, dict[int, float]], until: int
) -> Iterator[tuple[int, int, int, float, bool]]:
    """Yield (month, band, silence, worth, bought) of each customer and month before `until`.

    The month `until` comes too, with nothing known of what was bought in it.
    """
    for bought in purchases.values():
        months = sorted(month for month in bought if month < until)
        for place, month in enumerate(months):
            later = months[place + 1] if place + 1 < len(months) else None
            worth = sum(bought[m] for m in months if month - HORIZON < m <= month)
            for silence in range(HORIZON):
                now = month + 1 + silence
                if now > until or (later is not None and now > later):
                    break
                yield now, band(months, place), silence, worth, now == later


def rates(rows: list[tuple], origin: int, *, by_worth: bool) -> dict[tuple[int, int], float]:
    """Return the probability to buy by band and silence."""
    sums: dict[Any, float] = defaultdict(float)
    for month, its_band, silence, worth, bought in rows:
        for name, length in (("year", YEAR), ("recent", RECENT)):
            if origin - length <= month < origin:
                weight = worth if by_worth else 1
                for key in ((its_band, silence), silence):
                    sums[name, "all", key] += weight
                    sums[name, "bought", key] += weight * bought
                sums[name, "customers", silence] += 1
    found = {}
    for its_band, silence in itertools.product({row[1] for row in rows}, range(HORIZON)):
        if not sums["year", "all", silence]:
            continue
        unit = sums["year", "all", silence] / sums["year", "customers", silence] if by_worth else 1
        rate = sums["year", "bought", silence] / sums["year", "all", silence]
        for name, weight in (("year", 20), ("recent", 50)):
            key = (its_band, silence)
            bought = sums[name, "bought", key] + weight * unit * rate
            rate = bought / (sums[name, "all", key] + weight * unit)
        found[its_band, silence] = rate
    return found


def expected_by_loops(
    purchases: dict[str, dict[int, float]], origin: int, *, by_worth: bool
) -> dict[int, float]:
    """Return {months ahead: expected attritions, or their worth} as of a month."""
    rows = list(months_at_risk(purchases, origin))
    known = rates(rows, origin, by_worth=by_worth)
    first = min(min(bought) for bought in purchases.values()) + 1
    found: dict[int, float] = defaultdict(float)
    for month, its_band, silence, worth, _ in rows:
        weight = worth if by_worth else 1
        if month == origin:
            stays = math.prod(1 - known[its_band, later] for later in range(silence, HORIZON))
            found[HORIZON - silence] += weight * stays
        if silence == 0 and origin - HORIZON < month:
            stays = math.prod(1 - known[its_band, later] for later in range(HORIZON))
            for ahead in range(HORIZON + 1, AHEAD + 1):
                found[ahead] += weight * stays / min(HORIZON, origin - first + 1)
    return found


@pytest.fixture(scope="module")
def bought() -> dict[str, dict[int, float]]:
    return random_purchases(150, 24, seed=4)


@pytest.fixture(scope="module")
def built(project: CompiledProject, bought: dict[str, dict[int, float]]) -> Built:
    return project.run(sales(bought, 24))


@pytest.mark.parametrize("measure", ["count", "worth", "cumulative_count"])
def test_expected_attritions_equal_loops_over_customers(
    measure: str, built: Built, bought: dict[str, dict[int, float]]
) -> None:
    rows = built.rows(
        "select bucket - 1440 as origin, buckets_ahead, expected from int_forecast__outcomes"
        f" where measure = '{measure}' and segment = 'all'"
    )
    found: dict[int, dict[int, float]] = defaultdict(dict)
    for row in rows:
        found[row["origin"]][row["buckets_ahead"]] = row["expected"]

    for origin in range(12, 25):
        expected = expected_by_loops(bought, origin, by_worth=measure == "worth")
        assert set(expected) == set(range(1, AHEAD + 1))
        if measure == "cumulative_count":
            sums = itertools.accumulate(expected[ahead] for ahead in sorted(expected))
            expected = dict(enumerate(sums, start=1))
        assert found[origin] == pytest.approx(expected, rel=1e-9), origin


def test_the_truth_is_a_silence_that_reaches_the_horizon(
    built: Built, bought: dict[str, dict[int, float]]
) -> None:
    counts: dict[int, int] = defaultdict(int)
    worths: dict[int, float] = defaultdict(float)
    for months in bought.values():
        for month in months:
            if not any(month < later <= month + HORIZON for later in months):
                counts[month + HORIZON] += 1
                worths[month + HORIZON] += sum(
                    amount for m, amount in months.items() if month - HORIZON < m <= month
                )

    rows = built.rows(
        "select * from attrition_rate where segment = 'all' and bucket_attrition_count is not null"
    )

    assert len(rows) == 24 - HORIZON
    for row in rows:
        month = (row["as_of_date"].year - 2020) * 12 + row["as_of_date"].month - 1
        assert row["bucket_attrition_count"] == counts[month]
        assert row["bucket_value_lost"] == pytest.approx(worths[month])


def test_a_snapshots_attritions_are_its_labels(built: Built) -> None:
    labels = built.rows(
        "select as_of_date, count(*) as customers, sum(is_attrition_c) as left_count"
        " from int_population__labels group by as_of_date"
    )
    rates_of = built.rows("select * from attrition_rate where segment = 'all'")
    found = {row["as_of_date"]: row for row in rates_of}

    assert sum(row["left_count"] is None for row in labels) == HORIZON
    for row in labels:
        rate = found[row["as_of_date"]]
        assert (rate["customer_count"], rate["attrition_count"]) == (
            row["customers"], row["left_count"],
        )  # fmt: skip
        assert (rate["value_lost"] is None) == (row["left_count"] is None)


def test_segments_add_up(built: Built) -> None:
    sums = built.rows(
        "select segment, sum(customer_count) as customers, sum(attrition_count) as attritions,"
        " sum(value_lost)::decimal(18, 2) as lost, sum(active_count) as active,"
        " sum(bucket_attrition_count) as in_buckets,"
        " sum(bucket_value_lost)::decimal(18, 2) as lost_in_buckets"
        " from attrition_rate group by segment"
    )

    assert {row.pop("segment") for row in sums} == {"all", "tenure_band", "value_band"}
    assert sums[0]["in_buckets"] > 0
    assert all(row == sums[0] for row in sums)


def test_months_left_solve_the_chain(built: Built) -> None:
    rows = built.rows(
        "select frequency_band, silence, purchase_rate from int_forecast__hazards"
        " where segment = 'all' and bucket = 1464"
    )
    known = {(row["frequency_band"], row["silence"]): row["purchase_rate"] for row in rows}
    expected = {}
    for its_band in {key[0] for key in known}:
        # months up to the last purchase: one more and what follows, or none
        leaves = [
            math.prod(1 - known[its_band, later] for later in range(silence, HORIZON))
            for silence in range(HORIZON)
        ]
        chain, right = np.eye(HORIZON), np.zeros(HORIZON)
        for silence in range(HORIZON):
            stays = 1.0
            for step, later in enumerate(range(silence, HORIZON)):
                buys = stays * known[its_band, later]
                chain[silence, 0] -= buys
                right[silence] += buys * (step + 1)
                stays *= 1 - known[its_band, later]
            assert stays == pytest.approx(leaves[silence])
        for silence, months in enumerate(np.linalg.solve(chain, right)):
            expected[its_band, silence] = min(months, 60)

    found = built.rows(
        "select frequency_band, 1463 - bucket as silence, expected_months_left"
        " from int_forecast__months_left inner join int_forecast__spells using (customer_id)"
        " where next_bucket is null"
    )

    assert len(found) > 20
    for row in found:
        its = expected[row["frequency_band"], row["silence"]]
        assert row["expected_months_left"] == pytest.approx(its), row


# -- the future


@pytest.fixture(scope="module")
def long(project: CompiledProject) -> tuple[dict[str, pa.Table], Built]:
    raw = sales(random_purchases(200, 50, seed=5), 50)
    # what is sold on each last day lets a cut at any month's start end with the day before
    first = raw["sales"].slice(0, 1).to_pylist()[0]
    ends = [
        {**first, "sale_id": f"end {month}", "customer_id": "end", "product_type": "sensor",
         "sold_on": day_in(month) - dt.timedelta(days=1)}
        for month in range(1, 50)
    ]  # fmt: skip
    table = pa.Table.from_pylist(ends, schema=SCHEMAS["sales"])
    raw["sales"] = pa.concat_tables([raw["sales"], table])
    return raw, project.run(raw)


def of_origin(rows: pa.Table, origin: int) -> pa.Table:
    """Return the rows of an origin, without the truth, which comes later."""
    kept = rows.filter(pc.equal(rows["bucket"], origin))
    return kept.drop_columns([name for name in ("actual",) if name in kept.column_names])


@pytest.mark.parametrize("month", [20, 45])
def test_a_past_forecast_is_what_was_made_then(
    month: int, long: tuple[dict[str, pa.Table], Built], project: CompiledProject
) -> None:
    raw, now = long
    then = project.run(cut(raw, day_in(month)))

    origin = 1440 + month
    assert then.rows("select max(bucket) as newest from int_forecast__outcomes") == [
        {"newest": origin}
    ]
    for name in TABLES:
        without, with_future = (of_origin(one.table(name), origin) for one in (then, now))
        assert without.num_rows > 20
        assert row_differences(with_future, without) == 0, name
    assert then.rows("select count(*) as n from attrition_forecast where reason is null") != [
        {"n": 0}
    ]


LEAKS = {
    "hazards": (
        "int_forecast__hazards",
        "4 preceding and 1 preceding",
        "4 preceding and 1 following",
    ),
    "seasons": ("int_forecast__seasons", "origins.bucket > surprises", "1000000 > surprises"),
    "errors": (
        "int_forecast__intervals",
        "9 preceding and 1 preceding",
        "9 preceding and 3 following",
    ),
    "distances": (
        "int_forecast__intervals",
        "origins.bucket - 9 and origins.bucket - 1",
        "origins.bucket - 9 and origins.bucket + 3",
    ),
    "a year ago": ("int_forecast__outcomes", "- 13 = year_ago", "- 1 = year_ago"),
}  # fmt: skip


@pytest.fixture(scope="module")
def long_cut(long: tuple[dict[str, pa.Table], Built], project: CompiledProject) -> Built:
    return project.run(cut(long[0], day_in(45)))


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_seen(
    leak: str, long: tuple[dict[str, pa.Table], Built], long_cut: Built, project: CompiledProject
) -> None:
    model, written, leaking = LEAKS[leak]
    sql = project.sql_of(model)
    assert written in sql, f"{model} is written differently now: plant the leak anew"

    def differences(text: str) -> int:
        return row_differences(*(of_origin(one.query(text), 1485) for one in (long[1], long_cut)))

    assert differences(sql) == 0
    assert differences(sql.replace(written, leaking)) > 0


# -- seasons, intervals, and where little is known


def test_a_season_is_learnt_from_two_years_of_it(project: CompiledProject) -> None:
    source = random.Random(6)
    purchases = {
        f"c{number}": {
            month: 10.0
            for month in range(60)
            if month == 0 or source.random() < (0.7 if month % 12 == 11 else 0.3)
        }
        for number in range(400)
    }
    built = project.run(sales(purchases, 60))
    rows = built.rows("select bucket - 1440 as bucket, step, season from int_forecast__seasons")
    seasons = {(row["bucket"], row["step"]): row["season"] for row in rows}

    assert {seasons[24, step] for step in range(AHEAD)} == {1}, "one December after a whole year"
    # the third December after it is in the middle of what is looked ahead at
    decembers = [seasons[56, 3], seasons[57, 2]]
    others = [seasons[56, 2], seasons[57, 1], seasons[57, 3]]
    assert 1.5 < min(decembers) <= max(decembers) < 2.3
    assert 0.8 < min(others) <= max(others) < 1.05


def test_intervals_hold_about_as_often_as_they_say(project: CompiledProject) -> None:
    built = project.run(sales(random_purchases(3000, 60, seed=8), 60))
    [row] = built.rows(
        "select * from attrition_forecast_summary where segment = 'all' and buckets_ahead = 0"
    )

    assert row["interval_count"] > 150
    assert 0.7 < row["coverage_80"] < 0.9
    assert 0.9 < row["coverage_95"] <= 1
    assert 0.7 < row["cumulative_coverage_80"] < 0.9
    assert 0.9 < row["cumulative_coverage_95"] <= 1
    assert row["is_better_than_naive"]


def test_buckets_together_are_surer_than_their_bounds_added_up(project: CompiledProject) -> None:
    built = project.run(sales(random_purchases(3000, 60, seed=8), 60))
    rows = built.rows(
        "select * from attrition_forecast where segment = 'all' order by buckets_ahead"
    )
    added = sum(row["attrition_count_upper_80"] - row["attrition_count_lower_80"] for row in rows)
    last = rows[-1]

    width = (
        last["cumulative_attrition_count_upper_80"] - last["cumulative_attrition_count_lower_80"]
    )
    assert 0.3 * added < width < 0.8 * added


def test_the_truth_of_buckets_together_is_their_sum(built: Built) -> None:
    rows = built.rows(
        "select *, sum(attrition_count) over ("
        " partition by as_of_date, segment, segment_value order by buckets_ahead) as total,"
        " count(*) over (partition by as_of_date, segment, segment_value order by buckets_ahead)"
        " as known_count from attrition_forecast_accuracy"
    )
    together = [row for row in rows if row["cumulative_attrition_count"] is not None]

    assert len(together) > 100
    for row in rows:
        is_whole = row["known_count"] == row["buckets_ahead"]
        assert row["cumulative_attrition_count"] == (row["total"] if is_whole else None)
        if row["is_cumulative_within_80"] is not None:
            low, high = (
                row[f"cumulative_attrition_count_{bound}_80"] for bound in ("lower", "upper")
            )
            is_within = low - 1e-4 <= row["cumulative_attrition_count"] <= high + 1e-4
            assert row["is_cumulative_within_80"] == is_within


def test_the_summary_is_that_of_the_forecasts(built: Built) -> None:
    rows = built.rows(
        "select * from attrition_forecast_accuracy where segment = 'all' and buckets_ahead = 2"
    )
    [summary] = built.rows(
        "select * from attrition_forecast_summary where segment = 'all' and buckets_ahead = 2"
    )
    errors = np.array([row["expected_attrition_count"] - row["attrition_count"] for row in rows])
    held = [row["is_within_80"] for row in rows if row["is_within_80"] is not None]
    last = [
        (abs(row["last_attrition_count"] - row["attrition_count"]), abs(error))
        for row, error in zip(rows, errors, strict=True)
        if row["last_attrition_count"] is not None
    ]

    assert summary["forecast_count"] == len(rows) > 10
    assert summary["mae"] == pytest.approx(np.abs(errors).mean())
    assert summary["rmse"] == pytest.approx(math.sqrt((errors**2).mean()))
    assert summary["coverage_80"] == pytest.approx(sum(held) / len(held))
    assert (summary["last_mae"], summary["mae_beside_last"]) == pytest.approx(
        tuple(np.mean(last, axis=0))
    )


def test_bounds_lie_around_the_forecast(built: Built) -> None:
    rows = built.rows("select * from attrition_forecast where reason is null")

    assert rows
    for row in rows:
        names = ("attrition_count", "attrition_rate", "value_lost", "cumulative_attrition_count")
        for name in names:
            expected = row[f"expected_{name}"]
            bounds = [row[f"{name}_{bound}"] for bound in ("lower_95", "lower_80")]
            bounds += [expected, row[f"{name}_upper_80"], row[f"{name}_upper_95"]]
            assert bounds == sorted(bounds)
            assert bounds[0] >= 0
        assert row["attrition_count_upper_95"] <= row["customer_count"] or (
            row["buckets_ahead"] > HORIZON
        )


LITTLE = {
    "one customer, one purchase": ({"one": {0: 5.0}}, 12),
    "one customer": ({"one": dict.fromkeys(range(0, 12, 2), 5.0)}, 12),
    "everybody leaves": ({f"c{n}": {n % 12: 5.0} for n in range(300)}, 12),
    "a short past": (random_purchases(300, 3, seed=1), 3),
    "nobody leaves": ({f"c{n}": dict.fromkeys(range(24), 5.0) for n in range(50)}, 24),
    "no amounts": (
        {c: dict.fromkeys(b, 0.0) for c, b in random_purchases(100, 20, seed=2).items()}, 20,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LITTLE)
def test_where_little_is_known_there_is_a_reason_and_no_nonsense(
    name: str, project: CompiledProject
) -> None:
    purchases, months = LITTLE[name]
    try:
        built = project.run(sales(purchases, months))
    except duckdb.Error as error:
        pytest.fail(f"{name}: {error}")
    rows = built.rows("select * from attrition_forecast")

    assert {row["buckets_ahead"] for row in rows} == set(range(1, AHEAD + 1))
    for row in rows:
        count, lower = row["expected_attrition_count"], row["attrition_count_lower_80"]
        assert (row["reason"] is None) == (count is not None and lower is not None), row
        assert count is None or 0 <= count <= len(purchases), row
        assert all(not isinstance(v, float) or math.isfinite(v) for v in row.values()), row
        if name == "no amounts":
            assert row["expected_value_lost"] is None
    everyone = [row for row in rows if row["segment"] == "all"]
    if name == "a short past":
        assert all(row["reason"].startswith("No forecast") for row in rows)
    if name == "everybody leaves":
        assert [row["expected_attrition_count"] for row in everyone[:3]] == [25, 25, 25]
    if name == "nobody leaves":
        assert max(row["expected_attrition_count"] for row in everyone) < 0.01
    months_left = built.rows("select expected_months_left as m from int_forecast__months_left")
    assert all(row["m"] is None or 0 <= row["m"] <= 60 for row in months_left)
