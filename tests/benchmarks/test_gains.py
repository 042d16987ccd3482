"""The difference to a peer and its interval, against a loop over samples of customers."""

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from benchmarks.gains import Gain
from benchmarks.measures import SAMPLES_SEED, measure

REPLICATES = 40


@pytest.fixture(scope="module")
def systems():
    """Outcomes of 80 customers with three rows each; two seeds of ours, one of a peer's."""
    rng = np.random.default_rng(12)
    customers = np.repeat(np.arange(80), 3)
    signal = rng.normal(size=240)
    outcome = (signal + rng.normal(size=240) > 0).astype(int)

    def probability(noise):
        return 1 / (1 + np.exp(-(signal + rng.normal(size=240, scale=noise))))

    return [probability(0.3), probability(0.4)], [probability(0.5)], outcome, customers


def mean_of(metric, predictions, outcome, rows):
    return np.mean([metric(outcome[rows], one[rows]) for one in predictions])


def test_gain_and_its_interval_are_those_of_samples_that_repeat_customers(systems):
    ours, peer, outcome, customers = systems
    rng = np.random.default_rng(SAMPLES_SEED)
    areas, losses = [], []
    for _ in range(REPLICATES):
        drawn = rng.integers(80, size=80)
        rows = np.concatenate([np.flatnonzero(customers == one) for one in drawn])
        areas.append(
            mean_of(roc_auc_score, ours, outcome, rows)
            - mean_of(roc_auc_score, peer, outcome, rows)
        )
        losses.append(
            mean_of(log_loss, peer, outcome, rows) - mean_of(log_loss, ours, outcome, rows)
        )
    found = Gain.of(
        measure(ours, outcome, customers, REPLICATES), measure(peer, outcome, customers, REPLICATES)
    )
    every = np.arange(240)
    for name, samples, metric, sign in [
        ("roc_auc", areas, roc_auc_score, 1),
        ("log_loss", losses, log_loss, -1),
    ]:
        difference = mean_of(metric, ours, outcome, every) - mean_of(metric, peer, outcome, every)
        assert found.gain[name] == pytest.approx(sign * difference)
        assert found.interval[name] == pytest.approx(np.quantile(samples, [0.025, 0.975]))


def test_nobody_gains_on_themselves_and_a_better_system_gains_in_both(systems):
    ours, peer, outcome, customers = systems
    mine = measure(ours, outcome, customers, REPLICATES)
    same = Gain.of(mine, mine)
    assert set(same.gain.values()) == {0.0}
    assert set(same.interval.values()) == {(0.0, 0.0)}
    other = measure([1 - one for one in peer], outcome, customers, REPLICATES)
    assert all(gain > 0 for gain in Gain.of(mine, other).gain.values())
    assert all(low > 0 for low, _ in Gain.of(mine, other).interval.values())


def test_paired_interval_is_narrower_than_that_of_either_system(systems):
    ours, _, outcome, customers = systems
    near = [np.clip(ours[0] + 0.001 * np.sin(np.arange(240)), 0, 1)]
    mine, other = (measure(one, outcome, customers) for one in (ours[:1], near))
    low, high = Gain.of(mine, other).interval["roc_auc"]
    own_low, own_high = mine.interval["roc_auc"]
    assert high - low < 0.1 * (own_high - own_low)
