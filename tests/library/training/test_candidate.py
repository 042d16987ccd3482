import dataclasses
import datetime as dt
import hashlib
import json
import logging

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import training_fixture as fixture
from attrition import dbt_models, schemas
from attrition.scoring.artefact import ModelVersion
from attrition.settings.loading import SettingsError
from attrition.training import candidate
from attrition.training.candidate import Recipe
from attrition.training.fingerprints import code_fingerprint, data_fingerprint
from attrition.training.frame import Frame, below_hash, read_frame
from attrition.training.preprocessing import FeatureRule
from sklearn.linear_model import LogisticRegression

LEARNT = ("preprocessing", "hyperparameters", "num_round", "search_booster", "judged_booster")
EVERYTHING_BUT_TIME = [name for name in schemas.CANDIDATE.names if name != "created_at"]


def content(row, name):
    """Return a column of a version without how long its trials took."""
    if name != "trials":
        return row[name]
    trials = json.loads(row[name])
    return [{key: one[key] for key in one if key != "duration_seconds"} for one in trials]


def linear_models(row):
    return json.loads(row["baselines"]).values()


def candidate_table(connection):
    return dbt_models.ml_candidate(
        connection.table("training_plan"),
        connection.table("attrition_feature_catalog"),
        connection.table("modeling_dataset"),
        connection,
    )


def changed_where(condition, table=None):
    """Return the dataset with labels turned round and features spoilt where a mask holds."""
    table = fixture.dataset() if table is None else table
    mask = condition(table).to_numpy(zero_copy_only=False)
    left = table["is_attrition"].to_numpy(zero_copy_only=False)
    known = ~np.isnan(left)
    labels = np.where(mask & known, 1 - left, left)
    payer = np.where(mask, "spoilt", table["payer_type"].to_pylist())
    return fixture.replaced(
        table,
        is_attrition=pa.array(labels, pa.int32(), mask=~known),
        order_count_6m=np.where(mask, 99, table["order_count_6m"]).astype("float32"),
        payer_type=pa.array(payer, pa.string()),
    )


def in_split(name):
    return lambda table: pc.equal(table["split"], name).combine_chunks()


def test_a_plan_that_is_not_due_gives_an_empty_table_of_the_declared_types():
    table = candidate_table(fixture.connect(is_due=False))
    assert table.num_rows == 0
    assert table.schema.equals(schemas.CANDIDATE)


def test_an_empty_plan_trains_nothing():
    connection = fixture.connect()
    connection.execute("delete from training_plan")
    assert candidate_table(connection).num_rows == 0


def test_a_due_plan_gives_one_row_of_the_declared_types():
    table = candidate_table(fixture.connect())
    assert table.schema.equals(schemas.CANDIDATE)
    row = table.to_pylist()[0]
    planned = fixture.plan()
    assert row["version_id"].startswith("v")
    assert len(row["version_id"]) == 13
    for name in ("settings", "settings_fingerprint", "run_id", "newest_label_date"):
        assert row[name] == planned[name]
    assert json.loads(row["split_rule"]) == {
        "mode": "last_n_months",
        "test_starts_on": "2024-08-01",
    }


def test_the_row_counts_what_was_fitted():
    row, table = fixture.trained(), fixture.dataset()
    fitted = table.filter(table["is_fit"])
    assert row["fit_row_count"] == fitted.num_rows
    assert row["fit_attrition_count"] == pc.sum(fitted["is_attrition"]).as_py()
    assert row["calibration_row_count"] == pc.sum(in_split("calibration")(table)).as_py()
    assert row["judged_last_label_date"] == fixture.LAST_TRAINING
    assert row["serving_last_label_date"] == fixture.TEST_STARTS_ON


def test_shuffled_rows_and_other_threads_give_the_same_version_and_bytes():
    table = fixture.dataset()
    order = np.random.default_rng(9).permutation(table.num_rows)
    shuffled = fixture.train(table.take(order), threads=2)
    for name in EVERYTHING_BUT_TIME:
        assert content(shuffled, name) == content(fixture.trained(), name), name


def test_test_rows_change_nothing_that_is_judged_on_them():
    row = fixture.train(changed_where(in_split("test")))
    learnt = (*LEARNT, "weights", "judged_calibration", "decision_threshold", "trials")
    for name in learnt:
        assert content(row, name) == content(fixture.trained(), name), name
    for one, other in zip(linear_models(row), linear_models(fixture.trained()), strict=True):
        serving = one.pop("serving"), other.pop("serving")
        assert one == other
        assert serving[0] != serving[1]
    assert row["serving_booster"] != fixture.trained()["serving_booster"]
    assert row["version_id"] != fixture.trained()["version_id"]


def test_calibration_rows_change_no_booster():
    row = fixture.train(
        changed_where(lambda table: table["is_calibration_customer"].combine_chunks()),
        calibration="none",
    )
    for name in (*LEARNT, "serving_booster", "weights"):
        assert content(row, name) == content(fixture.trained(), name), name


def test_unlabelled_rows_are_not_read():
    row = fixture.train(changed_where(in_split("unlabelled")))
    for name in EVERYTHING_BUT_TIME:
        assert content(row, name) == content(fixture.trained(), name), name


def test_levels_are_learnt_from_train_rows_alone():
    row = fixture.train(changed_where(in_split("validation")))
    payer = next(
        feature
        for feature in json.loads(row["preprocessing"])["features"]
        if feature["feature"] == "payer_type"
    )
    assert payer["levels"] == ["commercial", "medicare", "pharmacy"]


def test_without_a_refit_the_judged_model_serves():
    row = fixture.train(refit="none")
    assert row["serving_booster"] == row["judged_booster"]
    assert row["serving_calibration"] == row["judged_calibration"]
    assert row["serving_last_label_date"] == fixture.LAST_TRAINING
    assert row["judged_booster"] == fixture.trained()["judged_booster"]


def test_each_calibrator_sees_its_rows_and_its_booster():
    row = fixture.train(calibration="sigmoid")
    version = ModelVersion.from_row(row)
    table = fixture.dataset()
    judged = table.filter(in_split("calibration")(table))
    matured = pc.and_(table["is_calibration_customer"], pc.is_valid(table["is_attrition"]))
    for which, rows in (("judged", judged), ("serving", table.filter(matured))):
        expected = LogisticRegression(C=np.inf, tol=1e-8)
        expected.fit(version.predict_margin(rows, which)[:, None], rows["is_attrition"].to_numpy())
        rule = json.loads(row[f"{which}_calibration"])
        # Platt's smoothed targets move the line a little
        assert rule["slope"] == pytest.approx(expected.coef_[0, 0], abs=0.01)
        assert rule["intercept"] == pytest.approx(expected.intercept_[0], abs=0.01)


def test_the_threshold_comes_from_calibration_rows():
    row = fixture.train(threshold={"mode": "capacity", "n": 300})
    version, table = ModelVersion.from_row(row), fixture.dataset()
    newest = table.filter(
        pc.and_(
            in_split("calibration")(table), pc.equal(table["as_of_date"], fixture.LAST_TRAINING)
        )
    )
    probability = np.sort(version.predict_probability(newest, "judged"))[::-1]
    share = 300 / fixture.CUSTOMERS
    assert row["decision_threshold"] == probability[round(share * len(probability)) - 1]
    assert np.mean(probability >= row["decision_threshold"]) == pytest.approx(share, abs=0.01)


def test_too_few_calibration_customers_leave_margins_and_use_validation_for_the_threshold():
    table = fixture.dataset()
    first_ten = pc.less(table["customer_id"], "c00010").combine_chunks()
    keep = pc.or_(first_ten, pc.invert(table["is_calibration_customer"]))
    row = fixture.train(table.filter(keep), calibration="isotonic")
    assert json.loads(row["judged_calibration"]) == {"method": "none"}
    assert json.loads(row["serving_calibration"]) == {"method": "none"}
    version = ModelVersion.from_row(row)
    validation = table.filter(in_split("validation")(table))
    assert row["decision_threshold"] in version.predict_probability(validation, "search")


@pytest.mark.parametrize("split", ["train", "validation"])
@pytest.mark.parametrize("label", [0, 1])
def test_one_outcome_alone_trains_nothing_and_says_so(split, label, caplog):
    table = fixture.dataset()
    left = pc.if_else(in_split(split)(table), label, table["is_attrition"])
    table = fixture.replaced(table, is_attrition=left.cast(pa.int32()))
    assert fixture.train(table) is None
    assert f"split `{split}`" in caplog.text
    assert "customers who left and customers who stayed" in caplog.text


@pytest.mark.parametrize("split", ["train", "validation"])
def test_a_split_without_rows_trains_nothing(split, caplog):
    table = fixture.dataset()
    assert fixture.train(table.filter(pc.invert(in_split(split)(table)))) is None
    assert "has 0 rows" in caplog.text


def test_max_rows_leaves_out_whole_customers_of_both_kinds():
    table = fixture.dataset()
    connection = fixture.connect(table)
    [dataset] = fixture.read(connection, "modeling_dataset")
    types = {"noise": FeatureRule("numeric")}
    frame = read_frame(dataset, types, 4000)
    everything = read_frame(dataset, types, 1_000_000)
    assert 3800 < frame.table.num_rows <= 4000
    kept = set(frame.table["customer_id"].to_pylist())
    whole = pc.is_in(everything.table["customer_id"], pa.array(sorted(kept)))
    assert frame.table.equals(everything.table.filter(whole))
    np.testing.assert_array_equal(frame.matrix, everything.filter(whole.to_numpy()).matrix)
    for flag in ("is_refit", "is_calibration_customer"):
        ratio = frame.flag(flag).sum() / everything.flag(flag).sum()
        assert ratio == pytest.approx(4000 / everything.table.num_rows, abs=0.02)


def test_trials_on_a_sample_end_with_the_best_of_them_on_all_rows(monkeypatch):
    monkeypatch.setattr(candidate, "MOST_ROWS", 1500)
    row = fixture.train()
    *tried, last = json.loads(row["trials"])
    table = fixture.dataset()
    assert len(tried) == fixture.SETTINGS["num_tuning_rounds"]
    assert {one["row_count"] for one in tried} < set(range(1300, 1700))
    assert last["row_count"] == pc.sum(in_split("train")(table)).as_py()
    assert last["number"] == len(tried) + 1
    assert last["parameters"] in [one["parameters"] for one in tried]
    assert json.loads(row["hyperparameters"]) == last["parameters"]
    assert row["num_round"] == last["num_round"]
    shuffled = fixture.train(table.take(np.random.default_rng(9).permutation(table.num_rows)))
    assert content(shuffled, "trials") == content(row, "trials")
    assert shuffled["version_id"] == row["version_id"]


def test_a_sample_of_rows_is_whole_customers_with_both_outcomes():
    [dataset] = fixture.read(fixture.connect(), "modeling_dataset")
    frame = read_frame(dataset, {"noise": FeatureRule("numeric")}, 1_000_000)
    train = frame.in_split("train")
    kept = frame.sample(train, 1500, 42)
    assert 1300 < kept.sum() < 1700
    chosen = np.isin(frame.customers, frame.customers[kept])
    np.testing.assert_array_equal(kept, train & chosen)
    assert (frame.sample(train, 1500, 43) != kept).any()
    assert frame.sample(train, int(train.sum()), 42) is train
    stayed = train & (frame.is_attrition == 0)
    assert frame.sample(stayed, 10, 42) is stayed


def test_a_hash_condition_keeps_as_many_rows_as_fit():
    assert below_hash(["0", "4", "8"], [3, 3, 3], 9) == []
    assert below_hash(["0", "4", "8"], [3, 3, 3], 8) == [("customer_hash", "<", "8")]
    assert below_hash(["0", "4", "8"], [3, 3, 3], 2) == [("customer_hash", "<", "0")]


def test_fingerprints_depend_on_values_and_not_on_how_they_are_stored():
    table = pa.table(
        {
            "a": pa.array([1.0, None, float("nan"), 0.0], pa.float32()),
            "b": pa.array(["x", None, "", "yz"]),
            "c": pa.array([1, None, 0, 2], pa.int32()),
            "d": pa.array([dt.date(2024, 1, 1)] * 4),
            "e": pa.array([True, None, False, True]),
        }
    )
    expected = data_fingerprint(table)
    chunked = pa.concat_tables([table.slice(0, 1), table.slice(1)])
    padded = pa.concat_tables([table, table]).slice(4)
    other_nan = np.array([0x7FC00001], dtype="uint32").view("float32")
    bits = fixture.replaced(
        table, a=pa.array([1.0, other_nan[0], None, -0.0], pa.float32(), from_pandas=False)
    )
    for same in (chunked, padded, bits, table.select(["e", "d", "c", "b", "a"])):
        assert data_fingerprint(same) == expected
    for name, values in (
        ("a", pa.array([1.0, None, None, 0.5], pa.float32())),
        ("b", pa.array(["x", "", None, "yz"])),
        ("b", pa.array(["xy", None, "", "z"])),
        ("c", pa.array([1, 0, None, 2], pa.int32())),
    ):
        assert data_fingerprint(fixture.replaced(table, **{name: values})) != expected


def test_the_id_is_that_of_the_fingerprints_and_the_preprocessing():
    row = fixture.trained()
    names = ("settings_fingerprint", "data_fingerprint", "code_fingerprint", "preprocessing")
    joined = "\n".join(row[name] for name in names)
    assert row["version_id"] == "v" + hashlib.sha256(joined.encode()).hexdigest()[:12]


def test_the_code_fingerprint_covers_sources_and_xgboost(monkeypatch):
    before = code_fingerprint()
    assert code_fingerprint() == before
    with monkeypatch.context() as patch:
        patch.setattr("xgboost.__version__", "0.0")
        assert code_fingerprint() != before
    monkeypatch.setattr("pkgutil.get_data", lambda package, name: b"other code")
    assert code_fingerprint() != before


def test_settings_are_read_from_the_plan_and_others_ignored():
    settings = Recipe.from_json(fixture.plan()["settings"])
    assert settings.num_tuning_rounds == 5
    assert settings.threshold == {"mode": "f1"}
    assert "population" not in dataclasses.asdict(settings)


def test_a_randomized_split_is_recorded_as_such():
    rule = candidate.split_rule({"mode": "randomized", "perc_test": 0.3}, None)
    assert rule == {"mode": "randomized", "perc_test": 0.3}


def test_a_test_of_newest_snapshots_is_recorded_alike_however_it_is_counted():
    day = dt.date(2024, 9, 2)
    rules = [
        candidate.split_rule(split, day)
        for split in (
            {"mode": "last_n_months", "months": 1},
            {"mode": "last_n_buckets", "buckets": 4},
        )
    ]
    assert rules == [{"mode": "last_n_months", "test_starts_on": "2024-09-02"}] * 2


def test_features_that_are_not_selected_are_not_used():
    features = json.loads(fixture.trained()["preprocessing"])["features"]
    selected = sorted(name for name, _, _, is_selected in fixture.CATALOG if is_selected)
    assert [feature["feature"] for feature in features] == selected


def test_trials_baselines_and_profile_are_json_of_the_expected_shape():
    row = fixture.trained()
    assert len(json.loads(row["trials"])) == 5
    assert set(json.loads(row["baselines"])) == {"recency", "logistic_regression"}
    assert json.loads(row["baselines"])["recency"]["features"] == ["days_since_last_order"]
    profile = json.loads(row["baseline_profile"])
    assert len(profile["noise"]["deciles"]) == 11
    assert profile["usual_gap_days"]["missing_share"] == pytest.approx(0.2, abs=0.02)


def test_progress_names_the_version(caplog):
    caplog.set_level(logging.INFO, logger="attrition.training.candidate")
    row = fixture.train(hyperparameters={"num_round": 10}, num_tuning_rounds=1)
    assert f"trained version {row['version_id']}" in caplog.text


def test_a_frame_numbers_customers_alike_on_all_their_rows():
    table = pa.table({"customer_id": ["a", "a", "b", "c"]})
    assert Frame(table, None, None).customers.tolist() == [1, 1, 2, 3]


def test_a_direction_of_the_catalog_changes_the_booster_and_the_id():
    row = fixture.train(features={"days_since_last_order": {"monotone_direction": -1}})
    version = ModelVersion.from_row(row)
    table = fixture.dataset().slice(0, 50)
    for value in (5, 50):
        days = np.full(50, value, dtype="float32")
        margin = version.predict_margin(fixture.replaced(table, days_since_last_order=days))
        if value == 5:
            fewer = margin
    assert (margin <= fewer + 1e-6).all()
    assert row["version_id"] != fixture.trained()["version_id"]


def test_imputation_and_dummies_of_the_catalog_reach_the_version():
    row = fixture.train(
        features={
            "usual_gap_days": {"imputation": "median"},
            "payer_type": {"is_dummy": False},
            "order_count_6m": {"is_dummy": True},
        }
    )
    version = ModelVersion.from_row(row)
    table = fixture.dataset()
    matrix = version.matrix(table)
    slices = version.preprocessing.slices()
    gap = table.filter(in_split("train")(table))["usual_gap_days"].drop_null().to_numpy()
    missing = table["usual_gap_days"].is_null().to_numpy()
    filled = matrix[missing, slices["usual_gap_days"].start]
    assert set(filled) == {np.float32(np.median(gap))}
    assert slices["payer_type"].stop - slices["payer_type"].start == 1
    assert slices["order_count_6m"].stop - slices["order_count_6m"].start > 5


def test_a_search_that_the_clock_ended_marks_its_version(monkeypatch):
    clock = iter(range(0, 100_000, 30))
    monkeypatch.setattr("attrition.training.search.time.monotonic", lambda: next(clock))
    row = fixture.train(max_tuning_minutes=1)
    assert row["is_reproducible"] is False
    assert fixture.trained()["is_reproducible"] is True
    # a search with more time has the same inputs and must not be taken for the same version
    monkeypatch.undo()
    assert fixture.train(max_tuning_minutes=1)["version_id"] != row["version_id"]


def test_a_label_is_kept_and_does_not_change_the_id():
    row = fixture.train(version_label="spring campaign")
    assert row["version_label"] == "spring campaign"
    assert row["judged_booster"] == fixture.trained()["judged_booster"]
    assert fixture.trained()["version_label"] is None


def test_seasonal_calibration_is_fitted_on_calibration_rows_and_applied_by_date():
    row = fixture.train(calibration="seasonal")
    rule = json.loads(row["judged_calibration"])
    assert rule["method"] == "seasonal"
    # January to June are the months of its calibration rows
    assert sorted(rule["intercepts"], key=int) == ["1", "2", "3", "4", "5", "6"]
    version, table = ModelVersion.from_row(row), fixture.dataset().slice(0, 9)
    months = [date.month for date in table["as_of_date"].to_pylist()]
    shift = [rule["intercepts"].get(str(month), rule["intercept"]) for month in months]
    margin = version.predict_margin(table, "judged")
    expected = 1 / (1 + np.exp(-(rule["slope"] * margin + shift)))
    np.testing.assert_allclose(version.predict_probability(table, "judged"), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (
            {"start_month": "2024-05", "max_month": "2024-04"},
            'start_month: "2024-05" is after max_month "2024-04"; swap them or widen the range.',
        ),
        ({"drop": ["overdue_ration"]}, "drop: overdue_ration is not a feature;"),
        ({"hyperparameters": {"eta": {"min": 0.3, "max": 0.1}}}, "min is above max."),
    ],
)
def test_settings_that_dbt_alone_cannot_check_are_refused(settings, line):
    with pytest.raises(SettingsError) as refused:
        fixture.train(**settings)
    assert line in str(refused.value)
