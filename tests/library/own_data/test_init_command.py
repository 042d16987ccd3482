"""What `attrition init` asks and refuses; tests/project/test_init.py has it build for real."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
import yaml
from attrition.cli import app
from attrition.project.scratch import DATASET, NotBuiltError
from attrition.settings.raw_names import SOURCES_FILE
from compiled_project import ROOT, Variation
from typer.testing import CliRunner


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / SOURCES_FILE).parent.mkdir(parents=True)
    shutil.copy(ROOT / SOURCES_FILE, folder / SOURCES_FILE)
    shutil.copy(ROOT / "dbt_project.yml", folder)
    for name in ("macros", "seeds"):
        (folder / name).symlink_to(ROOT / name)
    (tmp_path / "shop.csv").write_text(
        "".join(f"{line}\n" for line in ("customer,date,qty", *["ann,2024-01-02,1"] * 9)),
        encoding="utf-8",
    )
    return folder


def init(project: Path, *arguments: str, answer: str | None = None):
    told = ["init", "--raw", str(project.parent / "shop.csv"), "--project-dir", str(project)]
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [*told, *arguments], input=answer)


def use_scratch(monkeypatch: pytest.MonkeyPatch, variation: Variation, *refused: str) -> list:
    """Let a ready database stand for the builds, of which that of the dataset may be refused."""
    asked = []

    @contextmanager
    def ready(_project_dir, values, _profile, ends):
        asked.append(values)
        if refused and ends == DATASET:
            raise NotBuiltError(refused)
        yield variation.built.connection

    monkeypatch.setattr("attrition.own_data.init_command.scratch_build", ready)
    return asked


def test_nothing_is_written_after_a_no(project, monthly, monkeypatch):
    before = (project / "dbt_project.yml").read_text(encoding="utf-8")
    asked = use_scratch(monkeypatch, monthly)

    result = init(project, "--set", "target=is_attrition_cs", answer="n\n")

    assert "Nothing was written." in result.output
    assert (project / "dbt_project.yml").read_text(encoding="utf-8") == before
    assert not (project / "raw").exists()
    # a copy that the project can read, elsewhere and for a while
    folders = {values.pop("raw_location") for values in asked}
    assert len(folders) == 1
    assert not Path(folders.pop()).exists()
    read = {
        "raw_data": "source",
        "raw_columns": {"sales": {"customer_id": "customer", "sold_on": "date", "quantity": "qty"}},
        "feature_domains": ["sales"],
        "target": "is_attrition_cs",
    }
    assert asked[0] == read
    assert read.items() <= asked[1].items()


def test_what_a_build_would_refuse_is_not_written(project, monthly, monkeypatch):
    before = (project / "dbt_project.yml").read_text(encoding="utf-8")
    use_scratch(monkeypatch, monthly, "  - attrition_horizon: 50 is longer than the history")

    result = init(project, "--yes", "--set", "attrition_horizon=50")

    assert result.exit_code == 2
    assert "problem  History: attrition_horizon: 50 is longer than the history" in result.output
    assert "Nothing was written" in result.output
    assert (project / "dbt_project.yml").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (("--horizon", "28 days"), {"time_grain": "week", "attrition_horizon": 4}),
        (("--horizon", "90 days"), {"time_grain": "month", "attrition_horizon": 3}),
        (("--set", "time_grain=week", "--set", "attrition_horizon=5"), {"attrition_horizon": 5}),
        (("--set", "attrition_horizon=null"), {"attrition_horizon": None}),
    ],
)
def test_a_horizon_is_written_as_it_was_said(project, monthly, monkeypatch, said, written):
    use_scratch(monkeypatch, monthly)

    result = init(project, "--yes", *said)

    assert result.exit_code == 0, result.output
    assert "as you said" in result.output
    text = (project / "dbt_project.yml").read_text(encoding="utf-8")
    assert written.items() <= yaml.safe_load(text)["vars"].items()


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (("--horizon", "45 days"), "--horizon '6 weeks' (42 days)"),
        (("--horizon", "999 weeks"), "attrition_horizon: 999 is not allowed"),
        (("--horizon", "8 weeks", "--set", "attrition_horizon=8"), "leave one of them out"),
        (("--horizon", "8 weeks", "--set", "time_grain=week"), "leave one of them out"),
    ],
)
def test_a_horizon_that_cannot_be_is_refused_before_the_file_is_read(project, said, message):
    result = init(project, "--yes", *said)

    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert "Looking at" not in result.output


@pytest.mark.parametrize(("answer", "day"), [("y", "2024-02-01"), ("n", "2024-01-02")])
def test_dates_that_fit_two_ways_are_asked_about(project, monthly, monkeypatch, answer, day):
    (project.parent / "shop.csv").write_text(
        "customer,date,qty\n" + "ann,01/02/2024,1\nann,01/03/2024,1\n" * 9, encoding="utf-8"
    )
    use_scratch(monkeypatch, monthly)

    result = init(project, answer=f"{answer}\ny\n")

    assert "such as 01/02/2024, can be read as day/month/year or month/day/year" in result.output
    [(first,)] = duckdb.sql(f"select min(sold_on) from '{project}/raw/sales.parquet'").fetchall()
    assert first == day
    assert "│ sold_on      │ date " in result.output, "the file has no sold_on, only the copy has"


def test_dates_that_fit_two_ways_stop_where_nobody_answers(project, monthly, monkeypatch):
    (project.parent / "shop.csv").write_text(
        "customer,date,qty\n" + "ann,01/02/2024,1\n" * 9, encoding="utf-8"
    )
    use_scratch(monkeypatch, monthly)

    result = init(project, "--yes")

    assert result.exit_code == 2
    assert "--day-first or --month-first" in result.output
    assert not (project / "raw").exists()
