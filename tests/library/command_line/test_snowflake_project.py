"""What the commands of Snowflake ask the project: its profile, its library, its manifest."""

import os
from pathlib import Path

import pytest
from attrition.cli import app
from attrition.command_line import snowflake_project
from attrition.command_line.snowflake_project import (
    register_features,
    snowflake_output,
    upload_library,
)
from attrition.errors import AttritionError
from typer.testing import CliRunner

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in os.environ:
        if "SNOWFLAKE" in name or name == "DBT_PROFILES_DIR":
            monkeypatch.delenv(name)
    (tmp_path / "dbt_project.yml").write_text("name: attrition\nprofile: attrition\n")
    example = (PROJECT / "profiles.yml.example").read_text(encoding="utf-8")
    (tmp_path / "profiles.yml.example").write_text(example)
    return tmp_path


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("dev", "The output 'dev' of profiles.yml is duckdb, not snowflake"),
        ("production", "profiles.yml has no output 'production'; copy it from"),
    ],
)
def test_an_output_of_no_use_says_why(project, target, message):
    with pytest.raises(AttritionError, match=message):
        snowflake_output(project, target)


def test_a_login_that_is_not_set_is_named(project):
    with pytest.raises(AttritionError, match="SNOWFLAKE_ACCOUNT is not set"):
        register_features(project, "prod")


@pytest.mark.parametrize("command", ["snowflake upload", "snowflake features", "ddl"])
def test_commands_refuse_a_target_that_is_not_snowflakes(project, command):
    result = CliRunner().invoke(
        app, [*command.split(), "--target", "dev", "--project-dir", str(project)]
    )
    assert result.exit_code == 2
    assert "is duckdb, not snowflake" in result.stderr


def test_an_upload_of_another_library_than_the_pinned_one_is_refused(project):
    (project / "dbt_project.yml").write_text(
        "name: attrition\nprofile: attrition\nimports: attrition_0123456789ab.zip\n"
    )
    with pytest.raises(AttritionError, match="the sources have changed"):
        upload_library(project, "prod")


@pytest.mark.parametrize(
    ("command", "step"), [("upload", "upload_library"), ("features", "register_features")]
)
def test_commands_say_what_was_done(project, monkeypatch, command, step):
    asked = []

    def done(folder, target):
        asked.append((folder, target))
        return ["one", "two"]

    monkeypatch.setattr(snowflake_project, step, done)
    result = CliRunner().invoke(app, ["snowflake", command, "--project-dir", str(project)])
    assert result.exit_code == 0, result.output
    assert result.stdout == "one\ntwo\n"
    assert asked == [(project, "prod")]
