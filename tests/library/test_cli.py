"""The command: every mistake is one clear message."""

import shutil
from pathlib import Path

import pytest
from attrition.cli import app
from attrition.settings.raw_names import SOURCES_FILE
from published import write_published
from typer.testing import CliRunner

PROJECT = Path(__file__).resolve().parents[2]
RUNNER = CliRunner()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    (folder / "seeds").mkdir(parents=True)
    shutil.copy(PROJECT / "dbt_project.yml", folder)
    for name in ("attrition_feature_definitions.csv", "raw_sales.csv"):
        shutil.copy(PROJECT / "seeds" / name, folder / "seeds")
    folder.joinpath("models/staging").mkdir(parents=True)
    shutil.copy(PROJECT / SOURCES_FILE, folder / SOURCES_FILE)
    (folder / "macros").symlink_to(PROJECT / "macros")
    monkeypatch.delenv("ATTRITION_PUBLISHED", raising=False)
    monkeypatch.delenv("ATTRITION_BUILD", raising=False)
    return folder


def run(project: Path, *arguments: str, **options):
    return RUNNER.invoke(app, [*arguments, "--project-dir", str(project)], **options)


def test_without_a_command_it_lists_them():
    result = RUNNER.invoke(app, [])
    for command in (
        "check", "doctor", "build", "summary", "query", "init", "generate", "publish", "docs",
    ):  # fmt: skip
        assert command in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "--vars", "{atrition_horizon: 3}"], "Did you mean attrition_horizon?"),
        (["check", "--vars", "{a"], "--vars is not valid YAML"),
        (["check", "--vars", "monthly"], "--vars must be a mapping"),
        (["build", "--vars", "{refit: always}"], 'refit: "always" is not allowed'),
        (["summary"], "There is no published file"),
        (["query", "select 1"], "There is no published file"),
        (["report"], "There is no published file"),
        (["init", "--raw", "nowhere.csv"], "There is no file nowhere.csv"),
        (["init", "--raw", "nowhere.csv", "--set", "horizon"], "--set needs NAME=VALUE"),
        (["init", "--raw", "nowhere.csv", "--set", "splt={}"], "Did you mean split?"),
        (["publish"], "no build is there to publish"),
    ],
)
def test_a_mistake_is_one_clear_message_and_exit_code_2(project, arguments, message):
    result = run(project, *arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output


def test_a_folder_without_a_project_is_named(tmp_path):
    result = run(tmp_path, "check")
    assert result.exit_code == 2
    assert "There is no dbt_project.yml in" in result.output


def test_summary_and_query_read_the_published_copy(project):
    write_published(project / "warehouse" / "attrition.duckdb")
    shown = run(project, "summary")
    assert shown.exit_code == 0
    assert "12 customers scored" in shown.output
    assert "attrition init --raw YOUR_SALES_FILE" in shown.output
    found = run(project, "query", "select count(*) as n from attrition_scores", "--csv")
    assert found.stdout == "n\n12\n"
    refused = run(project, "query", "drop table attrition_scores")
    assert refused.exit_code == 2


def test_the_report_is_written_and_the_summary_says_where(project):
    write_published(project / "warehouse" / "attrition.duckdb")
    assert "not made yet: make report" in run(project, "summary").output
    told = run(project, "report")
    assert told.exit_code == 0, told.output
    page = project / "target" / "report" / "report.html"
    assert f"{page}: {page.stat().st_size / 1e6:.1f} MB" in told.output
    assert {one.name for one in page.parent.iterdir()} == {
        "report.html", "evaluation.json", "model_card.md",
    }  # fmt: skip
    assert f"report  {page}" in run(project, "summary").output


def fake_dbt(calls: list, code: int):
    def run_dbt(_folder, arguments, _verbose=True):
        calls.append(arguments)
        return code

    return run_dbt


def test_build_checks_runs_dbt_with_its_arguments_and_shows_the_summary(project, monkeypatch):
    calls: list = []
    monkeypatch.setattr("attrition.project.dbt_process.run_dbt", fake_dbt(calls, 0))
    shutil.copy(PROJECT / "profiles.yml.example", project)
    write_published(project / "warehouse" / "attrition.duckdb")
    result = run(project, "build", "--vars", "{max_rows: 5}", "--full-refresh")
    assert result.exit_code == 0, result.output
    without = ["--exclude-resource-type", "unit_test"]
    assert calls == [["build", *without, "--full-refresh", "--vars", "{max_rows: 5}"]]
    assert (project / "profiles.yml").is_file()
    assert "12 customers scored" in result.output


def test_a_failed_build_says_so_and_exits_with_1(project, monkeypatch):
    monkeypatch.setattr("attrition.project.dbt_process.run_dbt", fake_dbt([], 2))
    result = run(project, "build")
    assert result.exit_code == 1
    assert "dbt build failed" in result.output


def test_a_wrong_setting_stops_the_build_before_dbt(project, monkeypatch):
    calls: list = []
    monkeypatch.setattr("attrition.project.dbt_process.run_dbt", fake_dbt(calls, 0))
    assert run(project, "build", "--vars", "{split: 3}").exit_code == 2
    assert calls == []


def test_docs_are_one_static_file(project, monkeypatch):
    calls: list = []
    monkeypatch.setattr("attrition.project.dbt_process.run_dbt", fake_dbt(calls, 0))
    result = run(project, "docs")
    assert calls == [["docs", "generate", "--static"]]
    assert "static_index.html" in result.output


def test_generate_passes_its_options_on(tmp_path, monkeypatch):
    seen: dict = {}

    def generate(*values, **named):
        seen.update(named, values=values)
        return (tmp_path / "sales.csv",)

    monkeypatch.setattr("attrition.generator.generate", generate)
    options = ["--customers", "5", "--months", "3", "--seed", "9", "--out", str(tmp_path)]
    options += ["--format", "csv", "--truth", "--snapshots", "2024-01", "--futures", "7"]
    options += ["--drift", "0.4"]
    result = RUNNER.invoke(app, ["generate", *options])
    assert result.exit_code == 0, result.output
    assert seen == {
        "values": (5, 3, 9, tmp_path),
        "file_format": "csv",
        "truth": True,
        "snapshots": ["2024-01"],
        "futures": 7,
        "drift": 0.4,
    }


def test_settings_write_writes_the_generated_files(project):
    first = run(project, "settings", "write")
    assert "settings.md: written." in first.output
    assert "All files are current." in run(project, "settings", "write").output
