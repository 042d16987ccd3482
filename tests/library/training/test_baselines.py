import json

import numpy as np
import pytest
from attrition.training import baselines
from attrition.training.baselines import (
    baseline_columns,
    fit_baseline,
    predict_baseline,
    recency_feature,
)
from attrition.training.preprocessing import Feature, FeatureRule, Preprocessing
from attrition.training.rows import Rows
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

PREPROCESSING = Preprocessing(
    (
        Feature("weak", FeatureRule("numeric")),
        Feature("strong", FeatureRule("numeric")),
        Feature("payer", FeatureRule("category"), ("a", "b")),
    )
)


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


def test_a_fit_equals_the_scikit_learn_pipeline_after_json(rows):
    pipeline = make_pipeline(
        FunctionTransformer(lambda x: np.sign(x) * np.log1p(np.abs(x))),
        SimpleImputer(strategy="median"),
        StandardScaler(),
        LogisticRegression(max_iter=1000),
    ).fit(rows.matrix.astype(np.float64), rows.is_attrition)
    fitted = json.loads(json.dumps(fit_baseline(rows, [0, 1, 2, 3])))
    np.testing.assert_allclose(
        predict_baseline(fitted, rows.matrix),
        pipeline.predict_proba(rows.matrix.astype(np.float64))[:, 1],
        atol=1e-6,
    )


def test_it_reads_its_own_columns_alone(rows):
    fitted = fit_baseline(rows, [1])
    changed = rows.matrix.copy()
    changed[:, [0, 2, 3]] = 7
    np.testing.assert_array_equal(
        predict_baseline(fitted, rows.matrix), predict_baseline(fitted, changed)
    )


def test_recency_is_days_since_last_order_where_it_exists(rows):
    named = Preprocessing(
        (
            Feature("strong", FeatureRule("numeric")),
            Feature("days_since_last_order", FeatureRule("numeric")),
        )
    )
    assert recency_feature(named, Rows(rows.matrix[:, :2], rows.is_attrition)) == (
        "days_since_last_order"
    )


def test_without_it_the_number_that_ranks_training_rows_best_stands_in(rows):
    assert recency_feature(PREPROCESSING, rows) == "strong"
    assert baseline_columns(PREPROCESSING, rows) == {
        "recency": [1],
        "logistic_regression": [0, 1, 2, 3],
    }


def test_categories_alone_have_no_recency_baseline(rows):
    only = Preprocessing((Feature("payer", FeatureRule("category"), ("a", "b")),))
    assert set(baseline_columns(only, rows)) == {"logistic_regression"}


def test_constant_and_missing_columns_do_no_harm(rows):
    matrix = rows.matrix.copy()
    matrix[:, 0], matrix[:, 2] = np.nan, 3
    fitted = fit_baseline(Rows(matrix, rows.is_attrition), [0, 1, 2, 3])
    assert np.isfinite(predict_baseline(fitted, matrix)).all()


def test_beyond_the_cap_every_nth_row_is_used(rows, monkeypatch):
    monkeypatch.setattr(baselines, "MAX_ROWS", 1000)
    half = Rows(rows.matrix[::2], rows.is_attrition[::2])
    capped = fit_baseline(rows, [1])
    monkeypatch.setattr(baselines, "MAX_ROWS", 10_000)
    assert capped == fit_baseline(half, [1])


def test_recency_is_found_under_another_name_and_never_among_dummies(rows):
    renamed = FeatureRule("numeric", original_name="days_since_last_order")
    dummies = FeatureRule("numeric", is_dummy=True, original_name="days_since_last_order")
    strong = Feature("strong", FeatureRule("numeric"))
    matrix = Rows(rows.matrix[:, :2], rows.is_attrition)
    found = recency_feature(Preprocessing((strong, Feature("silence", renamed))), matrix)
    assert found == "silence"
    empty = Feature("silence", dummies, levels=())
    assert recency_feature(Preprocessing((strong, empty)), matrix) == "strong"
