"""Where the report reads, and what it makes of what is not there."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from attrition.errors import AttritionError
from attrition.report import source
from attrition.report.source import NotInThisBuildError, Source, account_run
from snowflake.connector.errors import ProgrammingError


def test_a_query_is_asked_once_and_knows_the_version_that_is_judged(monkeypatch):
    texts = {"version": "select 1", "lift": "select 2 where version_id = '$version'"}
    monkeypatch.setattr(source, "query_text", texts.__getitem__)
    asked = []

    def run(sql):
        asked.append(sql)
        return [{"VERSION_ID": "v1", "share": Decimal("0.25")}]

    here = Source(run, "here")
    found = here.read("lift")
    assert here.read("lift") is found
    assert asked == ["select 1", "select 2 where version_id = 'v1'"]
    assert found.sql == asked[1]
    assert found.first == {"version_id": "v1", "share": 0.25}


def refusing(errno: int):
    def execute(_sql):
        raise ProgrammingError("refused", errno=errno)

    cursor = SimpleNamespace(execute=execute, close=lambda: None)
    return SimpleNamespace(cursor=lambda: cursor)


@pytest.mark.parametrize("errno", [2003, 904], ids=["table", "column"])
def test_what_an_account_does_not_have_is_not_in_the_build(errno):
    found = Source(account_run(refusing(errno)), "there").read("plan")
    assert not found.is_known
    assert found.rows == ()
    assert "training_plan" in found.sql


def test_any_other_refusal_of_an_account_is_an_error():
    with pytest.raises(AttritionError, match="refused"):
        Source(account_run(refusing(606)), "there").read("plan")
    assert issubclass(NotInThisBuildError, Exception)
    assert not issubclass(NotInThisBuildError, AttritionError)


def test_an_output_on_snowflake_is_read_there(tmp_path, monkeypatch):
    (tmp_path / "dbt_project.yml").write_text("name: attrition\nprofile: attrition\n")
    (tmp_path / "profiles.yml").write_text(
        "attrition: {target: prod, outputs: {prod: {type: snowflake, account: a, user: u,"
        " database: d, schema: s}}}\n"
    )
    connection = refusing(2003)
    connection.close = lambda: None
    monkeypatch.delenv("DBT_PROFILES_DIR", raising=False)
    monkeypatch.setattr(
        "attrition.snowflake.connection.open_connection", lambda _output: connection
    )
    with source.source_of(tmp_path, "prod") as there:
        assert there.where == "d.s"
        assert not there.read("plan").is_known
