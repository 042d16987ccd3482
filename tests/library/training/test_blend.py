import numpy as np
import pytest
import xgboost
from attrition.training.blend import Blend, choose_weights, described
from attrition.training.linear import fit_linear
from attrition.training.metrics import expit, row_log_loss
from attrition.training.noise import CustomerBootstrap
from attrition.training.rows import Rows
from attrition.training.search import fit_booster

COUNT = 6000


def truth(seed=0, count=COUNT):
    """Two independent signals whose sum drives the outcome."""
    rng = np.random.default_rng(seed)
    one, two = rng.normal(size=(2, count))
    left = (rng.random(count) < expit(one + two)).astype(int)
    return one, two, left, rng


def choose(margins, left):
    return choose_weights(margins, left, CustomerBootstrap(np.arange(len(left)), 0))


def test_parts_that_are_as_good_as_each_other_count_the_same():
    one, two, left, rng = truth()
    noisy = [one + two + rng.normal(size=COUNT) for _ in range(2)]
    found = choose({"boosted_trees": noisy[0], "logistic_regression": noisy[1]}, left)
    assert found == {"boosted_trees": 0.5, "logistic_regression": 0.5}


def test_a_part_without_signal_does_not_count():
    one, two, left, rng = truth()
    margins = {"boosted_trees": one + two, "logistic_regression": rng.normal(size=COUNT)}
    found = choose(margins, left)
    assert found["boosted_trees"] >= 0.9
    found = choose(dict(zip(reversed(margins), margins.values(), strict=True)), left)
    assert found["logistic_regression"] >= 0.9


def test_on_few_rows_weights_stay_nearer_to_equal_than_on_many():
    distances = []
    for count in (150, 20_000):
        one, two, left, rng = truth(3, count)
        margins = {
            "boosted_trees": one + two + 0.3 * rng.normal(size=count),
            "logistic_regression": one + two + 0.8 * rng.normal(size=count),
        }
        distances.append(abs(choose(margins, left)["boosted_trees"] - 0.5))
    assert distances[0] < distances[1]


@pytest.mark.parametrize("simple", ["recency", "rfm"])
def test_where_something_simple_is_as_good_the_version_is_that(simple):
    one, two, left, rng = truth()
    margins = {
        "boosted_trees": one + two + 0.2 * rng.normal(size=COUNT),
        "logistic_regression": one + two + 0.2 * rng.normal(size=COUNT),
        simple: one + two,
    }
    assert choose(margins, left) == {simple: 1.0}


def test_recency_comes_before_recency_frequency_and_money():
    one, two, left, _ = truth()
    same = one + two
    margins = dict.fromkeys(("boosted_trees", "logistic_regression", "rfm", "recency"), same)
    assert choose(margins, left) == {"recency": 1.0}


def test_on_few_rows_something_simple_must_be_no_worse_than_the_average():
    # within one standard error on so few rows, and yet far behind
    one, two, left, _ = truth(33, 60)
    full = one + two
    margins = {"boosted_trees": full, "logistic_regression": full, "recency": 1.2 * one}
    worse = row_log_loss(expit(margins["recency"]), left)
    better = row_log_loss(expit(full), left)
    bootstrap = CustomerBootstrap(np.arange(60), 0)
    assert 0 < np.mean(worse - better) < bootstrap.mean_error(worse - better)
    assert "recency" not in choose(margins, left)


def test_something_simple_that_is_worse_is_not_chosen():
    one, two, left, _ = truth()
    margins = {"boosted_trees": one + two, "logistic_regression": one + two, "recency": one}
    assert "recency" not in choose(margins, left)


def test_trees_alone_are_a_version_too():
    one, two, left, _ = truth()
    assert choose({"boosted_trees": one + two}, left) == {"boosted_trees": 1.0}


@pytest.fixture(scope="module")
def blend():
    rng = np.random.default_rng(5)
    matrix = rng.normal(size=(800, 3)).astype(np.float32)
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    left = (rng.random(800) < expit(np.nan_to_num(matrix[:, 0] * 2))).astype(int)
    rows = Rows(matrix, left)
    booster = fit_booster(rows, {"max_depth": 3}, 20, 1, threads=1)
    linears = {"logistic_regression": fit_linear(rows, [0, 1, 2], 0.1)}
    return rows, Blend(booster, linears, {"boosted_trees": 0.4, "logistic_regression": 0.6})


def test_contributions_sum_up_to_the_margin(blend):
    rows, mixed = blend
    contributions = mixed.contributions(rows.matrix)
    assert contributions.shape == (800, 4)
    np.testing.assert_allclose(contributions.sum(axis=1), mixed.margin(rows.matrix), atol=1e-5)


def test_the_margin_is_the_weighted_sum_of_its_parts(blend):
    rows, mixed = blend
    trees = Blend(mixed.booster, {}, {"boosted_trees": 1.0}).margin(rows.matrix)
    linear = mixed.linears["logistic_regression"].margin(rows.matrix)
    np.testing.assert_allclose(mixed.margin(rows.matrix), 0.4 * trees + 0.6 * linear, atol=1e-12)


def test_fitted_on_other_rows_the_recipe_is_the_same(blend):
    rows, mixed = blend
    half = Rows(rows.matrix[:400], rows.is_attrition[:400])
    booster = fit_booster(half, {"max_depth": 3}, 20, 1, threads=1)
    again = mixed.fitted_on(half, booster)
    assert again.weights == mixed.weights
    assert again.booster == booster
    assert again.linears == {"logistic_regression": fit_linear(half, [0, 1, 2], 0.1)}
    assert again.linears != mixed.linears


def test_a_version_says_in_words_what_it_is():
    assert described({"rfm": 1.0}) == "a logistic regression on recency, frequency and money"
    assert described({"boosted_trees": 0.7, "logistic_regression": 0.3}) == (
        "0.7 of boosted trees and 0.3 of a logistic regression on all features"
    )


def test_contributions_of_trees_are_xgboosts_own(blend):
    rows, mixed = blend
    trees = Blend(mixed.booster, {}, {"boosted_trees": 1.0})
    own = trees.trees.predict(xgboost.DMatrix(rows.matrix), pred_contribs=True)
    np.testing.assert_allclose(trees.contributions(rows.matrix), own, atol=1e-5)


def test_where_there_are_no_tables_xgboost_serves(blend, monkeypatch):
    rows, mixed = blend
    trees = Blend(mixed.booster, {}, {"boosted_trees": 1.0})
    monkeypatch.setattr("attrition.training.tree_shap.LARGEST_TABLES", 0)
    own = trees.trees.predict(xgboost.DMatrix(rows.matrix), pred_contribs=True)
    np.testing.assert_array_equal(trees.contributions(rows.matrix), own)
