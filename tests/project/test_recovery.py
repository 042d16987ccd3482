"""A build that was killed makes, when it is run again, what one makes that was left alone."""

import signal
import subprocess
import time

import pytest
from dbt_project import NO_TESTS, QUICK, ROOT, new_project

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("built")]

VERSION = (
    "select version_id, data_fingerprint, search_booster, judged_booster, serving_booster,"
    " serving_calibration from attrition_model_artefacts"
)
SCORES = "select * exclude (run_id, scored_at) from attrition_scores order by customer_id"


def test_a_build_killed_while_it_trains_makes_the_same_bytes_when_run_again(built, tmp_path):
    project = new_project(tmp_path)
    with subprocess.Popen(
        project.command("build", *NO_TESTS),
        cwd=ROOT,
        env=project.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        for line in running.stderr:
            if "trial 2/" in line:
                running.send_signal(signal.SIGKILL)
                break
        running.wait()
    time.sleep(1)
    assert running.returncode == -signal.SIGKILL
    assert not project.published_path.exists()

    project.build("--vars", QUICK, *NO_TESTS)

    half = project.query("select table_name from duckdb_tables() where table_name like '%__dbt%'")
    assert half == []
    assert len(project.query(VERSION)) == 1
    assert project.query("select count(*) from attrition_champion") == [(1,)]
    # each was built from nothing, by other processes
    assert project.query(VERSION) == built.query(VERSION)
    assert len(built.query(SCORES)) > 1000
    assert project.query(SCORES) == built.query(SCORES)
