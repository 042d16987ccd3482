import numpy as np
import pytest
from attrition.training import metrics
from sklearn import metrics as reference


def sample(seed, distinct=None):
    rng = np.random.default_rng(seed)
    probability = rng.random(400)
    if distinct:
        probability = np.round(probability * distinct) / distinct
    return probability, (rng.random(400) < probability).astype(int)


@pytest.mark.parametrize("distinct", [None, 7, 1])
@pytest.mark.parametrize("seed", range(3))
def test_ranking_metrics_equal_scikit_learn_with_and_without_ties(seed, distinct):
    probability, left = sample(seed, distinct)
    assert metrics.roc_auc(probability, left) == pytest.approx(
        reference.roc_auc_score(left, probability), abs=1e-12
    )
    assert metrics.average_precision(probability, left) == pytest.approx(
        reference.average_precision_score(left, probability), abs=1e-12
    )


def test_log_loss_and_accuracy_equal_scikit_learn():
    probability, left = sample(5)
    assert metrics.log_loss(probability, left) == pytest.approx(
        reference.log_loss(left, probability), abs=1e-12
    )
    assert metrics.accuracy(probability, left) == reference.accuracy_score(left, probability >= 0.5)


def test_best_f1_equals_a_brute_force_over_all_thresholds():
    probability, left = sample(6, distinct=20)
    brute = max(reference.f1_score(left, probability >= t) for t in np.unique(probability))
    assert metrics.best_f1(probability, left) == pytest.approx(brute, abs=1e-12)


def test_every_gain_is_larger_for_a_better_prediction():
    probability, left = sample(7)
    better = 0.5 * probability + 0.5 * left
    for name in metrics.METRICS:
        assert metrics.gain(name, better, left) > metrics.gain(name, probability, left)


def test_the_logistic_function_does_not_overflow():
    with np.errstate(over="raise"):
        assert metrics.expit(np.array([-1000.0, 0.0, 1000.0])).tolist() == [0.0, 0.5, 1.0]
    assert metrics.expit(np.array([1.25]))[0] == pytest.approx(1 / (1 + np.exp(-1.25)))
