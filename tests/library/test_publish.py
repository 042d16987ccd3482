import duckdb
import pytest
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
        connection.execute("comment on table attrition_scores is 'who isn''t safe'")
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
        pytest.raises(duckdb.Error, match="no_such_table"),
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
