import collections
import datetime as dt
import json
import logging
import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import training_fixture as fixture
from attrition import dbt_models, schemas
from attrition.scoring import predictions as scoring
from attrition.scoring.artefact import (
    MissingFeaturesError,
    ModelVersion,
    UnreadableVersionError,
)


def warehouse_with(rows, roles=("challenger",), table=None, needs_judging=True):
    connection = fixture.connect(table)
    versions = schemas.table_of_rows(rows, schemas.CANDIDATE)
    fixture.store(connection, "attrition_model_artefacts", versions)
    fixture.store(connection, "attrition_champion", versions.slice(0, 1))
    contenders = pa.table(
        {
            "version_id": pa.array([row["version_id"] for row in rows], pa.string()),
            "role": pa.array(roles[: len(rows)], pa.string()),
            "needs_judging": pa.array([needs_judging] * len(rows), pa.bool_()),
        }
    )
    fixture.store(connection, "int_evaluation__contenders", contenders)
    return connection


def judge(connection):
    return dbt_models.ml_test_predictions(
        connection.table("training_plan"),
        connection.table("int_evaluation__contenders"),
        connection.table("attrition_model_artefacts"),
        connection.table("modeling_dataset"),
        connection,
    ).read_all()


def score(connection):
    return score_as_a_stream(connection).read_all()


def score_as_a_stream(connection):
    return dbt_models.ml_predictions(
        connection.table("attrition_champion"),
        connection.table("attrition_model_artefacts"),
        connection.table("attrition_model_metrics"),
        connection.table("attrition_feature_catalog"),
        connection.table("training_plan"),
        connection.table("modeling_dataset"),
        connection,
    )


@pytest.fixture(scope="module")
def judged():
    return judge(warehouse_with([fixture.trained()]))


@pytest.fixture(scope="module")
def scored():
    return score(warehouse_with([fixture.trained()]))


def test_what_only_fits_and_searches_is_not_needed_to_score_and_to_judge(monkeypatch):
    # on Snowflake the procedures of these models have neither
    connection = warehouse_with([fixture.trained()])
    for module in ("optuna", "sklearn", "sklearn.linear_model", "sklearn.isotonic"):
        monkeypatch.setitem(sys.modules, module, None)
    assert score(connection).num_rows
    assert judge(connection).num_rows


def test_every_labelled_row_of_three_splits_is_predicted_once_by_three_systems(judged):
    table = fixture.dataset()
    expected = table.filter(pc.is_in(table["split"], pa.array(["train", "validation", "test"])))
    assert judged.schema.equals(schemas.TEST_PREDICTIONS)
    assert judged.num_rows == 3 * expected.num_rows
    keys = judged.group_by(["system", "customer_id", "as_of_date"]).aggregate([([], "count_all")])
    assert set(keys["count_all"].to_pylist()) == {1}
    assert set(judged["system"].to_pylist()) == {"model", "recency", "logistic_regression"}
    assert set(judged["role"].to_pylist()) == {"challenger"}


def test_train_and_validation_come_from_the_search_fit_and_test_from_the_judged_one(judged):
    version = ModelVersion.from_row(fixture.trained())
    joined = judged.filter(pc.equal(judged["system"], "model")).join(
        fixture.dataset().drop_columns(["split", "is_attrition"]), ["customer_id", "as_of_date"]
    )
    for split, which in (("train", "search"), ("validation", "search"), ("test", "judged")):
        rows = joined.filter(pc.equal(joined["split"], split))
        expected = fixture.expected_probability(fixture.trained(), which, version.matrix(rows))
        assert fixture.trained()["judged_calibration"] == '{"method": "none"}'
        np.testing.assert_allclose(rows["probability"], expected, atol=1e-6)


def test_decisions_follow_the_threshold_of_each_system(judged):
    version = ModelVersion.from_row(fixture.trained())
    thresholds = {"model": version.decision_threshold} | {
        name: baseline["decision_threshold"]
        for name, baseline in json.loads(fixture.trained()["baselines"]).items()
    }
    for system, threshold in thresholds.items():
        rows = judged.filter(pc.equal(judged["system"], system))
        expected = rows["probability"].to_numpy() >= threshold
        np.testing.assert_array_equal(rows["decision"].to_numpy() == 1, expected)
        assert 0 < expected.mean() < 1


def test_test_rows_alone_are_held_out(judged):
    held_out = judged.filter(judged["is_held_out"])
    assert set(held_out["split"].to_pylist()) == {"test"}
    assert held_out.num_rows == 3 * fixture.CUSTOMERS


def test_an_incumbent_with_a_later_test_is_fitted_on_some_test_rows():
    later = fixture.trained() | {
        "version_id": "vlater",
        "split_rule": '{"mode": "last_n_months", "test_starts_on": "2024-09-01"}',
    }
    connection = warehouse_with([fixture.trained(), later], ("challenger", "incumbent"))
    judged = judge(connection)
    held_out = judged.filter(judged["is_held_out"])
    assert set(held_out["role"].to_pylist()) == {"challenger"}
    assert set(judged["role"].to_pylist()) == {"challenger", "incumbent"}


def test_versions_that_need_no_judging_are_not_predicted():
    assert judge(warehouse_with([fixture.trained()], needs_judging=False)).num_rows == 0
    empty = judge(warehouse_with([]))
    assert empty.schema.equals(schemas.TEST_PREDICTIONS)


def test_max_rows_thins_train_and_validation_customers_but_no_test_row():
    connection = warehouse_with([fixture.trained()])
    text = fixture.plan(max_rows=2000)["settings"]
    connection.execute("update training_plan set settings = ?", [text])
    judged = judge(connection)
    counts = judged.filter(pc.equal(judged["system"], "model")).group_by("split")
    rows = counts.aggregate([([], "count_all")]).to_pylist()
    by_split = {row["split"]: row["count_all"] for row in rows}
    assert by_split["test"] == fixture.CUSTOMERS
    assert 1900 < by_split["train"] + by_split["validation"] <= 2000
    assert by_split["validation"] > 0


def test_a_contender_whose_features_are_gone_is_left_out_with_a_sentence(caplog):
    table = fixture.dataset().drop_columns(["payer_type"])
    connection = warehouse_with([fixture.trained()], ("incumbent",), table)
    assert judge(connection).num_rows == 0
    assert "the incumbent is not judged" in caplog.text
    assert "payer_type" in caplog.text


def test_each_customer_of_the_newest_snapshot_is_scored_by_the_serving_fit(scored):
    table = fixture.dataset()
    newest = table.filter(pc.equal(table["as_of_date"], fixture.MONTHS[-1]))
    version = ModelVersion.from_row(fixture.trained())
    assert scored.schema.equals(schemas.PREDICTIONS)
    assert scored["customer_id"].to_pylist() == newest["customer_id"].to_pylist()
    expected = fixture.expected_probability(fixture.trained(), "serving", version.matrix(newest))
    np.testing.assert_allclose(scored["probability"], expected, atol=1e-6)
    np.testing.assert_array_equal(
        scored["decision"], (expected >= version.decision_threshold).astype(int)
    )


def test_reasons_name_positive_contributions_one_group_each_with_their_values(scored):
    groups = {name: group for name, _, group, _ in fixture.CATALOG}
    table = fixture.dataset()
    newest = table.filter(pc.equal(table["as_of_date"], fixture.MONTHS[-1])).to_pylist()
    for row, features in zip(scored.slice(0, 300).to_pylist(), newest, strict=False):
        named = [row[f"reason_{k}_feature"] for k in range(1, 6) if row[f"reason_{k}_feature"]]
        sizes = [row[f"reason_{k}_contribution"] for k in range(1, len(named) + 1)]
        assert len({groups[name] for name in named}) == len(named)
        assert sizes == sorted(sizes, reverse=True)
        assert all(size > 0 for size in sizes)
        for k in range(len(named) + 1, 6):
            assert row[f"reason_{k}_value"] is None
            assert row[f"reason_{k}_contribution"] is None
        if "payer_type" in named:
            text = row[f"reason_{named.index('payer_type') + 1}_value"]
            assert text == (features["payer_type"] or "unknown")


def test_the_contributions_written_are_exact(scored):
    version = ModelVersion.from_row(fixture.trained())
    table = fixture.dataset()
    newest = table.filter(pc.equal(table["as_of_date"], fixture.MONTHS[-1]))
    raw = fixture.expected_contributions(fixture.trained(), "serving", version.matrix(newest))
    names = version.preprocessing.column_names
    for index in range(0, 1500, 100):
        row = scored.slice(index, 1).to_pylist()[0]
        assert row["base_value"] == pytest.approx(raw[index, -1], abs=1e-6)
        name = row["reason_1_feature"]
        expected = sum(
            raw[index, i] for i, column in enumerate(names) if column.split("=")[0] == name
        )
        assert row["reason_1_contribution"] == pytest.approx(expected, abs=1e-5)
        by_feature: dict[str, float] = {}
        for i, column in enumerate(names):
            feature = column.split("=")[0]
            by_feature[feature] = by_feature.get(feature, 0.0) + raw[index, i]
        absolute = sum(map(abs, by_feature.values()))
        assert row["absolute_contribution"] == pytest.approx(absolute, abs=1e-5)


def explain_a_sample(connection):
    return schemas.concatenate(
        scoring.sampled_contributions(
            *fixture.read(
                connection,
                "attrition_champion",
                "attrition_model_artefacts",
                "attrition_feature_catalog",
                "training_plan",
                "modeling_dataset",
            )
        ),
        schemas.CONTRIBUTIONS,
    )


def test_what_features_add_to_scores_adds_up_to_the_margin_for_a_sample(monkeypatch, scored):
    connection = warehouse_with([fixture.trained()])
    explained = explain_a_sample(connection)
    version = ModelVersion.from_row(fixture.trained())
    table = fixture.dataset()
    newest = table.filter(pc.equal(table["as_of_date"], fixture.MONTHS[-1]))
    customers = newest["customer_id"].to_pylist()
    margins = dict(zip(customers, version.predict_margin(newest), strict=True))
    # both stand in the order of customers
    bases = dict(zip(customers, scored["base_value"].to_pylist(), strict=True))
    sums = collections.Counter()
    for row in explained.to_pylist():
        sums[row["customer_id"]] += row["contribution"]
    assert sums.keys() == margins.keys()
    assert max(abs(bases[one] + sums[one] - margins[one]) for one in margins) < 1e-4
    values = {
        (row["customer_id"], row["feature"]): (row["feature_value"], row["feature_number"])
        for row in explained.to_pylist()
    }
    for row in newest.slice(0, 200).to_pylist():
        text, number = values[row["customer_id"], "payer_type"]
        assert (text, number) == (row["payer_type"] or "unknown", None)
        _, number = values[row["customer_id"], "usual_gap_days"]
        assert number == row["usual_gap_days"]
    monkeypatch.setattr(scoring, "MOST_EXPLAINED", 200)
    fewer = set(explain_a_sample(connection)["customer_id"].to_pylist())
    assert 100 < len(fewer) <= 200


def test_small_batches_give_the_same_scores(scored, monkeypatch, caplog):
    monkeypatch.setattr(scoring, "ROWS_AT_ONCE", 100)
    caplog.set_level(logging.INFO, logger="attrition.scoring.predictions")
    assert score(warehouse_with([fixture.trained()])).equals(scored)
    assert "the champion has scored 1500 of 1500 customers" in caplog.text


def test_scores_are_made_as_they_are_written(scored, monkeypatch, caplog):
    monkeypatch.setattr(scoring, "ROWS_AT_ONCE", 500)
    caplog.set_level(logging.INFO, logger="attrition.scoring.predictions")
    connection = warehouse_with([fixture.trained()])
    stream = score_as_a_stream(connection)
    assert "has scored" not in caplog.text
    stream.read_next_batch()
    stream.read_next_batch()
    assert "the champion has scored 500 of" in caplog.text
    assert "the champion has scored 1000 of" not in caplog.text
    stream.read_all()
    # as dbt does it: on a cursor of its own
    cursor = connection.cursor()
    cursor.register("scored", score_as_a_stream(connection))
    cursor.execute("create table ml_predictions as select * from scored")
    assert pa.table(connection.table("ml_predictions")).cast(schemas.PREDICTIONS).equals(scored)


def test_no_champion_is_a_valid_state_with_one_sentence(caplog):
    table = score(warehouse_with([]))
    assert table.num_rows == 0
    assert table.schema.equals(schemas.PREDICTIONS)
    assert "there is no champion" in caplog.text


def test_a_champion_without_its_features_scores_nobody_and_says_which(caplog):
    table = fixture.dataset().drop_columns(["payer_type"])
    assert score(warehouse_with([fixture.trained()], table=table)).num_rows == 0
    assert "payer_type" in caplog.text


def test_a_pinned_champion_without_its_features_stops_with_their_names():
    table = fixture.dataset().drop_columns(["payer_type"])
    connection = warehouse_with([fixture.trained()], table=table)
    fixture.store(
        connection,
        "training_plan",
        pa.Table.from_pylist([fixture.plan(champion_version="v000000000000")]),
    )
    with pytest.raises(MissingFeaturesError, match="payer_type"):
        score(connection)


def test_customers_of_an_older_snapshot_are_not_scored_for_the_newest():
    connection = warehouse_with([fixture.trained()])
    later = fixture.plan()["newest_as_of_date"] + dt.timedelta(days=31)
    plan = fixture.plan() | {"newest_as_of_date": later}
    fixture.store(connection, "training_plan", pa.Table.from_pylist([plan]))
    assert score(connection).num_rows == 0


def shadow(rows, shadows):
    connection = warehouse_with(rows, roles=["challenger"] * len(rows))
    planned = fixture.plan(shadow_versions=shadows)
    fixture.store(connection, "training_plan", pa.Table.from_pylist([planned]))
    return dbt_models.ml_shadow_predictions(
        connection.table("attrition_model_artefacts"),
        connection.table("training_plan"),
        connection.table("modeling_dataset"),
        connection,
    ).read_all()


def test_a_shadow_scores_the_customers_that_the_champion_scores(scored):
    row = fixture.trained()
    found = shadow([row], [row["version_id"]])
    assert found.schema.equals(schemas.SHADOW_PREDICTIONS)
    assert found.equals(scored.select(schemas.SHADOW_PREDICTIONS.names))


def test_without_shadows_nobody_is_scored_twice():
    assert shadow([fixture.trained()], []).num_rows == 0


def test_a_shadow_that_cannot_be_applied_is_left_out_and_named(caplog):
    row = fixture.trained()
    broken = row | {"version_id": "v2", "serving_booster": b"{no}", "xgboost_version": "0.1"}
    found = shadow([row, broken], ["v2", "v3", row["version_id"]])
    assert set(found["version_id"].to_pylist()) == {row["version_id"]}
    assert "shadow v2 is not scored: model version v2 was written by" in caplog.text
    assert "shadow v3 is not scored: there is no model version v3" in caplog.text


def test_a_champion_that_cannot_be_read_stops_the_run_with_one_sentence():
    row = fixture.trained() | {"serving_booster": b"{no}"}
    with pytest.raises(UnreadableVersionError, match="was written by attrition"):
        score(warehouse_with([row]))


def test_an_incumbent_that_cannot_be_read_is_left_out_of_the_judgement(caplog):
    row = fixture.trained()
    other = row | {"version_id": "v2", "judged_booster": b"{no}"}
    found = judge(warehouse_with([row, other], roles=("challenger", "incumbent")))
    assert set(found["version_id"].to_pylist()) == {row["version_id"]}
    assert "the incumbent is not judged: model version v2" in caplog.text


def test_a_version_that_somebody_promoted_must_be_applicable():
    row = fixture.trained()
    connection = warehouse_with([row], table=fixture.dataset().drop_columns(["noise"]))
    for decided_by, expected in (("gate", 0), ("operator", None)):
        champion = pa.table({"version_id": [row["version_id"]], "decided_by": [decided_by]})
        fixture.store(connection, "attrition_champion", champion)
        if expected is None:
            with pytest.raises(MissingFeaturesError, match="noise"):
                score(connection)
        else:
            assert score(connection).num_rows == expected
