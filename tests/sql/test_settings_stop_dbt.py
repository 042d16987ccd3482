"""Any command of dbt stops at a wrong setting before it parses: real dbt, small projects."""

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PROFILE = "attrition: {target: dev, outputs: {dev: {type: duckdb, path: build.duckdb}}}"
FILE = "name: {name}\nprofile: attrition\nflags: {{send_anonymous_usage_stats: false}}\n{vars}\n"


def small_project(folder: Path, variables: str, name: str = "attrition") -> Path:
    """Write a project whose only model does not parse, so that nothing wrong can pass."""
    (folder / "models").mkdir()
    (folder / "models" / "broken.sql").write_text("{{ no_such_macro() }}", encoding="utf-8")
    (folder / "seeds").mkdir()
    definitions = "seeds/attrition_feature_definitions.csv"
    (folder / definitions).write_bytes((PROJECT / definitions).read_bytes())
    (folder / "dbt_project.yml").write_text(FILE.format(name=name, vars=variables), "utf-8")
    (folder / "profiles.yml").write_text(PROFILE, encoding="utf-8")
    return folder


def dbt(project: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


MISTAKES = {
    "a name mistyped in the file": (
        "vars: {atrition_horizon: 3}",
        "atrition_horizon is not a setting. Did you mean attrition_horizon?",
    ),
    "two settings that make no sense together": (
        "vars: {start_month: 2024-05, max_month: 2024-04}",
        'start_month: "2024-05" is after max_month "2024-04"; swap them or widen the range.',
    ),
    "a feature that does not exist": (
        "vars: {attrition: {drop: [order_cont]}}",
        "drop: order_cont is not a feature; seeds/attrition_feature_definitions.csv lists them."
        " Did you mean order_count?",
    ),
}


@pytest.mark.parametrize(("variables", "line"), MISTAKES.values(), ids=MISTAKES)
def test_a_plain_build_stops_with_our_words(tmp_path, variables, line):
    code, text = dbt(small_project(tmp_path, variables), "build")
    assert code != 0
    assert "1 setting is wrong (vars in dbt_project.yml, or --vars):" in text
    assert line in text
    assert "Traceback" not in text
    assert "no_such_macro" not in text


@pytest.mark.parametrize("command", ["ls", "test", "seed"])
def test_every_command_that_reads_settings_stops(tmp_path, command):
    project = small_project(tmp_path, "")
    code, text = dbt(project, command, "--vars", "{attrition_horizon: six}")
    assert code != 0
    assert 'attrition_horizon: "six" is not allowed; allowed: a whole number' in text


def test_what_mends_a_project_runs(tmp_path):
    code, text = dbt(small_project(tmp_path, "vars: {atrition_horizon: 3}"), "clean")
    assert code == 0, text


def test_a_project_that_installs_ours_is_checked(tmp_path):
    project = small_project(tmp_path, "vars: {country: nl, time_grian: week}", name="shop")
    assert "is not a setting" not in dbt(project, "parse")[1]
    installed = project / "dbt_packages" / "attrition"
    installed.mkdir(parents=True)
    (installed / "dbt_project.yml").write_text("name: attrition\n", encoding="utf-8")
    assert "time_grian is not a setting. Did you mean time_grain?" in dbt(project, "parse")[1]


def test_another_project_is_left_alone(tmp_path):
    project = small_project(tmp_path, "vars: {atrition_horizon: 3, features: 7}", name="shop")
    (project / "models" / "broken.sql").write_text("select 1 as one", encoding="utf-8")
    code, text = dbt(project, "parse")
    assert code == 0, text
