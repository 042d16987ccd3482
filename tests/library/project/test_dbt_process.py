"""dbt as a process: profiles, targets, and signals that reach it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from attrition.errors import AttritionError
from attrition.project.dbt_process import (
    connection_of,
    ensure_profiles,
    rendered,
    run_dbt,
    target_in,
    warehouse_of,
)

PROJECT = Path(__file__).resolve().parents[3]


def write(folder: Path, profiles: str | None, name: str = "profiles.yml") -> Path:
    (folder / "dbt_project.yml").write_text("name: shop\nprofile: mine\n", encoding="utf-8")
    if profiles is not None:
        (folder / name).write_text(profiles, encoding="utf-8")
    return folder


TWO_TARGETS = """
mine:
  target: "{{ env_var('WHERE', 'prod') }}"
  outputs: {dev: {type: duckdb}, prod: {type: snowflake}}
"""


def test_the_example_is_copied_once(tmp_path):
    write(tmp_path, "mine: {}", "profiles.yml.example")
    assert ensure_profiles(tmp_path)
    (tmp_path / "profiles.yml").write_text("own", encoding="utf-8")
    assert not ensure_profiles(tmp_path)
    assert (tmp_path / "profiles.yml").read_text(encoding="utf-8") == "own"


def test_the_adapter_is_that_of_the_target(tmp_path):
    folder = write(tmp_path, TWO_TARGETS)
    assert warehouse_of(folder) == "snowflake"
    assert warehouse_of(folder, "dev") == "duckdb"


def test_the_target_follows_the_environment(tmp_path, monkeypatch):
    folder = write(tmp_path, TWO_TARGETS)
    monkeypatch.setenv("WHERE", "dev")
    assert warehouse_of(folder) == "duckdb"
    found = connection_of(folder)
    assert (found.profile, found.target) == ("mine", "dev")


def test_profiles_may_lie_in_another_folder(tmp_path, monkeypatch):
    write(tmp_path, TWO_TARGETS)
    other = tmp_path / "other"
    other.mkdir()
    text = "mine: {target: x, outputs: {x: {type: duckdb, path: far.duckdb}}}"
    (other / "profiles.yml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("DBT_PROFILES_DIR", str(other))
    assert connection_of(tmp_path).output["path"] == "far.duckdb"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("{{ env_var('NOT_SET', 'here') }}/a", "here/a"),
        ('{{env_var("IS_SET", "here")}}', "there"),
        ("{{ env_var('IS_SET') }}", "there"),
        ("{{ env_var('NOT_SET') }}", ""),
    ],
)
def test_variables_of_the_environment_are_put_into_texts_of_a_profile(monkeypatch, text, value):
    monkeypatch.setenv("IS_SET", "there")
    monkeypatch.delenv("NOT_SET", raising=False)
    assert rendered(text) == value


def test_without_profiles_it_is_duckdb(tmp_path):
    assert warehouse_of(write(tmp_path, None)) == "duckdb"
    assert warehouse_of(PROJECT) == "duckdb"


def test_profiles_that_are_no_yaml_are_one_clear_error(tmp_path):
    with pytest.raises(AttritionError, match=r"profiles\.yml is not valid YAML"):
        warehouse_of(write(tmp_path, "mine: ["))


@pytest.mark.parametrize("arguments", [["-t", "prod"], ["--target", "prod"], ["--target=prod"]])
def test_the_target_is_found_among_the_arguments(arguments):
    assert target_in(["--full-refresh", *arguments]) == "prod"
    assert target_in(["--full-refresh"]) is None


def test_the_exit_code_is_that_of_dbt(tmp_path):
    assert run_dbt(tmp_path, ["--version"]) == 0
    assert run_dbt(tmp_path, ["no-such-command"]) != 0


def test_a_termination_reaches_dbt(tmp_path):
    """The command that stands for dbt notes the signal; it is found first on the module path."""
    package = tmp_path / "dbt" / "cli"
    package.mkdir(parents=True)
    (package / "main.py").write_text(
        "import signal, sys, time, pathlib\n"
        "def stop(*_):\n"
        "    pathlib.Path('stopped').touch()\n"
        "    sys.exit(7)\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "pathlib.Path('started').touch()\n"
        "time.sleep(60)\n",
        encoding="utf-8",
    )
    (tmp_path / "dbt" / "__init__.py").touch()
    (package / "__init__.py").touch()
    code = (
        "import sys; from pathlib import Path; "
        "from attrition.project.dbt_process import run_dbt; "
        f"sys.exit(run_dbt(Path({str(tmp_path)!r}), []))"
    )
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment) as process:
        for _ in range(300):
            if (tmp_path / "started").exists():
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 7
    assert (tmp_path / "stopped").exists()
