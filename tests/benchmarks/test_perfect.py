"""The calibration error of a perfect model, against sums over all outcomes and a formula."""

from itertools import product

import numpy as np
import pytest

from benchmarks.measures import Ranked
from benchmarks.perfect import ece_of_a_perfect_model, ece_of_perfect_models

MANY = 40_000


def test_it_is_the_mean_over_every_possible_outcome():
    probability = np.array([0.05, 0.12, 0.18, 0.5, 0.93, 0.99])
    expected = 0.0
    for outcomes in product([0, 1], repeat=len(probability)):
        outcome = np.array(outcomes)
        chance = np.where(outcome == 1, probability, 1 - probability).prod()
        expected += chance * Ranked.of(probability, outcome).metrics()["ece"]
    assert ece_of_a_perfect_model(probability, MANY) == pytest.approx(expected, rel=0.01)


def test_two_rows_by_hand():
    """Each bin holds one row: |p - y| is 2 p (1 - p) in the mean; .32 and .18, over two rows."""
    probability = np.array([0.2, 0.9])
    assert ece_of_a_perfect_model(probability, MANY) == pytest.approx(0.25, rel=0.01)


def test_with_many_rows_it_is_what_the_normal_distribution_says():
    probability = np.random.default_rng(1).beta(2, 3, 20_000)
    tenths = np.floor(probability * 10)
    deviations = [
        np.sqrt((probability[tenths == one] * (1 - probability[tenths == one])).sum())
        for one in range(10)
    ]
    expected = np.sqrt(2 / np.pi) * sum(deviations) / 20_000
    assert ece_of_a_perfect_model(probability) == pytest.approx(expected, rel=0.05)


def test_a_model_that_is_sure_and_right_has_none_and_seeds_are_averaged():
    sure, unsure = np.array([0.0, 1.0, 1.0]), np.array([0.3, 0.5, 0.7])
    assert ece_of_a_perfect_model(sure) == 0
    half = ece_of_a_perfect_model(unsure) / 2
    assert ece_of_perfect_models([sure, unsure]) == pytest.approx(half)
