"""Removing the future changes no feature of the past, and a planted leak is seen."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from awkward_customers import busy_days
from compiled_project import (
    HAPPENED_ON,
    LEARNT_LATER,
    Built,
    Variation,
    cut,
    row_differences,
    sample_bounds,
    sample_tables,
)

VECTOR = "int_features__vector"


def cut_dates(variation: Variation) -> list[dt.date]:
    """Return starts of buckets, early and late in the data, on which much was recorded."""
    days = busy_days(*sample_bounds())
    return days[3:] if variation.project.variables.get("time_grain") == "week" else days[:3]


def up_to(features: pa.Table, date: dt.date) -> pa.Table:
    return features.filter(pc.less_equal(features["as_of_date"], pa.scalar(date)))


def compared(variation: Variation, date: dt.date) -> tuple[pa.Table, pa.Table]:
    """Return the features up to a date of the full data and of the data cut at the date."""
    then = variation.project.run(cut(variation.raw, date), until=VECTOR)
    return up_to(variation.built.table(VECTOR), date), then.table(VECTOR)


@pytest.mark.parametrize("name", ["monthly", "weekly", "ever_bought"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_features_do_not_change_when_the_future_is_removed(
    name: str, place: int, request: pytest.FixtureRequest
) -> None:
    variation = request.getfixturevalue(name)
    date = cut_dates(variation)[place]

    with_future, without = compared(variation, date)

    assert pc.max(without["as_of_date"]).as_py() == date, "no snapshot on the day of the cut"
    assert without.num_rows > 50
    assert without.schema == with_future.schema
    assert row_differences(with_future, without) == 0


def test_the_cut_leaves_nothing_that_was_known_only_later() -> None:
    raw = sample_tables()
    date = busy_days(*sample_bounds())[1]

    then = cut(raw, date)

    for table, happened_on in HAPPENED_ON.items():
        full, left = raw[table], then[table]
        assert left.schema.names == full.schema.names
        assert left.num_rows == pc.sum(pc.less(full[happened_on], date)).as_py() > 0
        assert pc.max(left[happened_on]).as_py() < date
        assert date in full[happened_on].to_pylist(), "nothing on the day of the cut itself"
    for table, learnt_on in LEARNT_LATER.items():
        assert pc.max(then[table][learnt_on]).as_py() < date
        closed_later = pc.greater_equal(raw[table][learnt_on], date)
        assert pc.sum(closed_later).as_py() > 0, "nothing was learnt later: the cut proves little"


@dataclass(frozen=True)
class Leak:
    """A change to the compiled SQL of a model that lets it see the snapshot's own bucket."""

    model: str
    written: str
    leaking: str


BEFORE_THE_BUCKET = (
    "totals.bucket < buckets.bucket\n            and totals.next_bucket >= buckets.bucket"
)
WITH_THE_BUCKET = "totals.bucket <= buckets.bucket and totals.next_bucket > buckets.bucket"
EACH_BUCKET = "over (\n            partition by customer_id order by bucket\n        )"
SO_FAR = (
    "over (\n        partition by customer_id\n        order by bucket\n"
    "        rows between unbounded preceding and"
)
LEAKS = {
    "orders of the bucket": Leak("int_features__sales", BEFORE_THE_BUCKET, WITH_THE_BUCKET),
    "orders to come": Leak(
        "int_features__sales",
        "order_count\n    - coalesce(lag(order_count, 3)",
        f"lead(order_count, 6) {EACH_BUCKET} - coalesce(lag(order_count, 3)",
    ),
    "window a year ago": Leak(
        "int_features__sales",
        f"lag(consumable_order_count, 12) {EACH_BUCKET}, 0)\n"
        "    - coalesce(lag(consumable_order_count, 15)",
        f"lead(consumable_order_count, 3) {EACH_BUCKET}, 0)\n"
        "    - coalesce(lag(consumable_order_count, 15)",
    ),
    "last order": Leak(
        "int_events__sales",
        f"then last_quantity end ignore nulls) {SO_FAR} current row",
        f"then last_quantity end ignore nulls) {SO_FAR} 1 following",
    ),
    "last gap": Leak(
        "int_events__sales",
        f"then last_gap_days end ignore nulls) {SO_FAR} current row",
        f"then last_gap_days end ignore nulls) {SO_FAR} 1 following",
    ),
    "totals": Leak(
        "int_events__sales",
        f"sum(order_count) {SO_FAR} current row",
        f"sum(order_count) {SO_FAR} 1 following",
    ),
    "purchases of the bucket": Leak(
        "int_population__spine",
        BEFORE_THE_BUCKET.replace("buckets", "snapshots"),
        WITH_THE_BUCKET.replace("buckets", "snapshots"),
    ),
    "population": Leak(
        "int_population__spine",
        "last_order_bucket\n    from",
        f"lead(last_order_bucket) {EACH_BUCKET} as last_order_bucket\n    from",
    ),
    "complaints of the bucket": Leak("int_features__complaint", BEFORE_THE_BUCKET, WITH_THE_BUCKET),
    "closing of complaints": Leak(
        "int_features__complaint", "closed_on::timestamp", "opened_on::timestamp"
    ),
    "contacts of the bucket": Leak("int_features__touchpoint", BEFORE_THE_BUCKET, WITH_THE_BUCKET),
    "event on the day": Leak(
        "int_features__startright", "session_on < spine", "session_on <= spine"
    ),
    "warranty that starts that day": Leak(
        "int_features__warranty",
        "spine.as_of_date > terms.starts_on",
        "spine.as_of_date >= terms.starts_on",
    ),
    "facts of that day": Leak(
        "int_features__demographics",
        "spine.as_of_date > terms.valid_from",
        "spine.as_of_date >= terms.valid_from",
    ),
}


@pytest.fixture(scope="module")
def monthly_cut(monthly: Variation) -> tuple[dt.date, Built]:
    date = cut_dates(monthly)[1]
    return date, monthly.project.run(cut(monthly.raw, date), until=VECTOR)


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
def test_a_planted_leak_is_seen(
    leak: Leak, monthly: Variation, monthly_cut: tuple[dt.date, Built]
) -> None:
    date, then = monthly_cut
    sql = monthly.project.sql_of(leak.model)
    assert leak.written in sql, f"{leak.model} is written differently now: plant the leak anew"

    def differences(text: str) -> int:
        return row_differences(up_to(monthly.built.query(text), date), then.query(text))

    columns = "*, known_from as as_of_date" if leak.model == "int_events__sales" else "*"
    assert differences(f"select {columns} from ({sql})") == 0
    leaking = sql.replace(leak.written, leak.leaking)
    assert differences(f"select {columns} from ({leaking})") > 0


@pytest.mark.parametrize("name", ["monthly", "weekly"])
@pytest.mark.parametrize("domain", ["sales", "complaint", "touchpoint"])
def test_windows_reach_as_far_back_as_states_are_read(
    name: str, domain: str, request: pytest.FixtureRequest
) -> None:
    """Else a build of the newest snapshot alone would take what it did not read for nothing."""
    sql = request.getfixturevalue(name).project.sql_of(f"int_features__{domain}")
    reaches = {int(one) for one in re.findall(r"lag\([^()]*, (\d+)\)", sql)}
    read = {int(one) for one in re.findall(r"'1000-01-01' \+ \(?cast\(-(\d+) as bigint\)", sql)}
    assert {max(reaches)} == read
