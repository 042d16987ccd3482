"""What choosing customers gains, by hand."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.contacts import gains_of_choices, true_gains

SCORES = pd.DataFrame({
    "true_probability": [0.5, 0.1, 0.9, 0.2],
    "customer_value": [100.0, 1000.0, 10.0, 0.0],
    "attrition_probability": [0.6, 0.2, 0.95, 0.3],
    "contact_rank": [2, 1, None, None],
})  # fmt: skip


def test_a_gain_is_what_is_kept_less_the_cost():
    money = {"success_rate": 0.5, "cost_of_contact": 5.0}
    np.testing.assert_allclose(true_gains(SCORES, money), [20.0, 45.0, -0.5, -5.0])


def test_the_list_the_most_probable_and_the_best_are_added_up():
    gains = np.array([20.0, 45.0, -0.5, -5.0])
    found = gains_of_choices(SCORES, gains, 2)
    assert found == {
        "contact list": 65.0,
        "most probable": 19.5,
        "best possible": 65.0,
        "by chance": pytest.approx(29.75),
    }
    # a list that is shorter than the capacity is what it is
    assert gains_of_choices(SCORES, gains, 3)["contact list"] == 65.0
