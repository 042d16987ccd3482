"""What every test shares."""

import os

# XGBoost's threads wait in busy loops: with two test processes on two cores they would slow
# one another many times over. Boosters do not depend on the number of threads. Before what
# imports numpy, whose sums do, so that this process and those that it starts have as many.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Ray's workers make way for everything else, and beside other tests come to nothing.
os.environ.setdefault("RAY_worker_niceness", "0")

import pytest
from compiled_project import Variation, sample_month, sample_variation


@pytest.fixture(scope="session")
def monthly(tmp_path_factory: pytest.TempPathFactory) -> Variation:
    """Months, active customers, consumables; the last months are the test and validation."""
    return sample_variation(tmp_path_factory.mktemp("monthly"), validation="last_n_months")


@pytest.fixture(scope="session")
def weekly(tmp_path_factory: pytest.TempPathFactory) -> Variation:
    """Weeks, active customers with some history, either product; random customers as the test."""
    return sample_variation(
        tmp_path_factory.mktemp("weekly"),
        time_grain="week",
        attrition_horizon=13,
        lookback_windows=[4, 13, 52],
        target="is_attrition_cs",
        supply_days_per_unit=2.5,
        min_history_months=2,
        split={"mode": "randomized", "perc_test": 0.25},
        validation="grouped",
    )


@pytest.fixture(scope="session")
def ever_bought(tmp_path_factory: pytest.TempPathFactory) -> Variation:
    """Months between two bounds, whoever ever bought a sensor, from the first snapshot on."""
    return sample_variation(
        tmp_path_factory.mktemp("ever_bought"),
        population="ever",
        target="is_attrition_s",
        attrition_horizon=3,
        lookback_windows=[2, 9],
        start_month=sample_month(8),
        max_month=sample_month(-2),
        split={"mode": "last_n_months", "months": 2},
        validation="auto",
    )
