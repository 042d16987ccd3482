"""Publishing: whole, readable and read-only, or not at all."""

import os
import stat
import subprocess
import sys

import duckdb
import pytest
from attrition import publish as publishing
from attrition.errors import AttritionError
from attrition.publish import publish, publish_tables


@pytest.fixture
def build(tmp_path):
    """A build in a schema of its own, with a table, a view on it and their descriptions."""
    path = tmp_path / "build.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema analytics")
        connection.execute("set schema = 'analytics'")
        connection.execute("create table stg_private as select 1 as x")
        connection.execute("create table attrition_champion as select 'v1' as version_id")
        connection.execute(
            "create table attrition_scores as select 'c' || i as customer_id, 'v1' as model_version"
            " from range(3) as t(i)"
        )
        connection.execute(
            "comment on table attrition_scores is 'who isn''t safe\nmade from 1f 2024-01-01=2e'"
        )
        connection.execute("comment on column attrition_scores.customer_id is 'the customer'")
        connection.execute("create view modeling_dataset as select * from attrition_scores")
        connection.execute("comment on view modeling_dataset is 'a view'")
    return path


def read(path, sql):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_public_tables_and_views_are_copied_with_their_descriptions(build, tmp_path):
    copy = tmp_path / "new folder" / "copy.duckdb"
    tables = publish(build, copy)
    assert tables == ["attrition_champion", "attrition_scores", "modeling_dataset"]
    assert read(copy, "select table_name, comment from duckdb_tables() order by all") == [
        ("attrition_champion", None),
        ("attrition_scores", "who isn't safe"),
        ("modeling_dataset", "a view"),
    ]
    assert read(copy, "select count(*) from modeling_dataset") == [(3,)]
    column = "select comment from duckdb_columns() where table_name = 'attrition_scores'"
    assert read(copy, column) == [("the customer",), (None,)]


@pytest.mark.parametrize(
    ("choice", "records", "features"),
    [
        ({}, (None, None, "no_sold_on", None), {"customer_id", "age", "visits"}),
        ({"rejected_records": "records"}, ("k", "c1", "no_sold_on", "{}"), {"customer_id"}),
        ({"sensitive_features": "all"}, (None, None, "no_sold_on", None), {"diagnosis", "age"}),
    ],
)
def test_what_is_nobodys_business_is_published_where_the_setting_says_so(
    build, tmp_path, choice, records, features
):
    with duckdb.connect(str(build)) as connection:
        connection.execute("set schema = 'analytics'")
        connection.execute(
            "create or replace view modeling_dataset as "
            "select 'c1' as customer_id, 40 as age, 2 as diagnosis, 3 as visits"
        )
        connection.execute(
            "create table attrition_feature_catalog as"
            " select unnest(['age', 'diagnosis', 'visits']) as feature,"
            " unnest([true, true, false]) as is_sensitive,"
            " unnest([true, false, false]) as is_selected"
        )
        connection.execute(
            "create table attrition_rejected_records as select 'k' as record_key,"
            " 'c1' as customer_id, 'no_sold_on' as rule, '{}' as record_json"
        )
    publish(build, tmp_path / "copy.duckdb", choice)
    assert read(tmp_path / "copy.duckdb", "from attrition_rejected_records") == [records]
    columns = "select column_name from duckdb_columns() where table_name = 'modeling_dataset'"
    found = {name for (name,) in read(tmp_path / "copy.duckdb", columns)}
    assert features <= found
    assert ("diagnosis" in found) == ("diagnosis" in features)


def test_a_reader_keeps_the_copy_that_it_opened(build, tmp_path):
    copy = tmp_path / "copy.duckdb"
    publish(build, copy)
    with duckdb.connect(str(copy), read_only=True) as reader:
        with duckdb.connect(str(build)) as connection:
            connection.execute("delete from analytics.attrition_scores where customer_id = 'c0'")
        publish(build, copy)
        assert reader.execute("select count(*) from attrition_scores").fetchall() == [(3,)]
    assert read(copy, "select count(*) from attrition_scores") == [(2,)]


def test_a_failure_says_its_cause_and_leaves_the_last_copy_and_nothing_else(build, tmp_path):
    copy = tmp_path / "copy.duckdb"
    publish(build, copy)
    with (
        duckdb.connect(str(build)) as connection,
        pytest.raises(
            AttritionError, match=r"copy\.duckdb could not be published: .*no_such_table"
        ),
    ):
        publish_tables(
            connection, [("analytics", "attrition_scores"), ("x", "no_such_table")], copy
        )
    assert read(copy, "select count(*) from attrition_scores") == [(3,)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["build.duckdb", "copy.duckdb"]


def test_scores_of_another_version_than_the_champion_are_not_published(build, tmp_path):
    with duckdb.connect(str(build)) as connection:
        connection.execute("delete from analytics.attrition_champion")
    with pytest.raises(AttritionError, match="made by v1, which is not the champion"):
        publish(build, tmp_path / "copy.duckdb")


def test_a_missing_build_and_one_without_public_tables_are_named(tmp_path):
    with pytest.raises(AttritionError, match="no build is there"):
        publish(tmp_path / "none.duckdb", tmp_path / "copy.duckdb")
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    with pytest.raises(AttritionError, match="holds no public table"):
        publish(tmp_path / "empty.duckdb", tmp_path / "copy.duckdb")


def test_the_copy_survives_a_log_that_a_dead_writer_left(build, tmp_path):
    """The log belongs to another file, and DuckDB refuses a file beside a log of another one."""
    copy, other = tmp_path / "copy.duckdb", tmp_path / "other.duckdb"
    left = (
        "import duckdb, os, sys\n"
        "c = duckdb.connect(sys.argv[1])\n"
        "c.execute('create table t as select 1 as x')\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", left, str(other)], check=True)
    (tmp_path / "other.duckdb.wal").rename(tmp_path / "copy.duckdb.wal")
    other.unlink()

    publish(build, copy)

    assert read(copy, "select count(*) from attrition_scores") == [(3,)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["build.duckdb", "copy.duckdb"]


def test_the_copy_is_read_only_and_can_still_be_refreshed(build, tmp_path):
    copy = tmp_path / "copy.duckdb"
    for _ in range(2):
        publish(build, copy)
        assert stat.S_IMODE(copy.stat().st_mode) == 0o444


def test_a_copy_that_cannot_be_read_is_not_swapped_in(build, tmp_path, monkeypatch):
    copy = tmp_path / "copy.duckdb"
    publish(build, copy)
    before = copy.read_bytes()
    monkeypatch.setattr(publishing, "_write", lambda *_: _[2].write_bytes(b"no database"))
    with pytest.raises(AttritionError, match=r"copy\.duckdb could not be published"):
        publish(build, copy)
    assert copy.read_bytes() == before


def test_what_killed_publications_left_is_cleared_and_what_runs_is_not(build, tmp_path):
    copy = tmp_path / "copy.duckdb"
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                           capture_output=True, text=True, check=True)  # fmt: skip
    dead = tmp_path / f".copy.duckdb.{ended.stdout.strip()}.partial"
    alive = tmp_path / f".copy.duckdb.{os.getppid()}.partial"
    for path in (dead, dead.with_name(dead.name + ".wal"), alive):
        path.write_bytes(b"left")
    publish(build, copy)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [alive.name, "build.duckdb", "copy.duckdb"]
    )


@pytest.mark.parametrize("name", ["build.duckdb", "folder/../build.duckdb"])
def test_the_build_is_not_published_over_itself(build, tmp_path, name):
    before = build.read_bytes()
    with pytest.raises(AttritionError, match="is the build itself"):
        publish(build, tmp_path / name)
    with duckdb.connect(str(build)) as connection, pytest.raises(AttritionError, match="itself"):
        publish_tables(connection, [("analytics", "attrition_scores")], tmp_path / name)
    assert read(build, "select count(*) from analytics.attrition_scores") == [(3,)]
    assert before


def test_a_place_that_cannot_be_written_is_one_sentence(build, tmp_path):
    (tmp_path / "a folder").mkdir()
    with pytest.raises(AttritionError, match="a folder is a folder: name a file"):
        publish(build, tmp_path / "a folder")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(AttritionError, match=r"could not be published: .*file"):
        publish(build, tmp_path / "file" / "copy.duckdb")


def test_a_damaged_build_is_one_sentence(build, tmp_path):
    build.write_bytes(build.read_bytes()[:5000])
    with pytest.raises(AttritionError, match=r"build\.duckdb cannot be opened: "):
        publish(build, tmp_path / "copy.duckdb")
    build.write_bytes(b"")
    with pytest.raises(AttritionError, match=r"build\.duckdb is empty"):
        publish(build, tmp_path / "copy.duckdb")
    assert build.read_bytes() == b""
