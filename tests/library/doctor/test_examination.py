"""The command `attrition doctor`: what it looks at, what it leaves alone, and its exit code."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
import yaml
from attrition.cli import app
from attrition.errors import AttritionError
from attrition.project import scratch
from attrition.project.profile import Connection
from attrition.project.scratch import scratch_build, scratch_profile
from typer.testing import CliRunner

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    (folder / "seeds").mkdir(parents=True)
    shutil.copy(PROJECT / "dbt_project.yml", folder)
    shutil.copy(PROJECT / "profiles.yml.example", folder)
    for name in ("attrition_feature_definitions.csv", "raw_sales.csv"):
        shutil.copy(PROJECT / "seeds" / name, folder / "seeds")
    for name in ("ATTRITION_PUBLISHED", "ATTRITION_BUILD", "DBT_PROFILES_DIR"):
        monkeypatch.delenv(name, raising=False)
    return folder


def run(project: Path, *arguments: str):
    return CliRunner().invoke(app, ["doctor", *arguments, "--project-dir", str(project)])


def use_scratch(monkeypatch: pytest.MonkeyPatch, connection: duckdb.DuckDBPyConnection) -> list:
    """Let a ready database stand for the build in the scratch folder; note with what."""
    asked = []

    @contextmanager
    def ready(_project_dir, overrides, target, ends):
        asked.append((overrides, target.type, ends))
        yield connection

    monkeypatch.setattr("attrition.doctor.examination.scratch_build", ready)
    return asked


def test_everything_is_looked_at_and_in_order(project, monthly, monkeypatch):
    asked = use_scratch(monkeypatch, monthly.built.connection)
    result = run(project, "--vars", "{num_tuning_rounds: 3}")
    assert result.exit_code == 0, result.output
    for subject in ("Settings", "Raw data", "Versions", "Connection", "Training", "Features"):
        assert f"{subject}:" in result.output
    assert "calibration" in result.output
    assert asked == [({"num_tuning_rounds": 3}, "duckdb", scratch.DATASET)]
    assert not (project / "warehouse").exists()


def test_warnings_alone_do_not_fail(project, monthly, monkeypatch):
    use_scratch(monkeypatch, monthly.built.connection)
    result = run(project, "--vars", "{promotion: {min_rows: 100000}}")
    assert result.exit_code == 0
    assert "warning  Promotion:" in result.output


def test_a_problem_of_the_dataset_fails(project, monthly, monkeypatch):
    connection = monthly.built.connection.cursor()
    connection.execute("use scratch.main")
    connection.execute(
        "create temp view modeling_dataset as from scratch.main.modeling_dataset limit 0"
    )
    use_scratch(monkeypatch, connection)
    result = run(project)
    assert result.exit_code == 1
    assert "problem  Snapshots: No customer has a snapshot" in result.output


def test_wrong_settings_are_problems_and_nothing_is_built(project, monthly, monkeypatch):
    asked = use_scratch(monkeypatch, monthly.built.connection)
    result = run(project, "--vars", "{refit: always, attrition_horizn: 3}")
    assert result.exit_code == 1
    assert result.output.count("problem  Settings:") == 2
    assert "Did you mean attrition_horizon?" in result.output
    assert "Not looked at: the problems above come first." in result.output
    assert "2 problems." in result.output
    assert asked == []


@pytest.mark.parametrize(
    ("said", "finding"),
    [
        (
            "Compilation Error\n  1 setting is wrong (vars in dbt_project.yml, or --vars):\n"
            "    - attrition_horizon: 60 is longer than the history: so many months.\n"
            "  > in macro stop_with_problems",
            "problem  History: attrition_horizon: 60 is longer than the history: so many months.",
        ),
        (
            "Compilation Error\n  2 problems in the raw data:\n    - raw_columns: one.\n"
            "    - raw_columns: two.",
            "problem  Raw data: raw_columns: two.",
        ),
        ("Database Error\n  no space left", "problem  History: Database Error"),
    ],
)
def test_what_stops_the_build_is_said_in_its_words(project, monkeypatch, said, finding):
    def run_dbt(*_args, errors, **_named):
        errors += [said, said]
        return 1

    monkeypatch.setattr(scratch, "run_dbt", run_dbt)
    result = run(project, "--quick")
    assert result.exit_code == 1
    assert finding in result.output
    assert result.output.count("problem ") == said.count("- ") + ("- " not in said)


def test_quick_builds_no_more_than_how_far_the_sales_reach(project, monthly, monkeypatch):
    asked = use_scratch(monkeypatch, monthly.built.connection)
    result = run(project, "--quick")
    assert result.exit_code == 0
    assert "the accepted ones reach from" in result.output
    assert "Not looked at: left out by --quick." in result.output
    assert asked == [({}, "duckdb", scratch.REACH)]


def test_on_snowflake_no_table_is_made(project, monthly, monkeypatch):
    asked = use_scratch(monkeypatch, monthly.built.connection)
    monkeypatch.setattr("attrition.doctor.snowflake.snowflake_findings", lambda *_, **__: [])
    text = "attrition: {target: prod, outputs: {prod: {type: snowflake}}}"
    (project / "profiles.yml").write_text(text, encoding="utf-8")
    result = run(project)
    assert result.exit_code == 0
    assert "Not looked at: on snowflake" in result.output
    assert asked == []


def test_a_folder_without_a_project_is_one_clear_message(tmp_path):
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "There is no dbt_project.yml in" in result.output


def test_the_scratch_profile_writes_elsewhere_and_keeps_the_rest():
    output = {
        "type": "duckdb",
        "path": "{{ env_var('ATTRITION_BUILD') }}",
        "database": "attrition_build",
        "extensions": ["httpfs"],
        "secrets": [{"type": "s3", "secret": "{{ env_var('KEY') }}"}],
    }
    profile = scratch_profile(Connection("shop", "dev", output), Path("/elsewhere/x.duckdb"))
    assert profile == {
        "shop": {
            "target": "dev",
            "outputs": {
                "dev": {
                    "type": "duckdb",
                    "path": "/elsewhere/x.duckdb",
                    "extensions": ["httpfs"],
                    "secrets": [{"type": "s3", "secret": "{{ env_var('KEY') }}"}],
                }
            },
        }
    }


@pytest.mark.parametrize("code", [0, 1])
def test_the_scratch_folder_is_removed_whatever_happens(project, monkeypatch, code):
    seen = {}

    def run_dbt(_folder, arguments, *, environment, **_named):
        folder = Path(environment["DBT_PROFILES_DIR"])
        profile = yaml.safe_load((folder / "profiles.yml").read_text(encoding="utf-8"))
        database = Path(profile["attrition"]["outputs"]["dev"]["path"])
        duckdb.connect(str(database)).close()
        seen.update(folder=folder, database=database, arguments=arguments)
        return code

    monkeypatch.setattr(scratch, "run_dbt", run_dbt)
    connection = Connection("attrition", "dev", {"type": "duckdb", "path": "mine.duckdb"})
    variables = {"champion_version": "v1", "max_rows": 5}
    try:
        with scratch_build(project, variables, connection) as opened:
            assert opened.sql("select current_database()").fetchall() == [("scratch",)]
    except AttritionError:
        assert code == 1
    assert seen["database"].parent == seen["folder"]
    assert not seen["folder"].exists()
    values = yaml.safe_load(seen["arguments"][seen["arguments"].index("--vars") + 1])
    assert values == {"champion_version": None, "shadow_versions": [], "max_rows": 5}
