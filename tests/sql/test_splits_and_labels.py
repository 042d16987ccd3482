"""No label before its time, no label window that reaches where it must not, no customer twice."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from typing import Any

import pyarrow as pa
import pytest
from awkward_customers import busy_days
from brute_force import DAY, Task, build_day
from compiled_project import Variation, cut, row_differences, sample_bounds, with_rows

# Buys at the end of every month.
BUYER = "busy 0"
LABELS = ("is_attrition_c", "is_attrition_s", "is_attrition_cs")
SPLITS = {"train", "validation", "calibration", "test", "embargo", "unlabelled"}

Rows = list[dict[str, Any]]


def rows_of(variation: Variation) -> Rows:
    return variation.built.table("modeling_dataset").to_pylist()


def task_of(variation: Variation) -> Task:
    return Task.from_variables(variation.project.variables)


def label_end(row: dict[str, Any], variation: Variation) -> dt.date:
    """Return the first day after the label window of a row."""
    task = task_of(variation)
    return task.shift(row["as_of_date"], task.attrition_horizon)


def in_split(rows: Rows, *splits: str) -> Rows:
    found = [row for row in rows if row["split"] in splits]
    assert found, f"no row in {splits}: nothing would be tested"
    return found


def customers_of(rows: Rows) -> set[str]:
    return {row["customer_id"] for row in rows}


def dates_of(rows: Rows) -> list[dt.date]:
    return sorted({row["as_of_date"] for row in rows})


def hash_share(customer_id: str, salt: str) -> float:
    """Return the place between 0 and 1 that a salted md5 gives a customer."""
    text = f"{customer_id}:{salt}".encode()
    return int(hashlib.md5(text, usedforsecurity=False).hexdigest()[:8], 16) / 16**8


ALL = pytest.mark.parametrize("name", ["monthly", "weekly", "ever_bought"])
BY_TIME = pytest.mark.parametrize("name", ["monthly", "ever_bought"])


@pytest.fixture
def variation(name: str, request: pytest.FixtureRequest) -> Variation:
    return request.getfixturevalue(name)


# Splits


@ALL
def test_every_row_stands_in_one_known_split(variation: Variation) -> None:
    rows = rows_of(variation)

    assert {row["split"] for row in rows} <= SPLITS
    for row in rows:
        is_labelled = row["is_attrition"] is not None
        assert (row["split"] == "unlabelled") == (not is_labelled)
        assert not (row["is_fit"] and not is_labelled)
        assert row["is_refit"] == (is_labelled and not row["is_calibration_customer"])
        if row["split"] in ("train", "validation"):
            assert row["is_fit"]
        if row["split"] in ("test", "calibration"):
            assert not row["is_fit"]


@BY_TIME
def test_the_test_is_all_customers_of_the_last_matured_snapshots(variation: Variation) -> None:
    rows = rows_of(variation)
    months = variation.project.variables.get("split", {"months": 3})["months"]
    labelled = [row for row in rows if row["is_attrition"] is not None]

    test = in_split(rows, "test")

    assert dates_of(test) == dates_of(labelled)[-months:]
    assert len(test) == sum(row["as_of_date"] in dates_of(test) for row in labelled)


@BY_TIME
def test_no_fitted_label_window_reaches_into_the_test(variation: Variation) -> None:
    rows = rows_of(variation)
    test_starts_on = min(dates_of(in_split(rows, "test")))

    seen = in_split(rows, "train", "validation", "calibration") + [
        row for row in rows if row["is_fit"]
    ]

    assert max(label_end(row, variation) for row in seen) <= test_starts_on


@BY_TIME
def test_the_embargo_before_the_test_is_no_longer_than_a_horizon(variation: Variation) -> None:
    """What could be fitted is: the newest fitted window ends on the day that the test starts."""
    rows = rows_of(variation)
    fitted = [row for row in rows if row["is_fit"]]

    newest = max(label_end(row, variation) for row in fitted)

    assert newest == min(dates_of(in_split(rows, "test")))


def test_no_train_window_reaches_into_a_later_validation(monthly: Variation) -> None:
    rows = rows_of(monthly)
    validation, train = in_split(rows, "validation"), in_split(rows, "train")

    assert len(dates_of(validation)) == 3
    assert max(label_end(row, monthly) for row in train) == min(dates_of(validation))
    between = [
        row
        for row in rows
        if max(dates_of(train)) < row["as_of_date"] < min(dates_of(validation))
        and not row["is_calibration_customer"]
    ]
    assert between
    assert {row["split"] for row in between} == {"embargo"}
    assert all(row["is_fit"] for row in between)


def test_randomized_keeps_each_customer_on_one_side(weekly: Variation) -> None:
    rows = rows_of(weekly)
    test = customers_of(in_split(rows, "test"))
    others = customers_of(in_split(rows, "train", "validation", "calibration"))
    fitted = customers_of([row for row in rows if row["is_fit"]])

    assert test.isdisjoint(others)
    assert test.isdisjoint(fitted)
    assert 0.15 < len(test) / len(test | others) < 0.35
    assert not [row for row in rows if row["split"] == "embargo"]


@ALL
def test_calibration_customers_are_in_no_fit(variation: Variation) -> None:
    rows = rows_of(variation)
    for_calibration = customers_of([row for row in rows if row["is_calibration_customer"]])

    fitted = [row for row in rows if row["is_fit"] or row["is_refit"]]

    assert customers_of(fitted).isdisjoint(for_calibration)
    assert customers_of(in_split(rows, "train", "validation")).isdisjoint(for_calibration)
    assert customers_of(in_split(rows, "calibration")) <= for_calibration
    assert 0.07 < len(for_calibration) / len(customers_of(rows)) < 0.23


def test_grouped_validation_shares_no_customer_with_train(weekly: Variation) -> None:
    rows = rows_of(weekly)
    train, validation = in_split(rows, "train"), in_split(rows, "validation")

    assert customers_of(train).isdisjoint(customers_of(validation))
    share = len(customers_of(validation)) / len(customers_of(train + validation))
    assert 0.1 < share < 0.3
    assert {row["as_of_date"] for row in validation} <= {row["as_of_date"] for row in train}


@ALL
def test_hashes_are_salted_md5_of_the_customer_alone(variation: Variation) -> None:
    for row in rows_of(variation):
        name = row["customer_id"]
        assert int(row["customer_hash"], 16) / 16**8 == hash_share(name, "sample")
        assert row["is_calibration_customer"] == (hash_share(name, "calibration") < 0.15)


def test_auto_validation_is_a_later_block_only_while_enough_snapshots_train(
    ever_bought: Variation,
) -> None:
    """A horizon of training snapshots must remain before the block and its embargo.

    Of n buckets with a snapshot, 3 have not matured, 2 are the test, 2 are kept from it, 2 are
    validation and 2 are kept from that: the horizon is 3, and a window that ends on the day on
    which the next block starts is no overlap. 3 remain to train when n is 14.
    """
    task = task_of(ever_bought)
    first_snapshot = min(dates_of(rows_of(ever_bought)))
    found = {}
    for count in (13, 14):
        newest = task.shift(first_snapshot, count - 1)
        raw = cut(ever_bought.raw, newest)
        built = ever_bought.project.run(raw, until="int_population__splits")
        [bounds] = built.rows("select * from int_population__split_bounds")
        splits = built.table("int_population__splits").to_pylist()
        assert len(dates_of(splits)) == count
        found[count] = (bounds["validation_mode"], len(dates_of(in_split(splits, "train"))))

    assert found == {13: ("grouped", 6), 14: ("last_n_months", 3)}


# Labels


@ALL
def test_a_label_exists_when_and_only_when_its_window_has_passed(variation: Variation) -> None:
    reach = max(variation.raw["sales"]["sold_on"].to_pylist())

    for row in rows_of(variation):
        has_passed = label_end(row, variation) <= build_day(task_of(variation), reach)
        for label in (*LABELS, "is_attrition"):
            assert (row[label] is not None) == has_passed, row


@ALL
def test_labels_of_cut_data_are_those_of_the_full_data_or_none(variation: Variation) -> None:
    is_week = task_of(variation).time_grain == "week"
    date = busy_days(*sample_bounds())[4 if is_week else 1]
    then = variation.project.run(cut(variation.raw, date), until="int_population__labels")
    full = {(row["customer_id"], row["as_of_date"]): row for row in rows_of(variation)}

    known = unknown = 0
    for row in then.table("int_population__labels").to_pylist():
        later = full[row["customer_id"], row["as_of_date"]]
        has_passed = label_end(row, variation) <= date
        known, unknown = known + has_passed, unknown + (not has_passed)
        for label in LABELS:
            assert row[label] == (later[label] if has_passed else None)

    assert known > 100
    assert unknown > 100


# A wrong date far ahead


# Each wrong date, or its days after the end of the data, and the rule that it breaks.
FAR_AHEAD = {
    "years after today": [(dt.date.today() + dt.timedelta(days=800), "sold_on_beyond_today")],
    "tomorrow but one": [(dt.date.today() + 2 * DAY, "sold_on_beyond_today")],
    "the year 9999": [(dt.date(9999, 12, 31), "sold_on_beyond_today")],
    "years after all others, before today": [(700, "sold_on_far_ahead")],
    "three months after all others, within a horizon": [(100, "sold_on_far_ahead")],
    "three of them, with silences between": [
        (700, "sold_on_far_ahead"),
        (dt.date.today() - 400 * DAY, "sold_on_far_ahead"),
        (dt.date.today() - DAY, "sold_on_far_ahead"),
        (dt.date.today() + 800 * DAY, "sold_on_beyond_today"),
    ],
}


def far_ahead_sales(dates: list[tuple[dt.date | int, str]], last: dt.date) -> Rows:
    return [
        {
            "sale_id": f"wrong {place}",
            "customer_id": BUYER,
            "sold_on": last + date * DAY if isinstance(date, int) else date,
            "product_type": "consumable",
            "quantity": 4,
            "amount": 10,
            "is_return": False,
        }
        for place, (date, _) in enumerate(dates)
    ]


@pytest.mark.parametrize(
    ("name", "dates"),
    [
        *itertools.product(["monthly"], FAR_AHEAD.values()),
        ("weekly", FAR_AHEAD["three of them, with silences between"]),
    ],
    ids=[*FAR_AHEAD, "by the week"],
)
def test_a_sale_dated_far_ahead_changes_nothing_and_is_not_lost(
    dates: list[tuple[dt.date | int, str]], variation: Variation
) -> None:
    # the data ends early, so that there is room between its end and today
    early = busy_days(*sample_bounds())[0]
    raw = cut(variation.raw, early)
    wrong = far_ahead_sales(dates, early)

    before = variation.project.run(raw)
    after = variation.project.run({**raw, "sales": with_rows(raw["sales"], wrong)})

    dataset = before.table("modeling_dataset")
    assert dataset.num_rows > 300
    assert row_differences(dataset, after.table("modeling_dataset")) == 0
    assert before.table("attrition_rejected_records").num_rows == 0
    rejected = after.rows(
        "select table_name, record_key, customer_id, rule from attrition_rejected_records"
        " order by record_key"
    )
    assert rejected == [
        {
            "table_name": "sales",
            "record_key": f"wrong {place}",
            "customer_id": BUYER,
            "rule": rule,
        }
        for place, (_, rule) in enumerate(dates)
    ]


def test_a_record_of_another_table_dated_ahead_matures_no_label(monthly: Variation) -> None:
    early = busy_days(*sample_bounds())[0]
    raw = cut(monthly.raw, early)
    contact = {
        "touchpoint_id": "late",
        "customer_id": BUYER,
        "occurred_on": early + 300 * DAY,
        "direction": "inbound",
    }

    before = monthly.project.run(raw)
    after = monthly.project.run({**raw, "touchpoint": with_rows(raw["touchpoint"], [contact])})

    dataset = before.table("modeling_dataset")
    assert row_differences(dataset, after.table("modeling_dataset")) == 0


def test_sales_that_go_on_after_a_silence_are_believed(monthly: Variation) -> None:
    """A silence of the whole company is no reason to drop a real share of its sales."""
    first, last = sample_bounds()
    start, end = first + 300 * DAY, first + 600 * DAY
    sold_on = monthly.raw["sales"]["sold_on"].to_pylist()
    kept = pa.array([not start <= day < end for day in sold_on])
    raw = {**monthly.raw, "sales": monthly.raw["sales"].filter(kept)}

    built = monthly.project.run(raw)

    assert built.table("attrition_rejected_records").num_rows == 0
    assert built.rows("select max(sold_on) as reach from int_records__sales") == [{"reach": last}]
