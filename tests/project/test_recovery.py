"""A killed build, and two builds from nothing."""

import signal
import subprocess
import time

import pytest
from dbt_project import NO_TESTS, QUICK, ROOT, new_project

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("recovery")]


def test_a_build_killed_while_it_trains_completes_when_run_again(tmp_path):
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
    assert project.query("select count(*) from attrition_model_artefacts") == [(1,)]
    assert project.query("select count(*) from attrition_champion") == [(1,)]
    half = project.query("select table_name from duckdb_tables() where table_name like '%__dbt%'")
    assert half == []


def test_two_builds_from_nothing_make_the_same_version_and_bytes(tmp_path):
    bytes_of = []
    for name in ("one", "two"):
        project = new_project(tmp_path / name)
        project.build("--vars", QUICK, *NO_TESTS)
        bytes_of.append(
            project.query(
                "select version_id, data_fingerprint, search_booster, judged_booster,"
                " serving_booster, serving_calibration from attrition_model_artefacts"
            )
        )
    assert bytes_of[0] == bytes_of[1]
