import logging

import numpy as np
import pytest
import xgboost
from attrition.training import search as module
from attrition.training.noise import CustomerBootstrap
from attrition.training.rows import Rows
from attrition.training.search import first_points, fit_booster, search, space_of
from sklearn.metrics import log_loss as sklearn_log_loss
from sklearn.metrics import roc_auc_score

SMALL = {"num_round": {"min": 10, "max": 40}, "max_depth": {"min": 1, "max": 3}}


def sample(count, seed=0):
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(count, 5)).astype(np.float32)
    matrix[rng.random(matrix.shape) < 0.05] = np.nan
    log_odds = np.nan_to_num(matrix[:, 0]) - 1 + np.nan_to_num(matrix[:, 1]) ** 2 / 2
    left = (rng.random(count) < 1 / (1 + np.exp(-log_odds))).astype(int)
    return Rows(matrix, left)


TRAIN, VALIDATION = sample(1500), sample(700, seed=1)
CUSTOMERS = CustomerBootstrap(np.arange(700) // 2, 0)


def run(**changed):
    arguments = {
        "hyperparameters": SMALL,
        "optimize": "auc",
        "num_tuning_rounds": 4,
        "random_seed": 1,
        "threads": 1,
    }
    return search(TRAIN, VALIDATION, CUSTOMERS, **(arguments | changed))


def load(data):
    return xgboost.Booster(model_file=bytearray(data))


def timeless(trial):
    return {key: value for key, value in trial.items() if key != "duration_seconds"}


def test_the_best_value_is_the_metric_of_the_best_booster_on_validation():
    best = run().best
    probability = load(best.booster).predict(xgboost.DMatrix(VALIDATION.matrix))
    assert best.value == pytest.approx(roc_auc_score(VALIDATION.is_attrition, probability))
    assert load(best.booster).num_boosted_rounds() == best.num_round


def test_the_best_trial_is_the_first_of_those_that_differ_by_less_than_noise(monkeypatch):
    for noise, number in ((0.0, None), (1.0, 1)):
        monkeypatch.setattr(CUSTOMERS, "metric_error", lambda *_, noise=noise: noise)
        result = run()
        finished = [trial["value"] for trial in result.trials if trial["state"] == "complete"]
        assert result.best.value == (max(finished) if number is None else finished[0])
        assert number in (None, result.best.number)


def test_noise_is_that_of_the_metric_between_a_trial_and_the_best(monkeypatch):
    asked = []
    monkeypatch.setattr(CUSTOMERS, "metric_error", lambda *given: asked.append(given) or 0.0)
    result = run(hyperparameters={"num_round": 10}, num_tuning_rounds=12)
    assert asked
    metric, first, second, labels = asked[-1]
    assert metric == "auc"
    np.testing.assert_array_equal(first, result.best.probability)
    assert roc_auc_score(labels, first) > roc_auc_score(labels, second)


def test_rounds_stop_by_log_loss_whatever_tuning_makes_best():
    by_auc, by_loss = run(num_tuning_rounds=1), run(num_tuning_rounds=1, optimize="log_loss")
    assert by_auc.best.num_round == by_loss.best.num_round
    losses = {}
    for rounds in range(10, 41, 10):
        booster = load(fit_booster(TRAIN, by_auc.best.parameters, rounds, 1, threads=1))
        probability = booster.predict(xgboost.DMatrix(VALIDATION.matrix))
        losses[rounds] = sklearn_log_loss(VALIDATION.is_attrition, probability)
    assert by_auc.best.num_round == min(losses, key=losses.get)


def test_no_trial_has_fewer_rounds_than_the_floor():
    noise = Rows(VALIDATION.matrix, np.random.default_rng(5).integers(0, 2, 700))
    found = search(
        TRAIN, noise, CUSTOMERS, hyperparameters={}, optimize="log_loss", num_tuning_rounds=2,
        random_seed=1, threads=1,
    )  # fmt: skip
    assert {trial["num_round"] for trial in found.trials} == {module.DEFAULT_ROUNDS["min"]}


def test_each_trial_is_recorded_with_all_metrics():
    result = run()
    assert len(result.trials) == 4
    assert set(result.trials[0]["metrics"]) == {
        "auc",
        "average_precision",
        "log_loss",
        "f1",
        "accuracy",
    }


def test_the_best_booster_is_the_one_that_a_plain_fit_gives():
    best = run().best
    assert best.booster == fit_booster(TRAIN, best.parameters, best.num_round, 1, threads=1)


def test_threads_and_repetition_change_nothing():
    count = len(module.FIRST_POINTS) + 2
    one, two = run(num_tuning_rounds=count), run(num_tuning_rounds=count, threads=2)
    assert [timeless(trial) for trial in one.trials] == [timeless(trial) for trial in two.trials]
    assert one.best.booster == two.best.booster


def test_another_seed_searches_elsewhere():
    count = len(module.FIRST_POINTS) + 2
    one = run(num_tuning_rounds=count)
    two = run(num_tuning_rounds=count, random_seed=2)
    assert one.trials[-1]["parameters"] != two.trials[-1]["parameters"]


def test_shallow_and_deeper_points_come_first():
    points = first_points(space_of({}))
    assert [point["max_depth"] for point in points] == [
        point["max_depth"] for point in module.FIRST_POINTS
    ]
    assert {1, 2, 3} < {point["max_depth"] for point in points}


def test_ranges_bound_every_trial_and_fixed_values_stay():
    result = run(
        hyperparameters={
            "eta": {"min": 0.2, "max": 0.25, "log": True},
            "max_depth": {"min": 2, "max": 3},
            "subsample": 0.5,
            "num_round": {"min": 10, "max": 20},
        },
        num_tuning_rounds=7,
    )
    for trial in result.trials:
        assert 0.2 <= trial["parameters"]["eta"] <= 0.25
        assert trial["parameters"]["max_depth"] in (2, 3)
        assert trial["parameters"]["subsample"] == 0.5
        assert 10 <= trial["num_round"] <= 20


def test_hyperparameters_have_three_digits_so_that_the_last_bits_do_not_matter():
    parameters = run(num_tuning_rounds=len(module.FIRST_POINTS) + 1).trials[-1]["parameters"]
    for value in parameters.values():
        assert value == float(f"{value:.3g}")


def test_a_fixed_number_of_rounds_is_trained_in_full():
    result = run(hyperparameters={"num_round": 23}, num_tuning_rounds=2)
    assert [trial["num_round"] for trial in result.trials] == [23, 23]
    assert load(result.best.booster).num_boosted_rounds() == 23


def test_nothing_left_to_search_is_one_trial():
    fixed = dict.fromkeys(module.DEFAULT_SPACE, 1) | {"eta": 0.1, "num_round": 10}
    result = run(hyperparameters=fixed)
    assert len(result.trials) == 1
    assert result.best.parameters["eta"] == 0.1


def test_a_range_of_one_value_is_fixed():
    assert space_of({"max_depth": {"min": 4, "max": 4}}).fixed == {"max_depth": 4}


def test_an_unknown_hyperparameter_is_an_error():
    with pytest.raises(ValueError, match="depth_max"):
        space_of({"depth_max": 3})


def test_training_stops_when_validation_no_longer_improves(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 20)
    noise = Rows(VALIDATION.matrix, np.random.default_rng(5).integers(0, 2, 700))
    looked_at = []
    monkeypatch.setattr(
        module, "log_loss", lambda probability, left: looked_at.append(1) or len(looked_at)
    )
    result = search(
        TRAIN,
        noise,
        CUSTOMERS,
        hyperparameters={"num_round": {"min": 10, "max": 500}},
        optimize="auc",
        num_tuning_rounds=1,
        random_seed=1,
        threads=1,
    )
    assert result.best.num_round == 10
    assert len(looked_at) == 3  # after rounds 10, 20 and 30


def test_log_loss_is_maximised_as_its_negative():
    result = run(optimize="log_loss")
    assert result.best.value < 0
    assert -result.best.value == pytest.approx(result.best.metrics["log_loss"], abs=1e-5)


def test_progress_is_logged_per_trial(caplog):
    caplog.set_level(logging.INFO, logger="attrition.training.search")
    run(num_tuning_rounds=2)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2
    assert lines[1].startswith("trial 2/2: auc 0.")
    assert "best 0." in lines[1]


def test_the_base_score_is_the_share_of_attritions_in_the_fitted_rows():
    fixed = {"max_depth": 1, "eta": 0.1}
    booster = load(fit_booster(TRAIN, fixed | {"min_child_weight": 1e9}, 5, 1, threads=1))
    predicted = booster.predict(xgboost.DMatrix(TRAIN.matrix))
    assert predicted == pytest.approx(np.full(1500, TRAIN.is_attrition.mean()), abs=1e-6)


def test_no_trial_starts_after_the_time_limit_and_the_result_says_so(monkeypatch, caplog):
    clock = iter(range(0, 100_000, 30))
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    result = run(num_tuning_rounds=50, max_minutes=2)
    assert result.is_cut
    assert 1 <= len(result.trials) < 4
    assert "max_tuning_minutes" in caplog.text
    assert not run(num_tuning_rounds=2, max_minutes=None).is_cut


def test_every_trial_says_how_long_it_took_and_how_it_ended():
    trials = run(num_tuning_rounds=3).trials
    assert {trial["state"] for trial in trials} <= {"complete", "pruned"}
    assert all(trial["duration_seconds"] > 0 for trial in trials)


@pytest.mark.parametrize("direction", [1, -1])
def test_a_direction_is_kept_at_every_value(direction):
    rows = Rows(TRAIN.matrix, TRAIN.is_attrition, (0, direction, 0, 0, 0))
    booster = load(fit_booster(rows, {"max_depth": 3, "eta": 0.3}, 40, 1, threads=1))
    for base in VALIDATION.matrix[:20]:
        line = np.tile(base, (60, 1))
        line[:, 1] = np.linspace(-3, 3, 60)
        steps = np.diff(booster.inplace_predict(line, predict_type="margin"))
        assert (direction * steps >= -1e-6).all()


def test_without_directions_the_same_feature_goes_both_ways():
    booster = load(fit_booster(TRAIN, {"max_depth": 3, "eta": 0.3}, 40, 1, threads=1))
    line = np.zeros((60, 5), dtype=np.float32)
    line[:, 1] = np.linspace(-3, 3, 60)
    steps = np.diff(booster.inplace_predict(line, predict_type="margin"))
    assert steps.min() < -0.01
    assert steps.max() > 0.01
