"""Queries on the published copy."""

import io

import pytest
from attrition.cli import app
from attrition.command_line.query import run_query, show_result, write_csv
from attrition.errors import AttritionError
from published import write_published
from rich.console import Console
from typer.testing import CliRunner


@pytest.fixture
def published(tmp_path):
    return write_published(tmp_path / "attrition.duckdb")


def test_rows_come_back_with_their_columns(published):
    result = run_query(published, "select customer_id from attrition_scores order by 1 limit 2")
    assert (result.columns, result.rows) == (("customer_id",), [("c1",), ("c10",)])


def test_the_copy_cannot_be_changed(published):
    with pytest.raises(AttritionError, match="The query failed"):
        run_query(published, "delete from attrition_scores")
    assert run_query(published, "select count(*) from attrition_scores").rows == [(12,)]


def test_a_wrong_query_is_one_clear_error(published):
    with pytest.raises(AttritionError, match=r"The query failed: .*attrition_score"):
        run_query(published, "select * from attrition_score")


def test_csv_has_all_rows_and_a_header(published):
    stream = io.StringIO()
    write_csv(stream, run_query(published, "select 'a,b' as x, null as y"))
    assert stream.getvalue() == 'x,y\n"a,b",\n'


def test_a_table_says_how_many_rows_it_leaves_out(published):
    console = Console(file=io.StringIO(), width=80)
    show_result(console, run_query(published, "from attrition_scores"), 5)
    assert "5 rows, 7 more with --csv or a larger --limit" in console.file.getvalue()


@pytest.mark.parametrize(
    "attack",
    [
        "copy attrition_scores to '{folder}/stolen.csv'",
        "copy (select 1 as x) to '{published}'",
        "export database '{folder}/stolen'",
        "attach '{folder}/other.duckdb'",
        "select content from read_text('{folder}/secret.txt')",
        "select file from glob('{folder}/*')",
        "from '{folder}/secret.txt'",
        "import database '{folder}'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "reset enable_external_access",
        "create table x as select 1 as y",
        "select 1; drop table attrition_scores",
        "update attrition_scores set attrition_probability = 0",
    ],
)
def test_a_query_reaches_no_file_and_changes_nothing(published, attack):
    folder = published.parent
    (folder / "secret.txt").write_text("hush", encoding="utf-8")
    before = published.read_bytes()
    with pytest.raises(AttritionError, match="The query failed"):
        run_query(published, attack.format(folder=folder, published=published))
    assert published.read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["attrition.duckdb", "secret.txt"]


@pytest.mark.parametrize("text", ["", "  ", "-- nothing", ";"])
def test_a_text_without_a_query_is_one_sentence(published, text):
    with pytest.raises(AttritionError, match="There is no query in the text"):
        run_query(published, text)


def test_values_are_shown_as_they_are(published, tmp_path):
    (tmp_path / "dbt_project.yml").write_text("name: shop\n", encoding="utf-8")
    (tmp_path / "warehouse").mkdir()
    published.rename(tmp_path / "warehouse" / "attrition.duckdb")
    sql = """select '[red]a[/red] :smile: [/b]' as "[bold]x[/bold]" """
    result = CliRunner().invoke(app, ["query", sql, "--project-dir", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "[bold]x[/bold]" in result.output
    assert "[red]a[/red] :smile: [/b]" in result.output
