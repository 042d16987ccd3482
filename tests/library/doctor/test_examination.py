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
from attrition.project.dbt_process import Connection
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
    def ready(_project_dir, overrides, target):
        asked.append((overrides, target.type))
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
    assert asked == [({"num_tuning_rounds": 3}, "duckdb")]
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


def test_a_horizon_longer_than_the_sales_is_a_problem(project, monthly, monkeypatch):
    asked = use_scratch(monkeypatch, monthly.built.connection)
    result = run(project, "--vars", "{attrition_horizon: 60}")
    assert result.exit_code == 1
    assert "problem  History: attrition_horizon: 60 is longer than the history" in result.output
    assert asked == []


def test_files_that_break_the_contract_are_problems(project):
    (project / "raw").mkdir()
    (project / "raw" / "sales.csv").write_text("who,sold_on\n1,2024-01-02\n", encoding="utf-8")
    values = "{raw_data: source, raw_location: raw, feature_domains: [sales]}"
    result = run(project, "--vars", values)
    assert result.exit_code == 1
    assert "problem  Raw data: `customer_id` is missing from sales.csv" in result.output


def test_quick_leaves_the_build_out(project, monthly, monkeypatch):
    asked = use_scratch(monkeypatch, monthly.built.connection)
    result = run(project, "--quick")
    assert result.exit_code == 0
    assert "Not looked at: left out by --quick." in result.output
    assert asked == []


def test_on_snowflake_no_table_is_made(project, monthly, monkeypatch):
    asked = use_scratch(monkeypatch, monthly.built.connection)
    monkeypatch.setattr("attrition.doctor.snowflake.snowflake_findings", lambda *_: [])
    text = "attrition: {target: prod, outputs: {prod: {type: snowflake}}}"
    (project / "profiles.yml").write_text(text, encoding="utf-8")
    result = run(project)
    assert result.exit_code == 0
    assert "Not looked at: on snowflake" in result.output
    assert asked == []


def test_a_dataset_that_cannot_be_built_is_a_problem(project, monkeypatch):
    monkeypatch.setattr(scratch, "run_dbt", lambda *_args, **_named: 1)
    result = run(project)
    assert result.exit_code == 1
    assert "problem  Dataset: It failed" in result.output


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
