"""A customer is taken out of the tables and out of the blocks of the files."""

import os
import subprocess
import sys

import duckdb
import pytest
from attrition.command_line import erase
from attrition.command_line.erase import erase_customer, rows_of_customer, write_anew
from attrition.errors import AttritionError
from attrition.project.profile import Connection
from published import write_published

GONE = b"GoneForGood"
DUCKDB = Connection("attrition", "dev", {"type": "duckdb", "path": "build.duckdb"})
CHOICE = {"rejected_records": "rules", "sensitive_features": "selected"}


@pytest.fixture
def build(tmp_path):
    """A build of 12 customers, of whom one is named so that their bytes can be looked for."""
    path = write_published(tmp_path / "build.duckdb")
    with duckdb.connect(str(path)) as connection:
        named = "update attrition_scores set customer_id = 'GoneForGood' where customer_id = 'c7'"
        connection.execute(named)
        connection.execute("alter table attrition_scores add column model_version varchar")
        connection.execute("update attrition_scores set model_version = 'v1'")
        connection.execute("alter table attrition_scores alter as_of_date set not null")
        connection.execute("comment on table attrition_scores is 'who leaves'")
        connection.execute("comment on column attrition_scores.customer_id is 'who'")
        connection.execute("drop table attrition_rejected_records")
        connection.execute("create view a_view as from attrition_scores")
        connection.execute("create table later as select 'GoneForGood ' as customer_id")
    return path


def delete_in(path):
    """Return a `run_dbt` that does what the macro does."""

    def run_dbt(project_dir, arguments, verbose=True):
        with duckdb.connect(str(path)) as connection:
            for table in ("attrition_scores", "later"):
                connection.execute(f"delete from {table} where trim(customer_id) = 'GoneForGood'")
        return 0

    return run_dbt


def test_no_byte_of_a_removed_row_is_left_and_all_else_is(build):
    describe = (
        "select table_name, comment, column_name, is_nullable from duckdb_columns() "
        "where database_name = current_database() order by all",
        "select table_name, comment from duckdb_tables() order by all",
        "select view_name from duckdb_views() where not internal",
        "from attrition_scores order by all",
    )

    def described():
        with duckdb.connect(str(build), read_only=True) as connection:
            return [connection.execute(sql).fetchall() for sql in describe]

    delete_in(build)(None, None)
    with duckdb.connect(str(build)) as connection:
        connection.execute("checkpoint")
    # what makes it necessary: DuckDB only marks the rows
    assert GONE in build.read_bytes()
    before = described()
    write_anew(build)
    assert GONE not in build.read_bytes()
    assert described() == before
    assert os.access(build, os.W_OK)
    assert [path.name for path in build.parent.iterdir()] == ["build.duckdb"]


def test_the_published_copy_follows_and_says_what_it_had(build, monkeypatch):
    folder = build.parent
    erase.publish(build, folder / "warehouse" / "attrition.duckdb", CHOICE)
    monkeypatch.setattr(erase, "run_dbt", delete_in(build))
    said = []
    erase_customer(folder, DUCKDB, "GoneForGood", CHOICE, say=said.append)
    assert "attrition_scores: 1 before, 0 after" in "\n".join(said)
    for path in (build, folder / "warehouse" / "attrition.duckdb"):
        assert GONE not in path.read_bytes()
        assert rows_of_customer(path, "GoneForGood") == {}
        assert rows_of_customer(path, "c1")["attrition_scores"] == 1


def test_rows_are_counted_whatever_blanks_stand_around_the_id(build):
    assert rows_of_customer(build, "GoneForGood") == {"attrition_scores": 1, "later": 1}
    assert rows_of_customer(build.with_name("none.duckdb"), "c1") == {}


def test_without_a_build_there_is_nobody_to_erase(tmp_path):
    with pytest.raises(AttritionError, match="there is no build, so nobody is in it"):
        erase_customer(tmp_path, DUCKDB, "c1", CHOICE)


def test_a_build_that_runs_is_waited_for(build, monkeypatch):
    monkeypatch.setattr(erase, "run_dbt", pytest.fail)
    code = f"import duckdb, time; c = duckdb.connect({str(build)!r}); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()
        try:
            with pytest.raises(AttritionError, match="If another build or a program that reads"):
                erase_customer(build.parent, DUCKDB, "c1", CHOICE)
            with pytest.raises(AttritionError, match="could not be written anew"):
                write_anew(build)
        finally:
            other.communicate(b"\n")
    assert GONE in build.read_bytes()


def test_a_failure_of_dbt_is_said(build, monkeypatch):
    monkeypatch.setattr(erase, "run_dbt", lambda *_, **__: 1)
    with pytest.raises(AttritionError, match="dbt did not finish"):
        erase_customer(build.parent, DUCKDB, "c1", CHOICE)
    assert GONE in build.read_bytes()


def test_a_copy_that_cannot_follow_is_said(build, monkeypatch):
    published = build.parent / "warehouse" / "attrition.duckdb"
    erase.publish(build, published, CHOICE)
    monkeypatch.setattr(erase, "run_dbt", delete_in(build))
    with duckdb.connect(str(build)) as connection:
        connection.execute("update attrition_scores set model_version = 'v2'")
    with pytest.raises(AttritionError, match=r"gone from the tables.*not the champion"):
        erase_customer(build.parent, DUCKDB, "GoneForGood", CHOICE)
    assert rows_of_customer(published, "GoneForGood") == {"attrition_scores": 1}
