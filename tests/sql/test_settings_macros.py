"""A dbt without the library stops at a wrong setting before it touches a table: small projects."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).resolve().parents[2]

# The library's plugin of dbt is as good as not installed.
WITHOUT_THE_LIBRARY = """
import sys, types
sys.modules["dbt_attrition"] = types.ModuleType("dbt_attrition")
from dbt.cli.main import cli
cli()
"""
PROFILE = """
attrition:
  target: dev
  outputs:
    dev: {type: duckdb, path: build.duckdb, threads: 1}
"""
PROJECT_FILE = """
name: attrition
profile: attrition
flags: {send_anonymous_usage_stats: false, use_colors: false}
on-run-start: ["{{ attrition.check_settings() }}"]
vars:
  promotion: {min_rows: 50}
"""
MODEL = """
select
    {{ attrition.setting('attrition_horizon') }} as horizon,
    '{{ tojson(attrition.settings()) }}' as settings
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT / "macros", tmp_path / "macros")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "asked.sql").write_text(MODEL, encoding="utf-8")
    (tmp_path / "dbt_project.yml").write_text(PROJECT_FILE, encoding="utf-8")
    (tmp_path / "profiles.yml").write_text(PROFILE, encoding="utf-8")
    return tmp_path


def dbt(project: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_LIBRARY, *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


def test_models_read_settings_and_mistakes_of_the_command_line_stop_the_run(project):
    built = dbt(project, "build", "--vars", "{attrition_horizon: 3}")
    assert built.returncode == 0, built.stdout

    with duckdb.connect(str(project / "build.duckdb")) as connection:
        horizon, promoted = connection.execute(
            "select horizon, settings::json -> 'promotion' from asked"
        ).fetchall()[0]
        connection.execute("drop view asked")
    assert horizon == 3
    assert json.loads(promoted) == {
        "metric": "roc_auc",
        "min_gain": 0.0,
        "min_rows": 50,
        "min_attritions": 30,
        "evidence": "gain",
        "min_roc_auc": 0.6,
        "beat_baselines": False,
    }

    stopped = dbt(project, "build", "--vars", "{atrition_horizon: 4}")
    assert stopped.returncode != 0
    text = " ".join(stopped.stdout.split())
    assert "atrition_horizon is not a setting." in text
    assert "Did you mean" not in text
    with duckdb.connect(str(project / "build.duckdb")) as connection:
        assert connection.execute("select count(*) from information_schema.tables").fetchall() == [
            (0,)
        ]


def test_all_mistakes_are_named_when_models_are_parsed(project):
    values = "{attrition_horizon: six, split: {mode: randomized, perc_test: 2}, start_month: 24-1}"
    stopped = dbt(project, "parse", "--vars", values)
    assert stopped.returncode != 0
    text = " ".join(stopped.stdout.split())
    assert "3 settings are wrong (vars in dbt_project.yml, or --vars):" in text
    assert 'attrition_horizon: "six" is not allowed; allowed: a whole number from 1 to' in text
    assert "split.perc_test: 2 is not allowed; allowed: a number from 0.01 to 0.9." in text
    assert "start_month: \"24-1\" is not allowed; allowed: a month as 'YYYY-MM' from 1900" in text
