"""The reader follows builds, keeps answers until the next one, and says what is missing."""

import duckdb
import pytest
from attrition.errors import AttritionError
from attrition.report.source import NotInThisBuildError

from app.copy_reader import CopyReader

COUNT = "select count(*) as count from attrition_scores"


def write(path, customers):
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table attrition_scores as "
            f"select 'c' || n as customer_id from range({customers}) t(n)"
        )
    return path


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "published.duckdb", 3)


def test_a_build_that_replaces_the_file_is_followed_without_a_restart(path, tmp_path):
    reader = CopyReader(path)
    assert reader.rows(COUNT) == [{"count": 3}]
    before = reader.stamp()
    write(tmp_path / "next.duckdb", 5).replace(path)
    assert reader.stamp() != before
    assert reader.rows(COUNT) == [{"count": 5}]


def test_the_source_of_report_parts_is_followed_too(path, tmp_path):
    reader = CopyReader(path)
    first = reader.source()
    assert reader.source() is first
    write(tmp_path / "next.duckdb", 5).replace(path)
    assert reader.source() is not first


def test_the_same_question_is_asked_once_until_the_next_build(path, monkeypatch):
    asked = []
    monkeypatch.setattr("app.copy_reader.published_rows", lambda *given: asked.append(given) or [])
    reader = CopyReader(path)
    reader.rows(COUNT)
    reader.rows(COUNT)
    reader.rows(COUNT, {"other": 1})
    assert len(asked) == 2


def test_nothing_is_written_or_read_beside_the_copy(path):
    reader = CopyReader(path)
    for sql in ("create table x as select 1", "select * from read_csv('/etc/passwd')"):
        with pytest.raises(AttritionError):
            reader.rows(sql)


def test_a_missing_table_and_a_missing_file_are_told_apart(path, tmp_path):
    with pytest.raises(NotInThisBuildError):
        CopyReader(path).rows("select * from attrition_forecast")
    with pytest.raises(AttritionError, match="make build"):
        CopyReader(tmp_path / "none.duckdb").rows(COUNT)
