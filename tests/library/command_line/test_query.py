"""Queries on the published copy."""

import csv
import io
import json

import pytest
from attrition.cli import app
from attrition.command_line.query import answered, answered_in_arrow
from attrition.errors import AttritionError
from published import write_published
from typer.testing import CliRunner


@pytest.fixture
def published(tmp_path):
    return write_published(tmp_path / "attrition.duckdb")


@pytest.fixture
def project(published):
    """A folder that `attrition query --project-dir` takes."""
    folder = published.parent / "project"
    (folder / "warehouse").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: shop\n", encoding="utf-8")
    published.rename(folder / "warehouse" / "attrition.duckdb")
    return folder


def found(published, sql):
    with answered(published, sql) as answer:
        return answer.columns, list(answer.rows)


def query(project, *arguments):
    return CliRunner().invoke(app, ["query", *arguments, "--project-dir", str(project)])


def test_rows_come_back_with_their_columns(published):
    sql = "select customer_id from attrition_scores order by 1 limit 2"
    assert found(published, sql) == (("customer_id",), [("c1",), ("c10",)])


def test_the_copy_cannot_be_changed(published):
    with pytest.raises(AttritionError, match="The query failed"):
        found(published, "delete from attrition_scores")
    assert found(published, "select count(*) from attrition_scores")[1] == [(12,)]


def test_a_wrong_query_is_one_clear_error(published):
    with pytest.raises(AttritionError, match=r"The query failed: .*attrition_score"):
        found(published, "select * from attrition_score")


def test_a_query_that_fails_at_a_row_is_one_clear_error(published):
    with pytest.raises(AttritionError, match=r"The query failed: .*Could not convert"):
        found(published, "select cast(customer_id as integer) from attrition_scores")


def found_in_arrow(published, sql):
    with answered_in_arrow(published, sql) as reader:
        return reader.read_all()


READERS = pytest.mark.parametrize("run", [found, found_in_arrow], ids=["rows", "arrow"])


@READERS
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
def test_a_query_reaches_no_file_and_changes_nothing(published, attack, run):
    folder = published.parent
    (folder / "secret.txt").write_text("hush", encoding="utf-8")
    before = published.read_bytes()
    with pytest.raises(AttritionError, match="The query failed"):
        run(published, attack.format(folder=folder, published=published))
    assert published.read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["attrition.duckdb", "secret.txt"]


@READERS
@pytest.mark.parametrize("text", ["", "  ", "-- nothing", ";"])
def test_a_text_without_a_query_is_one_sentence(published, text, run):
    with pytest.raises(AttritionError, match="There is no query in the text"):
        run(published, text)


def test_values_are_shown_as_they_are(project):
    sql = """select '[red]a[/red] :smile: [/b]' as "[bold]x[/bold]" """
    result = query(project, sql)
    assert result.exit_code == 0, result.output
    assert "[bold]x[/bold]" in result.output
    assert "[red]a[/red] :smile: [/b]" in result.output


def test_each_format_has_the_same_rows(project, tmp_path):
    import pyarrow.parquet as pq

    sql = "select customer_id, as_of_date, 'a,b' as c, null as d from attrition_scores order by 1"
    shown = {form: query(project, sql, "--format", form).stdout for form in ("csv", "json")}
    as_csv = list(csv.DictReader(io.StringIO(shown["csv"])))
    as_json = json.loads(shown["json"])
    out = tmp_path / "x.parquet"
    assert query(project, sql, "--format", "parquet", "--out", str(out)).exit_code == 0
    as_parquet = pq.read_table(out).to_pylist()
    assert as_csv[2] == {"customer_id": "c11", "as_of_date": "2024-07-01", "c": "a,b", "d": ""}
    assert as_json[2] == {**as_csv[2], "d": None}
    assert as_parquet[2]["as_of_date"].isoformat() == "2024-07-01"
    assert len(as_csv) == len(as_json) == len(as_parquet) == 12
    for form in ("csv", "json"):
        out = tmp_path / f"x.{form}"
        query(project, sql, "--format", form, "--out", str(out))
        assert out.read_text(encoding="utf-8") == shown[form]
    assert query(project, sql, "--csv").stdout == shown["csv"]


def test_a_limit_holds_in_every_format(project, tmp_path):
    import pyarrow.parquet as pq

    sql = "select customer_id from attrition_scores"
    assert query(project, sql, "--format", "csv", "--limit", "3").stdout.count("\n") == 4
    assert len(json.loads(query(project, sql, "--format", "json", "--limit", "3").stdout)) == 3
    out = str(tmp_path / "x.parquet")
    query(project, sql, "--format", "parquet", "--out", out, "--limit", "3")
    assert pq.read_table(out).num_rows == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "parquet"], "--format parquet needs --out FILE"),
        (["--format", "xml"], "--format: 'xml' is none of table, csv, json, parquet."),
        (["--out", "x.csv"], "--out needs --format csv, json or parquet"),
        (["--format", "csv", "--out", "nowhere/x.csv"], "the folder nowhere is not there"),
    ],
)
def test_a_mistake_is_one_sentence(project, arguments, message):
    result = query(project, "select 1", *arguments)
    assert result.exit_code == 2
    assert message in result.output
