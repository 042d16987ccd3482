"""What the facts of a dataset mean: each sentence appears exactly when it is true."""

import dataclasses
from datetime import date

import pytest
from attrition.doctor.facts import (
    SPLITS,
    Counts,
    DatasetFacts,
    RejectedFacts,
    SplitFacts,
    read_facts,
)
from attrition.doctor.outlook import outlook
from attrition.settings.loading import check_settings
from attrition.training.calibration import MIN_PER_CLASS
from compiled_project import with_rows

ENOUGH = {
    "train": Counts(5000, 800),
    "validation": Counts(900, 150),
    "calibration": Counts(1200, 200),
    "test": Counts(1000, 160),
    "embargo": Counts(2000, 300),
    "unlabelled": Counts(1500, 0),
}
JANUARY_2023 = 2023 * 12


def dataset(counts: dict[str, Counts] | None = None, **changes) -> DatasetFacts:
    """Facts of three years of months, with a test from May to July."""
    given = ENOUGH | (counts or {})
    splits = tuple(
        SplitFacts(name, given[name], 100, date(2024, 5, 1), date(2024, 7, 1)) for name in SPLITS
    )
    facts = DatasetFacts(
        snapshots=36,
        first_snapshot=date(2022, 2, 1),
        newest_snapshot=date(2025, 1, 1),
        to_score=400,
        splits=splits,
        fit=Counts(8000, 1300),
        labelled_customers=900,
        validation_mode="last_n_months",
        calibration_months={JANUARY_2023 + month: Counts(100, 25) for month in range(12)},
        test_months=(JANUARY_2023 + 16, JANUARY_2023 + 17, JANUARY_2023 + 18),
        rejected=(RejectedFacts("sales", 10_000, 12, "repeated_key"),),
    )
    return dataclasses.replace(facts, **changes)


def findings(facts: DatasetFacts, **settings) -> dict[str, tuple[str, str]]:
    """Return {subject: (status, text and fix)}."""
    found = outlook(facts, check_settings(settings))
    return {one.subject: (one.status, f"{one.text} {one.fix}") for one in found}


def test_a_dataset_with_enough_of_everything_is_in_order():
    found = findings(dataset())
    assert {status for status, _ in found.values()} == {"ok"}
    assert "36 snapshots from 2022-02-01 to 2025-01-01" in found["Snapshots"][1]
    assert "10,100 labelled rows of 900 customers." in found["Snapshots"][1]
    assert "the 400 customers of the newest snapshot get a probability" in found["Promotion"][1]
    assert "2024-05-01 to 2024-07-01 has 1,000 rows with 160 attritions" in found["Promotion"][1]


def test_no_snapshot_is_a_problem_and_the_rest_is_not_spoken_of():
    found = findings(dataset(dict.fromkeys(SPLITS, Counts()), snapshots=0, to_score=0))
    assert found.keys() == {"Records", "Snapshots"}
    assert found["Snapshots"][0] == "problem"


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (
            dict.fromkeys([name for name in SPLITS if name != "unlabelled"], Counts()),
            "no label window of 6 months has ended in the data yet",
        ),
        ({"train": Counts()}, "0 training and 900 validation rows remain before the test"),
        ({"validation": Counts()}, "5,000 training and 0 validation rows remain before the test"),
        ({"train": Counts(5000, 0)}, "of 5,000 training rows 0 are attritions"),
        ({"train": Counts(5000, 0)}, "take a shorter attrition_horizon"),
        (
            {"train": Counts(5000, 5000)},
            "take a longer attrition_horizon, and see that customer_id",
        ),
        ({"validation": Counts(90, 90)}, "of 90 validation rows 90 are attritions"),
    ],
)
def test_what_hinders_training_is_a_problem_and_ends_the_list(counts, words):
    found = findings(dataset(counts))
    status, text = found["Training"]
    assert status == "problem"
    assert words in text
    assert "Promotion" not in found


def test_labels_that_are_all_the_same_are_spoken_of_once():
    all_left = {name: Counts(500, 500) for name in SPLITS if name != "unlabelled"}
    assert "Labels" not in findings(dataset(all_left))
    nearly = all_left | {"train": Counts(500, 490)}
    assert "probably too short" in findings(dataset(nearly))["Labels"][1]


def test_where_nothing_is_to_be_trained_a_missing_label_is_no_problem():
    labelled = [name for name in SPLITS if name != "unlabelled"]
    found = findings(dataset(dict.fromkeys(labelled, Counts())), retrain="never")
    assert found["Training"][0] == "ok"
    assert "retrain is never" in found["Training"][1]


def test_other_customers_as_validation_are_a_warning_unless_they_were_asked_for():
    short = dataset(validation_mode="grouped")
    assert findings(short)["Validation"][0] == "warning"
    assert "Validation" not in findings(short, validation="grouped")
    assert "Validation" not in findings(dataset())


@pytest.mark.parametrize(("grain", "other"), [("month", "week"), ("week", "month")])
def test_texts_speak_of_the_length_of_a_bucket(grain, other):
    labelled = [name for name in SPLITS if name != "unlabelled"]
    settings = {"time_grain": grain, "attrition_horizon": 2, "split": {"mode": "last_n_buckets"}}
    texts = [
        text
        for facts in (
            dataset(dict.fromkeys(labelled, Counts())),
            dataset({"train": Counts()}),
            dataset({"train": Counts(90_000, 89_000)}),
            dataset({"test": Counts(3, 1)}, validation_mode="grouped"),
        )
        for _, text in findings(facts, **settings).values()
    ]
    said = " ".join(texts)
    assert f"no label window of 2 {grain}s has ended" in said
    assert f"a horizon of 2 {grain}s is probably too short" in said
    assert f"and not on later {grain}s;" in said
    assert other not in said


@pytest.mark.parametrize(
    ("split", "key"),
    [
        ({"mode": "last_n_months"}, "split.months"),
        ({"mode": "last_n_buckets"}, "split.buckets"),
        ({"mode": "randomized"}, "split.perc_test"),
    ],
)
def test_a_test_that_is_too_large_or_too_small_is_named_by_its_own_key(split, key):
    assert (
        f"a smaller test ({key})"
        in findings(dataset({"train": Counts()}), split=split)["Training"][1]
    )
    few = findings(dataset({"test": Counts(3, 1)}), split=split)["Promotion"][1]
    assert f"a larger test ({key})" in few


@pytest.mark.parametrize(
    ("attritions", "status"), [(MIN_PER_CLASS, "ok"), (MIN_PER_CLASS - 1, "warning")]
)
def test_calibration_needs_enough_of_both_outcomes(attritions, status):
    few = dataset({"calibration": Counts(1000, attritions)})
    many = dataset({"calibration": Counts(1000, 1000 - attritions)})
    assert findings(few)["Calibration"][0] == status
    assert findings(many)["Calibration"][0] == status
    assert findings(few, calibration="none")["Calibration"][0] == "ok"


def test_seasonal_calibration_needs_the_season_of_the_year_before():
    assert findings(dataset(), calibration="seasonal")["Calibration"][0] == "ok"
    # without June 2023, May and July lack a neighbour but have rows enough; June has no row
    months = dict(dataset().calibration_months)
    del months[JANUARY_2023 + 5]
    without_june = dataset(calibration_months=months)
    months = {JANUARY_2023 + month: Counts(100, 25) for month in range(8, 12)}
    half_a_year = dataset(calibration_months=months)
    status, text = findings(half_a_year, calibration="seasonal")["Calibration"]
    assert status == "warning"
    assert "year before for May, June, July;" in text
    assert "for June;" in findings(without_june, calibration="seasonal")["Calibration"][1]
    assert findings(half_a_year)["Calibration"][0] == "ok"


def test_a_season_is_a_month_and_its_neighbours():
    # 25 + 25 attritions of two months together are enough, 25 of a lonely month are not
    months = {JANUARY_2023 + month: Counts(100, 25) for month in (3, 4, 6)}
    facts = dataset(calibration_months=months)
    assert "for June, July;" in findings(facts, calibration="seasonal")["Calibration"][1]


@pytest.mark.parametrize(
    ("test", "status"),
    [(Counts(200, 30), "ok"), (Counts(199, 30), "warning"), (Counts(200, 29), "warning")],
)
def test_a_promotion_needs_enough_test_rows_and_attritions(test, status):
    found_status, text = findings(dataset({"test": test}))["Promotion"]
    assert found_status == status
    assert f"{test.rows} rows with {test.attritions} attritions" in text
    assert (status == "ok") == ("takes 200 with 30" not in text)


@pytest.mark.parametrize("attritions", [0, 1000])
def test_a_test_of_one_outcome_promotes_nothing(attritions):
    found = findings(dataset({"test": Counts(1000, attritions)}))
    assert found["Promotion"][0] == "warning"
    assert f"Of 1,000 test rows {attritions:,} are attritions" in found["Promotion"][1]
    assert "get a probability" not in found["Promotion"][1]


def test_that_nobody_is_there_to_score_is_a_warning():
    status, text = findings(dataset(to_score=0))["Scores"]
    assert (status, "2025-01-01" in text) == ("warning", True)


def test_the_floors_of_the_settings_count():
    found = findings(dataset(), promotion={"min_rows": 1001})
    assert found["Promotion"][0] == "warning"
    assert "takes 1,001 with 30" in found["Promotion"][1]


@pytest.mark.parametrize(("cost", "status"), [(20, "ok"), (50, "ok"), (51, "warning")])
def test_a_contact_that_never_pays_is_a_warning(cost, status):
    threshold = {
        "mode": "cost",
        "cost_of_contact": cost,
        "value_of_customer": 100,
        "success_rate": 0.5,
    }
    found_status, text = findings(dataset(), threshold=threshold)["Decision"]
    assert found_status == status
    assert f"from a probability of {cost / 50:.3g}" in text


def test_a_capacity_for_everybody_is_a_warning():
    assert findings(dataset(), threshold={"mode": "capacity", "n": 399})["Decision"][0] == "ok"
    found = findings(dataset(), threshold={"mode": "capacity", "n": 400})
    assert found["Decision"][0] == "warning"


def test_the_profit_curve_is_spoken_of_while_nothing_is_known_about_money():
    assert "attrition_profit_curve" in findings(dataset())["Decision"][1]
    money = {"cost_of_contact": 1, "value_of_customer": 9, "success_rate": 0.5}
    found = findings(dataset(), threshold={"mode": "f1", **money})
    assert "attrition_profit_curve" not in found["Decision"][1]


@pytest.mark.parametrize(
    ("attritions", "word"), [(9100, "short"), (8900, None), (110, None), (90, "long")]
)
def test_a_horizon_that_nearly_all_or_nearly_none_survive_is_a_warning(attritions, word):
    nothing = {name: Counts() for name in SPLITS}
    found = findings(dataset(nothing | {"train": Counts(10_000, attritions)}))
    if word is None:
        assert "Labels" not in found
    else:
        assert found["Labels"][0] == "warning"
        assert f"horizon of 6 months is probably too {word}" in found["Labels"][1]


def test_limits_that_will_be_met_are_warnings():
    assert findings(dataset(), max_rows=10_099)["Rows"][0] == "warning"
    assert "Rows" not in findings(dataset(), max_rows=10_100)
    assert findings(dataset(), max_tuning_minutes=3)["Search"][0] == "warning"


def test_many_rejected_records_are_a_warning_with_their_rule():
    few, many = RejectedFacts("sales", 1000, 50, "a"), RejectedFacts("complaint", 1000, 51, "b")
    found = outlook(dataset(rejected=(few, many)), check_settings({}))
    assert [(one.status, one.subject) for one in found[:2]] == [
        ("warning", "Records"),
        ("ok", "Records"),
    ]
    assert "51 of 1,000 records of complaint are rejected, most by the rule b." in found[0].text
    assert "1,000 of sales (50 rejected)" in found[1].text


def test_facts_are_those_of_the_rows(monthly):
    facts = read_facts(monthly.built.connection)
    rows = monthly.built.rows(
        "select customer_id, as_of_date, split, is_fit, is_attrition from modeling_dataset"
    )
    for split in facts.splits:
        mine = [row for row in rows if row["split"] == split.split]
        dates = [row["as_of_date"] for row in mine]
        assert split.counts.rows == len(mine)
        assert split.counts.attritions == sum(row["is_attrition"] or 0 for row in mine)
        assert split.customers == len({row["customer_id"] for row in mine})
        assert (split.first_date, split.last_date) == (min(dates), max(dates))
    newest = max(row["as_of_date"] for row in rows)
    assert facts.newest_snapshot == newest
    assert facts.to_score == sum(row["as_of_date"] == newest for row in rows)
    assert facts.snapshots == len({row["as_of_date"] for row in rows})
    fit = [row["is_attrition"] for row in rows if row["is_fit"]]
    assert facts.fit == Counts(len(fit), sum(fit))
    assert facts.validation_mode == "last_n_months"
    labelled = {row["customer_id"] for row in rows if row["split"] != "unlabelled"}
    assert facts.labelled_customers == len(labelled)
    calibration = [row["as_of_date"] for row in rows if row["split"] == "calibration"]
    months = {day.year * 12 + day.month - 1 for day in calibration}
    assert facts.calibration_months.keys() == months
    assert sum(counts.rows for counts in facts.calibration_months.values()) == len(calibration)
    assert len(facts.test_months) == 3


def test_rejected_records_are_counted_by_table(monthly):
    broken = [{"sale_id": f"broken {n}", "sold_on": date(2024, 1, 1)} for n in range(3)]
    broken.append({"sale_id": "1023", "customer_id": "c", "sold_on": date(1023, 1, 1)})
    sales = with_rows(monthly.raw["sales"], broken)
    facts = read_facts(monthly.project.run({**monthly.raw, "sales": sales}).connection)
    by_table = {table.table: table for table in facts.rejected}
    assert by_table.keys() == monthly.raw.keys()
    assert by_table["sales"] == RejectedFacts("sales", sales.num_rows, 4, "no_identifier")
    complaints = monthly.raw["complaint"].num_rows
    assert by_table["complaint"] == RejectedFacts("complaint", complaints, 0, None)
