import numpy as np
import pytest
from attrition.training.threshold import choose_threshold
from sklearn.metrics import f1_score

RNG = np.random.default_rng(0)
PROBABILITY = RNG.random(500)
LEFT = (RNG.random(500) < PROBABILITY).astype(int)
SNAPSHOT = np.where(np.arange(500) < 300, np.datetime64("2024-01-01"), np.datetime64("2024-02-01"))


def choose(population_size=1000, **setting):
    return choose_threshold(setting, PROBABILITY, LEFT, SNAPSHOT, population_size)


def test_f1_has_the_largest_f1_of_all_thresholds():
    brute = {t: f1_score(LEFT, t <= PROBABILITY) for t in np.unique(PROBABILITY)}
    found = choose(mode="f1")
    assert brute[found] == pytest.approx(max(brute.values()))


def test_fixed_is_the_given_number():
    assert choose(mode="fixed", value=0.37) == 0.37


def test_cost_contacts_exactly_the_customers_whose_contact_pays():
    threshold = choose(mode="cost", cost_of_contact=7, value_of_customer=60, success_rate=0.31)
    pays = PROBABILITY * 0.31 * 60 > 7
    np.testing.assert_array_equal(threshold <= PROBABILITY, pays)


def test_capacity_scales_the_newest_snapshot_up_to_the_population():
    threshold = choose(mode="capacity", n=150, population_size=1000)
    newest = sorted(PROBABILITY[300:], reverse=True)
    assert threshold == newest[150 * 200 // 1000 - 1]


def test_capacity_for_everybody_decides_for_everybody():
    assert choose(mode="capacity", n=1000, population_size=1000) == 0.0


def test_a_tiny_capacity_still_names_somebody():
    assert choose(mode="capacity", n=1, population_size=100_000) == PROBABILITY[300:].max()


def test_capacity_is_not_exceeded_where_customers_share_a_probability():
    tied = np.round(PROBABILITY, 1)
    for n in (10, 150, 400, 900):
        threshold = choose_threshold(
            {"mode": "capacity", "n": n}, tied, LEFT, SNAPSHOT, len(tied[300:])
        )
        assert np.sum(tied[300:] >= threshold) <= n


def test_an_unknown_mode_is_an_error():
    with pytest.raises(ValueError, match="luck"):
        choose(mode="luck")
