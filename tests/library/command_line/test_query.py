"""Queries on the published copy."""

import io

import pytest
from attrition.command_line.query import run_query, show_result, write_csv
from attrition.errors import AttritionError
from published import write_published
from rich.console import Console


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
