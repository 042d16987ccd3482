import dataclasses

import job_fixture
import numpy as np
import pytest
import xgboost
from attrition.errors import AttritionError
from attrition.snowflake import distributed
from attrition.snowflake.distributed import fit_booster_distributed
from attrition.training.blend import Blend
from attrition.training.metrics import expit
from attrition.training.rows import Rows
from attrition.training.sampling import balance
from attrition.training.search import fit_booster


def predict_margin(booster, matrix):
    return Blend(booster, {}, {"boosted_trees": 1.0}).margin(matrix)


PARAMETERS = {
    "max_depth": 3,
    "eta": 0.2,
    "subsample": 0.7,
    "colsample_bytree": 0.8,
    "min_child_weight": 4.0,
    "gamma": 0.3,
    "reg_alpha": 0.2,
    "reg_lambda": 2.0,
}


def rows(share=0.2, count=3000, distinct=200):
    """Return rows whose columns have few enough values that each has a bin of its own."""
    rng = np.random.default_rng(5)
    matrix = rng.integers(0, distinct, (count, 12)).astype("float32") / 10
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    log_odds = np.log(share / (1 - share)) + np.nan_to_num(matrix[:, 0] - 10) / 3
    labels = (rng.random(count) < expit(log_odds)).astype("int64")
    return Rows(matrix, labels, (-1, 1, *([0] * 10)))


@pytest.fixture
def made(monkeypatch):
    return job_fixture.container_runtime(monkeypatch)


def test_boosters_are_those_of_one_machine_when_the_workers_are_one(made):
    one = fit_booster(rows(), PARAMETERS, 30, 7)
    distributed_one = fit_booster_distributed(rows(), PARAMETERS, 30, 7)
    assert len(made) == 1
    np.testing.assert_array_equal(
        predict_margin(distributed_one, rows().matrix), predict_margin(one, rows().matrix)
    )
    assert xgboost.Booster(model_file=bytearray(distributed_one)).feature_names is None


@pytest.mark.parametrize("method", ["up", "down", "weight"])
@pytest.mark.parametrize("share", [0.1, 0.9])
def test_balanced_rows_give_the_corrected_margins_of_one_machine(made, method, share):
    given = balance(rows(share), method, 3)
    assert given.log_odds_shift
    margin = predict_margin(fit_booster_distributed(given, PARAMETERS, 30, 7), rows().matrix)
    expected = predict_margin(fit_booster(given, PARAMETERS, 30, 7), rows().matrix)
    np.testing.assert_allclose(margin, expected, atol=2e-5)


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_weights_are_kept_with_xgboosts_own_penalties(made, share):
    given = balance(rows(share), "weight", 3)
    margin = predict_margin(fit_booster_distributed(given, {"max_depth": 2}, 20, 7), given.matrix)
    expected = predict_margin(fit_booster(given, {"max_depth": 2}, 20, 7), given.matrix)
    np.testing.assert_allclose(margin, expected, atol=2e-5)
    # the prior is put right again: the mean probability is the share of attritions
    assert np.mean(expit(margin)) == pytest.approx(np.mean(given.is_attrition), abs=0.03)


def test_directions_and_base_score_reach_the_estimator(made):
    fit_booster_distributed(rows(), PARAMETERS, 5, 7)
    assert made[0].params["monotone_constraints"] == "(-1,1," + ",".join("0" * 10) + ")"
    assert made[0].params["base_score"] == pytest.approx(np.mean(rows().is_attrition))
    assert (made[0].params["seed"], made[0].params["objective"]) == (7, "binary:logistic")
    assert made[0].n_estimators == 5


def test_workers_and_threads_scale_the_fit_and_none_leaves_it_to_the_runtime(made):
    fit_booster_distributed(rows(), PARAMETERS, 2, 7, threads=3, workers=2)
    fit_booster_distributed(rows(), PARAMETERS, 2, 7)
    scaling = [one.scaling_config for one in made]
    assert [(one.num_workers, one.num_cpu_per_worker) for one in scaling] == [(2, 3), (-1, -1)]
    assert not any(one.use_gpu for one in scaling)


def test_rows_travel_in_blocks_in_their_order_with_missing_values(monkeypatch):
    monkeypatch.setattr(distributed, "ROWS_PER_BLOCK", 1000)
    given = rows(count=2500)
    blocks = list(distributed.frames(given))
    assert [len(block) for block in blocks] == [834, 833, 833]
    names = distributed.column_names(given)
    assert names == sorted(names)
    stacked = np.concatenate([block[names].to_numpy() for block in blocks])
    np.testing.assert_array_equal(stacked, given.matrix)
    labels = np.concatenate([block[distributed.LABEL] for block in blocks])
    np.testing.assert_array_equal(labels, given.is_attrition)


def test_weights_within_an_outcome_are_refused(made):
    weight = np.linspace(1, 2, 3000, dtype="float32")
    with pytest.raises(ValueError, match=r"rows of one outcome have .* weights, expected one"):
        fit_booster_distributed(dataclasses.replace(rows(), weight=weight), PARAMETERS, 2, 7)


def test_outside_of_the_container_runtime_the_error_says_what_to_set():
    with pytest.raises(AttritionError, match=r"Set engine to local, or num_workers to 1\."):
        fit_booster_distributed(rows(), PARAMETERS, 2, 7)


def ignoring(name):
    """Return an estimator that does not do what one of its arguments says."""

    class Ignoring(job_fixture.XGBEstimator):
        def fit(self, *arguments, **options):
            if name == "trees":
                self.n_estimators += 1
            elif name == "columns":
                options["input_cols"] = options["input_cols"][::-1]
            else:
                self.params[name] = 0.5
            return super().fit(*arguments, **options)

    return Ignoring


@pytest.mark.parametrize("name", ["trees", "columns", "base_score"])
def test_a_runtime_that_fits_something_else_is_told_apart(monkeypatch, name):
    job_fixture.container_runtime(monkeypatch, ignoring(name))
    with pytest.raises(AttritionError, match=f"fitted {name} .*expected .*not supported"):
        fit_booster_distributed(rows(), PARAMETERS, 4, 7)
