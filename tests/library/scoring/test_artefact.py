import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pytest
import training_fixture as fixture
from attrition import schemas
from attrition.errors import AttritionError
from attrition.scoring.artefact import (
    MissingFeaturesError,
    ModelVersion,
    UnreadableVersionError,
    is_held_out,
    reason_tier,
    strongest,
    telling,
    value_texts,
)
from attrition.training.preprocessing import Feature, FeatureRule

GROUPS = {name: (group, 0) for name, _, group, _ in fixture.CATALOG}


@pytest.fixture(scope="module")
def row():
    return fixture.trained()


@pytest.fixture(scope="module")
def version(row):
    return ModelVersion.from_row(row)


@pytest.fixture(scope="module")
def table():
    return fixture.dataset().slice(0, 900)


@pytest.mark.parametrize("which", ["search", "judged", "serving"])
def test_margins_are_those_of_its_parts_added_up(row, version, table, which):
    assert len(json.loads(row["weights"])) > 1
    expected = fixture.expected_margin(row, which, version.matrix(table))
    np.testing.assert_allclose(version.predict_margin(table, which), expected, atol=1e-5)


@pytest.mark.parametrize("part", ["boosted_trees", "logistic_regression", "recency"])
def test_a_version_may_be_one_part_alone(row, table, part):
    alone = row | {"weights": json.dumps({part: 1.0})}
    version = ModelVersion.from_row(alone)
    expected = fixture.expected_parts(row, "judged", version.matrix(table))[part].sum(axis=1)
    np.testing.assert_allclose(version.predict_margin(table, "judged"), expected, atol=1e-5)
    reasons = version.explain(table, {}, which="judged")
    total = reasons.base_value + reasons.contributions.sum(axis=1)
    np.testing.assert_allclose(total, expected, atol=1e-4)


def test_probabilities_without_calibration_are_the_logistic_function(row, table):
    plain = ModelVersion.from_row(
        row
        | {"judged_calibration": '{"method": "none"}', "serving_calibration": '{"method": "none"}'}
    )
    expected = fixture.expected_probability(row, "judged", plain.matrix(table))
    np.testing.assert_allclose(plain.predict_probability(table, "judged"), expected, atol=1e-6)


def test_each_booster_has_its_calibration(row, table):
    version = ModelVersion.from_row(
        row
        | {
            "judged_calibration": '{"method": "sigmoid", "slope": 2, "intercept": 1}',
            "serving_calibration": '{"method": "sigmoid", "slope": 0.5, "intercept": 0}',
        }
    )
    for which, slope, intercept in (("search", 2, 1), ("judged", 2, 1), ("serving", 0.5, 0)):
        margin = version.predict_margin(table, which)
        np.testing.assert_allclose(
            version.predict_probability(table, which),
            1 / (1 + np.exp(-(slope * margin + intercept))),
            atol=1e-12,
        )


def test_a_version_predicts_the_same_after_a_round_trip_through_a_table(row, version, table):
    connection = fixture.connect()
    fixture.store(connection, "versions", schemas.table_of_rows([row], schemas.CANDIDATE))
    back = ModelVersion.from_row(
        connection.sql("select * from versions").arrow().read_all().to_pylist()[0]
    )
    assert back == version
    for which in ("search", "judged", "serving"):
        np.testing.assert_array_equal(
            back.predict_probability(table, which), version.predict_probability(table, which)
        )
    assert back.decision_threshold == version.decision_threshold


def test_contributions_and_base_value_add_up_to_the_margin(version, table):
    reasons = version.explain(table, GROUPS)
    total = reasons.contributions.sum(axis=1) + reasons.base_value
    np.testing.assert_allclose(total, version.predict_margin(table), atol=1e-4)
    assert len(reasons.features) == len(version.preprocessing.features)


def test_batches_of_explanations_give_what_one_batch_gives(version, table, monkeypatch):
    whole = version.explain(table, GROUPS)
    monkeypatch.setattr("attrition.scoring.artefact.EXPLAINED_AT_ONCE", 77)
    np.testing.assert_array_equal(version.explain(table, GROUPS).contributions, whole.contributions)


def test_a_feature_that_no_tree_uses_contributes_nothing(version, table):
    changed = fixture.replaced(table, not_selected=np.arange(900, dtype="float32"))
    np.testing.assert_array_equal(version.predict_margin(changed), version.predict_margin(table))


def brute_reasons(contributions, groups, k):
    picked, seen = [], set()
    for feature in sorted(range(len(groups)), key=lambda i: (-contributions[i], i)):
        if contributions[feature] > 0 and groups[feature] not in seen:
            seen.add(groups[feature])
            picked.append(feature)
    return (picked + [-1] * k)[:k]


def test_reasons_are_the_largest_positive_contributions_one_of_each_group():
    rng = np.random.default_rng(0)
    contributions = rng.normal(size=(300, 7))
    groups = ["a", "b", "a", "c", "d", "c", "e"]
    expected = [brute_reasons(one, groups, 3) for one in contributions]
    assert strongest(contributions, groups, 3).tolist() == expected


def test_fewer_groups_than_reasons_leave_the_rest_empty():
    found = strongest(np.array([[0.5, 0.2], [-1.0, 0.0]]), ["a", "b"], 4)
    assert found.tolist() == [[0, 1, -1, -1], [-1, -1, -1, -1]]


def brute_telling(contributions, groups, tiers):
    """Return the positions of the features that may be told, of one row."""
    total = sum(abs(one) for one in contributions)
    of_groups = {
        group: sum(c for c, g in zip(contributions, groups, strict=True) if g == group)
        for group in groups
    }
    told = [
        i
        for i, one in enumerate(contributions)
        if one > 0 and one >= total / 100 and of_groups[groups[i]] > 0
    ]
    harmless = [i for i in told if tiers[i] < 2]
    return sorted(harmless or told, key=lambda i: (tiers[i], -contributions[i]))


def test_what_is_told_raises_the_risk_as_its_group_does_in_the_order_of_tiers():
    rng = np.random.default_rng(1)
    contributions = rng.normal(size=(300, 7)) * 10.0 ** rng.integers(-3, 1, (300, 7))
    groups, tiers = ["a", "b", "a", "c", "d", "c", "e"], [0, 1, 2, 0, 1, 1, 2]
    found = telling(contributions, groups, tiers)
    expected = [brute_telling(list(one), groups, tiers) for one in contributions]
    for row, told in zip(found, expected, strict=True):
        assert np.argsort(-row)[: len(told)].tolist() == told
        assert (row > 0).sum() == len(told)
    assert {len(one) for one in expected} >= {0, 1, 2, 3}
    assert any({tiers[i] for i in told} == {2} for told in expected)


def test_what_can_be_acted_on_is_told_before_the_rest_and_what_is_sensitive_last():
    flags = [(True, False), (False, False), (True, True), (False, True)]
    tiers = [reason_tier({"is_actionable": a, "is_sensitive": s}) for a, s in flags]
    assert tiers == [0, 1, 2, 2]


def test_contributions_of_the_reasons_stand_beside_them(version, table):
    reasons = version.explain(table, GROUPS, k=3)
    values = reasons.top_contributions()
    assert np.array_equal(np.isnan(values), reasons.top < 0)
    assert np.all(values[~np.isnan(values)] > 0)
    assert np.all(np.diff(np.nan_to_num(values), axis=1) <= 0)
    first = np.flatnonzero(reasons.top[:, 0] >= 0)[0]
    assert values[first, 0] == reasons.contributions[first, reasons.top[first, 0]]


def test_missing_features_are_named(version, table):
    with pytest.raises(MissingFeaturesError, match="noise, payer_type") as caught:
        version.predict_margin(table.drop_columns(["payer_type", "noise"]))
    assert isinstance(caught.value, AttritionError)
    assert set(caught.value.missing) == {"noise", "payer_type"}


def test_the_threshold_itself_is_a_decision_to_contact(version):
    threshold = version.decision_threshold
    below = np.nextafter(threshold, 0)
    assert version.decide(np.array([below, threshold, 1.0])).tolist() == [0, 1, 1]


def test_no_row_gives_no_prediction(version, table):
    assert version.predict_probability(table.slice(0, 0)).shape == (0,)


def test_values_are_written_for_a_reader():
    number = Feature("gap", FeatureRule("numeric"))
    texts = value_texts(number, pa.chunked_array([[1234.56, 12.5, 3.0, 0.333, -0.001, None, 0]]))
    assert texts.tolist() == ["1235", "12.5", "3", "0.33", "0", "unknown", "0"]
    flags = value_texts(
        Feature("auto", FeatureRule("boolean")), pa.chunked_array([[1.0, 0.0, None]])
    )
    assert flags.tolist() == ["yes", "no", "unknown"]
    categories = value_texts(
        Feature("payer", FeatureRule("category"), ("a",)), pa.chunked_array([["a", None]])
    )
    assert categories.tolist() == ["a", "unknown"]


def test_numbers_are_written_as_python_rounds_them():
    rng = np.random.default_rng(0)
    drawn = rng.normal(0, 1, 3000) * 10.0 ** rng.integers(-4, 6, 3000)
    awkward = [0.125, 0.375, -0.125, 99.995, 99.999, -99.999, 100, 100.5, 101.5, -100.5, 0.005,
               -0.0, 0.1, 2.5, 1e10, 2e17, -3e38, 1e-30, 7.0, 10, 200]  # fmt: skip
    values = np.concatenate([drawn, awkward]).astype(np.float32)
    texts = value_texts(Feature("x", FeatureRule("numeric")), pa.chunked_array([values]))
    for value, text in zip(values.astype(float), texts.to_pylist(), strict=True):
        short = f"{value:.2f}".rstrip("0").rstrip(".")
        expected = f"{value:.0f}" if abs(value) >= 100 else short
        assert text == ("0" if expected in ("-0", "") else expected)


DATES = np.array(["2024-05-01", "2024-08-01", "2024-09-01"], dtype="datetime64[D]")
TEST = np.array(["test", "test", "test"], dtype=object)


def test_rows_before_the_test_of_a_version_are_not_held_out():
    rule = {"mode": "last_n_months", "test_starts_on": dt.date(2024, 8, 1).isoformat()}
    assert is_held_out(rule, DATES, TEST, {"mode": "randomized"}).tolist() == [False, True, True]
    validation = np.array(["validation"] * 3, dtype=object)
    assert not is_held_out(rule, DATES, validation, {}).any()


@pytest.mark.parametrize(
    ("current", "expected"),
    [
        ({"mode": "randomized", "perc_test": 0.2}, True),
        ({"mode": "randomized", "perc_test": 0.3}, False),
        ({"mode": "last_n_months", "months": 3}, False),
    ],
)
def test_randomized_test_customers_are_held_out_under_the_same_split_only(current, expected):
    rule = json.loads('{"mode": "randomized", "perc_test": 0.2}')
    assert is_held_out(rule, DATES, TEST, current).tolist() == [expected] * 3


def with_preprocessing(row, **changes):
    written = json.loads(row["preprocessing"])
    return row | {"preprocessing": json.dumps(written | changes)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda row: with_preprocessing(row, format=99), "format 99"),
        (lambda row: row | {"serving_calibration": '{"method": "spline"}'}, "spline"),
        (lambda row: row | {"baselines": "not json"}, "JSONDecodeError"),
        (lambda row: row | {"judged_booster": b"{not a booster}"}, "XGBoostError"),
        (lambda row: row | {"serving_booster": b""}, "serving booster is empty"),
    ],
)
def test_what_another_library_wrote_fails_with_one_sentence(row, change, words):
    other = change(row) | {"library_version": "9.0", "xgboost_version": "7.1"}
    with pytest.raises(UnreadableVersionError) as raised:
        ModelVersion.from_row(other).check()
    text = str(raised.value)
    assert text.startswith(
        f"model version {row['version_id']} was written by attrition 9.0 with XGBoost 7.1 and"
    )
    assert words in text
    assert "\n" not in text


def test_another_library_version_alone_does_not_keep_a_version_from_loading(row, table):
    other = ModelVersion.from_row(row | {"library_version": "0.0.1", "xgboost_version": "2.0.0"})
    expected = ModelVersion.from_row(row).predict_probability(table)
    np.testing.assert_array_equal(other.predict_probability(table), expected)


def test_a_version_from_before_imputation_and_dummies_loads(row, table):
    written = json.loads(row["preprocessing"])
    written.pop("format")
    for feature in written["features"]:
        feature.pop("encoding", None)
    old = ModelVersion.from_row(row | {"preprocessing": json.dumps(written)})
    np.testing.assert_array_equal(old.matrix(table), ModelVersion.from_row(row).matrix(table))
