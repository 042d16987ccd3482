"""The same `dbt build` with the final fits on a Ray cluster."""

import importlib.util

import pytest
from dbt_project import NO_TESTS, new_project

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("ray"),
    pytest.mark.skipif(
        importlib.util.find_spec("ray") is None, reason="ray is not installed: make ray-install"
    ),
]

SETTINGS = """{engine: ray, num_workers: 2, num_tuning_rounds: 2, backtest_quarters: 0,
    hyperparameters: {num_round: 60}, promotion: {beat_baselines: false}}"""


def test_a_version_of_two_workers_is_judged_promoted_and_scores(tmp_path):
    project = new_project(tmp_path)
    project.build("--vars", SETTINGS, *NO_TESTS)
    [(version, is_reproducible)] = project.query(
        "select version_id, is_reproducible from attrition_model_versions"
    )
    assert not is_reproducible
    assert project.query("select version_id from attrition_champion") == [(version,)]
    assert project.query("select distinct model_version from attrition_scores") == [(version,)]
    assert project.query("select count(*) > 0 from attrition_reasons") == [(True,)]
