import numpy as np
import pytest
import xgboost
from attrition.training import tree_shap
from attrition.training.tree_shap import TreeShap

ROWS, WIDTH = 3000, 9


@pytest.fixture(scope="module")
def matrix():
    """Numbers with missing values, counts, and in the last three columns one category."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(ROWS, WIDTH)).astype(np.float32)
    values[:, 4] = rng.poisson(3, ROWS)
    values[rng.random(values.shape) < 0.15] = np.nan
    values[:, 6:] = np.eye(4, 3, dtype=np.float32)[rng.integers(0, 4, ROWS)]
    return values


def trained(matrix, num_round=25, **parameters):
    known = np.nan_to_num(matrix)
    signal = np.sin(3 * known[:, 0]) + known[:, 1] * known[:, 2] - 1.5 * known[:, 7] - 1
    rng = np.random.default_rng(1)
    left = (rng.random(len(matrix)) < 1 / (1 + np.exp(-signal))).astype(int)
    defaults = {"objective": "binary:logistic", "eta": 0.3, "seed": 1, "nthread": 1}
    data = xgboost.DMatrix(matrix, left)
    return xgboost.train(defaults | parameters, data, num_round)


def difference(booster, matrix):
    expected = booster.predict(xgboost.DMatrix(matrix), pred_contribs=True)
    found = TreeShap.of(booster).contributions(matrix)
    assert np.abs(expected[:, :-1]).max() > 0.01
    return np.abs(found - expected).max()


@pytest.mark.parametrize("depth", range(1, 9))
def test_contributions_are_xgboosts_own_at_every_depth(matrix, depth):
    assert difference(trained(matrix, max_depth=depth), matrix) < 1e-5


@pytest.mark.parametrize(
    "parameters",
    [
        {"monotone_constraints": "(1,-1,0,0,1,0,0,0,0)"},
        {"base_score": 0.03},
        {"min_child_weight": 30, "subsample": 0.7, "colsample_bytree": 0.4},
        {"gamma": 2, "reg_alpha": 1, "reg_lambda": 5},
        {"grow_policy": "lossguide", "max_leaves": 12, "max_depth": 0},
        {"scale_pos_weight": 4},
        {"tree_method": "exact"},
    ],
)
def test_contributions_are_xgboosts_own_however_trees_were_grown(matrix, parameters):
    assert difference(trained(matrix, **({"max_depth": 5} | parameters)), matrix) < 1e-5


def test_a_tree_that_is_a_single_leaf_contributes_nothing(matrix):
    booster = trained(matrix, num_round=3, gamma=1e9)
    assert booster.get_dump()[0].count("leaf") == 1
    assert not TreeShap.of(booster).contributions(matrix)[:, :-1].any()


def test_a_single_leaf_among_other_trees_changes_nothing(matrix):
    booster = trained(matrix, gamma=40, num_round=60, max_depth=3)
    leaves = [tree.count("leaf") for tree in booster.get_dump()]
    assert min(leaves) == 1 < max(leaves)
    assert difference(booster, matrix) < 1e-5


def test_a_feature_may_stand_on_a_path_more_than_once(matrix):
    alone = matrix.copy()
    alone[:, 1:] = 0
    assert difference(trained(alone, max_depth=6), alone) < 1e-5


def test_values_at_a_threshold_go_where_xgboost_sends_them(matrix):
    booster = trained(matrix, max_depth=4)
    frame = booster.trees_to_dataframe()
    at = matrix[:200].copy()
    for column in range(WIDTH):
        thresholds = frame[frame["Feature"] == f"f{column}"]["Split"].to_numpy(np.float32)
        at[:, column] = np.resize(thresholds, 200)
    assert difference(booster, at) < 1e-5


def test_a_rows_contributions_depend_on_no_other_row_and_no_thread(matrix, monkeypatch):
    tables = TreeShap.of(trained(matrix, max_depth=6))
    whole = tables.contributions(matrix)
    np.testing.assert_array_equal(tables.contributions(matrix[1234:1235]), whole[1234:1235])
    for rows_at_once, threads in ((77, 1), (500, 4)):
        monkeypatch.setattr(tree_shap, "ROWS_AT_ONCE", rows_at_once)
        monkeypatch.setattr(tree_shap.os, "cpu_count", lambda count=threads: count)
        np.testing.assert_array_equal(tables.contributions(matrix), whole)


def test_no_row_has_no_contribution(matrix):
    tables = TreeShap.of(trained(matrix, num_round=2))
    assert tables.contributions(matrix[:0]).shape == (0, WIDTH + 1)


def test_tables_cut_anywhere_give_the_same(matrix, monkeypatch):
    booster = trained(matrix, max_depth=6)
    for decisions in (1, 4, 10):
        monkeypatch.setattr(tree_shap, "DECISIONS", decisions)
        assert difference(booster, matrix) < 1e-5


def test_too_large_tables_are_not_made(matrix, monkeypatch):
    booster = trained(matrix, max_depth=6)
    monkeypatch.setattr(tree_shap, "LARGEST_TABLES", 10_000)
    assert TreeShap.of(booster) is None


def test_kinds_of_boosters_without_tables_are_left_to_xgboost(matrix):
    assert TreeShap.of(trained(matrix, booster="dart", num_round=3)) is None
    assert TreeShap.of(trained(matrix, booster="gblinear", num_round=3)) is None
    assert TreeShap.of(trained(matrix, num_parallel_tree=2, num_round=3)) is None


def test_tables_that_xgboost_does_not_agree_with_are_not_used(matrix, monkeypatch, caplog):
    booster = trained(matrix)
    shapley = tree_shap._shapley
    monkeypatch.setattr(tree_shap, "_shapley", lambda *given: 1.01 * shapley(*given))
    assert TreeShap.of(booster) is None
    assert "reasons take long, because XGBoost works them out itself" in caplog.text
