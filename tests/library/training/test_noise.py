import numpy as np
import pytest
from attrition.training.metrics import METRICS
from attrition.training.noise import CustomerBootstrap
from sklearn.metrics import log_loss, roc_auc_score


def test_the_error_of_a_mean_is_that_of_customers_not_of_rows():
    rng = np.random.default_rng(1)
    customers = np.repeat(np.arange(400), 5)
    values = np.repeat(rng.normal(size=400), 5)
    found = CustomerBootstrap(customers, 3).mean_error(values)
    assert found == pytest.approx(values.std() / np.sqrt(400), rel=0.25)


def test_a_constant_has_no_error():
    assert CustomerBootstrap(np.arange(50), 3).mean_error(np.ones(50)) == pytest.approx(0)


@pytest.mark.parametrize("metric", list(METRICS))
def test_the_error_of_a_difference_is_its_spread_over_new_samples(metric):
    rng = np.random.default_rng(2)

    def sample():
        signal = rng.normal(size=600)
        left = (rng.random(600) < 1 / (1 + np.exp(-signal))).astype(int)
        better = 1 / (1 + np.exp(-signal))
        return better, 1 / (1 + np.exp(-0.6 * signal - 0.8 * rng.normal(size=600))), left

    of = METRICS[metric]
    spread = np.std([of(a, y) - of(b, y) for a, b, y in (sample() for _ in range(300))])
    errors = []
    for seed in range(5):
        better, worse, left = sample()
        bootstrap = CustomerBootstrap(np.arange(600), seed)
        errors.append(bootstrap.metric_error(metric, better, worse, left))
    assert np.mean(errors) == pytest.approx(spread, rel=0.3)


def test_the_same_seed_draws_the_same_customers():
    rng = np.random.default_rng(4)
    customers, values = rng.integers(0, 90, 300), rng.normal(size=300)
    one, two, other = (CustomerBootstrap(customers, seed).mean_error(values) for seed in (1, 1, 2))
    assert one == two != other


def test_samples_with_one_outcome_only_are_passed_over():
    labels = np.zeros(30, dtype=int)
    labels[0] = 1
    probability = np.linspace(0, 1, 30)
    bootstrap = CustomerBootstrap(np.arange(30), 0)
    found = bootstrap.metric_error("auc", probability, 1 - probability, labels)
    assert np.isfinite(found)
    assert roc_auc_score(labels, probability) == 0
    assert log_loss(labels, np.full(30, 0.5)) > 0
