import json

import numpy as np
import pytest
from attrition.training import linear
from attrition.training.linear import LinearModel, fit_linear, peer_columns
from attrition.training.preprocessing import Feature, FeatureRule, Preprocessing
from attrition.training.rows import Rows
from attrition.training.sampling import balance
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

ALL = [0, 1, 2, 3]


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    matrix = np.column_stack(
        [
            rng.normal(size=2000),
            rng.gamma(2, 40, 2000),
            rng.random(2000) < 0.3,
            rng.random(2000) < 0.3,
        ]
    ).astype(np.float32)
    log_odds = 0.1 * matrix[:, 0] - 0.03 * (matrix[:, 1] - 80) + matrix[:, 2]
    left = (rng.random(2000) < 1 / (1 + np.exp(-log_odds))).astype(int)
    matrix[rng.random(2000) < 0.1, 1] = np.nan
    return Rows(matrix, left)


def pipeline(strength):
    return make_pipeline(
        FunctionTransformer(lambda x: np.sign(x) * np.log1p(np.abs(x))),
        SimpleImputer(strategy="median", add_indicator=True),
        StandardScaler(),
        LogisticRegression(C=strength, max_iter=1000, tol=1e-8),
    )


@pytest.mark.parametrize("strength", [0.001, 1.0])
def test_a_fit_equals_the_scikit_learn_pipeline_after_json(rows, strength):
    wide = rows.matrix.astype(np.float64)
    expected = pipeline(strength).fit(wide, rows.is_attrition)
    written = json.dumps(fit_linear(rows, ALL, strength).as_dict())
    fitted = LinearModel.from_dict(json.loads(written))
    np.testing.assert_allclose(
        fitted.margin(rows.matrix), expected.decision_function(wide), atol=1e-5
    )
    np.testing.assert_allclose(
        fitted.probability(rows.matrix), expected.predict_proba(wide)[:, 1], atol=1e-6
    )


def test_terms_and_intercept_sum_up_to_the_margin(rows, monkeypatch):
    fitted = fit_linear(rows, [1, 3])
    terms = fitted.terms(rows.matrix)
    assert terms.shape == rows.matrix.shape
    assert not terms[:, [0, 2]].any()
    # an average row has none
    np.testing.assert_allclose(terms.mean(axis=0), 0, atol=1e-6)
    monkeypatch.setattr(linear, "ROWS_AT_ONCE", 300)
    np.testing.assert_allclose(
        terms.sum(axis=1) + fitted.intercept, fitted.margin(rows.matrix), atol=1e-12
    )


def test_no_rows_have_no_margins(rows):
    assert fit_linear(rows, ALL).margin(rows.matrix[:0]).shape == (0,)


def test_it_reads_its_own_columns_alone(rows):
    fitted = fit_linear(rows, [1])
    changed = rows.matrix.copy()
    changed[:, [0, 2, 3]] = 7
    np.testing.assert_array_equal(fitted.margin(rows.matrix), fitted.margin(changed))


def test_a_value_far_beyond_those_of_the_fit_counts_as_half_their_range_beyond(rows):
    fitted = fit_linear(rows, [1])
    logs = np.log1p(rows.matrix[:, 1].astype(np.float64))
    low, high = np.nanmin(logs), np.nanmax(logs)
    edge = np.zeros((2, 4), dtype=np.float64)
    edge[:, 1] = np.expm1([high + (high - low) / 2, 3 * high])
    margins = fitted.margin(edge)
    assert margins[0] == pytest.approx(margins[1], abs=1e-6)
    edge[1, 1] = np.expm1(high)
    assert fitted.margin(edge)[1] > margins[0] + 0.1


@pytest.mark.parametrize("direction", [1, -1])
def test_a_direction_is_kept_and_the_others_are_fitted_without(rows, direction):
    # the second column lowers the risk
    fitted = fit_linear(Rows(rows.matrix, rows.is_attrition, (0, direction, 0, 0)), ALL)
    assert direction * fitted.coefficients[1] >= 0
    if direction == 1:
        assert fitted.coefficients[1] == 0
        # being missing says something still; the column itself is gone
        others = np.column_stack([rows.matrix[:, [0, 2, 3]], np.isnan(rows.matrix[:, 1])])
        expected = pipeline(1.0).fit(others.astype(np.float64), rows.is_attrition)
        np.testing.assert_allclose(
            fitted.margin(rows.matrix), expected.decision_function(others.astype(float)), atol=1e-5
        )
    else:
        assert fitted == fit_linear(rows, ALL)


@pytest.mark.parametrize("sampling", ["up", "down", "weight"])
def test_the_distortion_of_balanced_rows_is_taken_out(rows, sampling):
    rare = np.flatnonzero((rows.is_attrition == 0) | (np.arange(2000) % 4 == 0))
    few = Rows(rows.matrix[rare], rows.is_attrition[rare])
    balanced = balance(few, sampling, 1)
    assert balanced.log_odds_shift != 0
    probability = fit_linear(balanced, ALL).probability(few.matrix)
    assert probability.mean() == pytest.approx(few.is_attrition.mean(), abs=0.01)


def test_constant_and_missing_columns_do_no_harm(rows):
    matrix = rows.matrix.copy()
    matrix[:, 0], matrix[:, 2] = np.nan, 3
    fitted = fit_linear(Rows(matrix, rows.is_attrition), ALL)
    assert np.isfinite(fitted.margin(matrix)).all()
    assert np.isfinite(fit_linear(Rows(matrix, rows.is_attrition), [0]).margin(matrix)).all()


def test_beyond_the_cap_every_nth_row_is_used(rows, monkeypatch):
    monkeypatch.setattr(linear, "MAX_ROWS", 1000)
    half = Rows(rows.matrix[::2], rows.is_attrition[::2])
    capped = fit_linear(rows, [1])
    monkeypatch.setattr(linear, "MAX_ROWS", 10_000)
    assert capped == fit_linear(half, [1])


def numeric(*names, **rule):
    return [Feature(name, FeatureRule("numeric", **rule)) for name in names]


def columns_of(features, rows):
    matrix = rows.matrix[:, : sum(feature.width for feature in features)]
    return peer_columns(Preprocessing(tuple(features)), Rows(matrix, rows.is_attrition))


def test_recency_frequency_and_money_are_found_by_name(rows):
    features = numeric("consumable_amount_per_order", "days_since_last_order", "order_count")
    assert columns_of(features, rows) == {
        "recency": [1],
        "rfm": [1, 2, 0],
        "logistic_regression": [0, 1, 2],
    }


def test_without_recency_the_number_that_ranks_training_rows_best_stands_in(rows):
    payer = Feature("payer", FeatureRule("category"), ("a", "b"))
    assert columns_of([*numeric("weak", "strong"), payer], rows) == {
        "recency": [1],
        "logistic_regression": ALL,
    }


def test_categories_alone_have_no_recency(rows):
    only = [Feature("payer", FeatureRule("category"), ("a", "b"))]
    assert set(columns_of(only, rows)) == {"logistic_regression"}


def test_recency_is_found_under_another_name_and_never_among_dummies(rows):
    renamed = numeric("silence", original_name="days_since_last_order")
    assert columns_of([*numeric("strong"), *renamed], rows)["recency"] == [1]
    dummies = FeatureRule("numeric", is_dummy=True, original_name="days_since_last_order")
    found = columns_of([*numeric("strong"), Feature("silence", dummies, levels=())], rows)
    assert found["recency"] == [0]
