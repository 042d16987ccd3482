"""SQL for administrators: the tables of the contracts, and grants for who builds and who reads."""

import json
import os
from pathlib import Path

import pytest
import sqlglot
from attrition.cli import app
from attrition.errors import AttritionError
from attrition.snowflake import ddl
from attrition.snowflake.connection import rows_of
from attrition.snowflake.names import names_from_environment
from attrition.snowflake.templates import statements
from fake_account import FakeAccount
from snowflake_expected import parses
from sqlglot import exp
from typer.testing import CliRunner

PROJECT = Path(__file__).resolve().parents[3]
NAMES = names_from_environment({"SNOWFLAKE_DATABASE": "shop"})


def column(name: str, kind: str, description: str = "", **more) -> dict:
    return {"name": name, "data_type": kind, "description": description, **more}


def model(name: str, *columns: dict, access="public", enforced=True, **config) -> dict:
    return {
        "resource_type": "model",
        "name": name,
        "relation_name": f"shop.attrition.{name}",
        "access": access,
        "description": f"One row per {name}.\n\nAn example query.",
        "config": {"contract": {"enforced": enforced}, "materialized": "table", **config},
        "columns": {one["name"]: one for one in columns},
    }


def data_test(node: str, key=None, name="rules_hold", **config) -> dict:
    return {
        "resource_type": "test",
        "attached_node": node,
        "test_metadata": {"name": name, "kwargs": {"key": key} if key else {}},
        "config": {"severity": "ERROR", "where": None, **config},
    }


def manifest(*nodes: dict, adapter: str = "snowflake") -> dict:
    keys = (f"model.{node['name']}" if "name" in node else f"test.{i}"
            for i, node in enumerate(nodes))  # fmt: skip
    return {"metadata": {"adapter_type": adapter}, "nodes": dict(zip(keys, nodes, strict=True))}


def table_of(*nodes: dict) -> str:
    [table] = ddl.public_tables(manifest(*nodes))
    return ddl.create_table(table)


def test_a_table_has_the_columns_of_its_contract():
    sql = table_of(
        model(
            "scores",
            column("customer_id", "varchar", "Who."),
            column("score", "double", "It's 0\nto 1, with a \\ in it.\n\nMore."),
            column("Order", "integer", quote=True),
        )
    )
    assert sql == (
        "create table if not exists shop.attrition.scores (\n"
        "    customer_id varchar comment 'Who.',\n"
        "    score double comment 'It''s 0 to 1, with a \\\\ in it.',\n"
        "    \"Order\" integer comment ''\n"
        ")\ncomment = 'One row per scores.';\n"
    )


def test_only_public_tables_with_a_contract_are_made():
    one = column("a", "integer")
    nodes = [
        model("b_public", one),
        model("private", one, access="private"),
        model("loose", one, enforced=False),
        model("seen", one, materialized="view"),
        model("a_history", one, materialized="incremental"),
    ]
    names = [table.name for table in ddl.public_tables(manifest(*nodes))]
    assert names == ["shop.attrition.a_history", "shop.attrition.b_public"]


def keyed(of_a=(), of_b=()) -> dict:
    return model(
        "t",
        column("a", "integer", meta={"rules": list(of_a)}),
        column("b", "integer", meta={"rules": list(of_b)}),
    )


@pytest.mark.parametrize(
    ("table", "tests", "line"),
    [
        (keyed(["unique", "not_null"]), [data_test("model.t")], "primary key (a) not enforced"),
        (keyed(["unique"]), [data_test("model.t")], "unique (a) not enforced"),
        (keyed(), [data_test("model.t", ["b", "a"])], "unique (b, a) not enforced"),
        (keyed(["not_null"], ["not_null", {"accepted_values": [1]}]),
         [data_test("model.t", ["a", "b"])], "primary key (a, b) not enforced"),
        # not every row, or not for certain
        (keyed(["unique"]), [data_test("model.t", where="a > 1")], None),
        (keyed(["unique"]), [data_test("model.t", severity="warn")], None),
        (keyed(["unique"]), [data_test("model.t", name="another")], None),
        (keyed(["unique"]), [data_test("model.other")], None),
        (keyed(["unique"]), [], None),
    ],
)  # fmt: skip
def test_rules_of_uniqueness_become_keys(table, tests, line):
    sql = table_of(table, *tests)
    if line is None:
        assert "not enforced" not in sql
    else:
        assert f",\n    {line}\n)" in sql
        assert sql.count("not enforced") == 1


def test_a_table_has_one_primary_key():
    both = ["unique", "not_null"]
    sql = table_of(keyed(both, both), data_test("model.t"))
    assert (sql.count("primary key"), sql.count("unique (")) == (1, 1)


TWO = (model("scores", column("a", "integer")),
       model("history", column("a", "integer"), materialized="incremental"))  # fmt: skip


def run_on(fake: FakeAccount, sql: str) -> None:
    """Run the statements that the fake account knows: all but those that make or give a table."""
    rows = rows_of(fake.connect("accountadmin"))
    for statement in statements(sql):
        if statement.startswith("create table"):
            fake.add("table", statement.split()[5])
        elif not statement.startswith("grant ownership"):
            rows(statement)


def account() -> FakeAccount:
    fake = FakeAccount()
    for kind, name in (
        ("database", "shop"), ("schema", "shop.attrition"), ("schema", "shop.raw"),
        ("role", "attrition"), ("role", "analysts"), ("warehouse", "attrition"),
        ("warehouse", "attrition_training"),
    ):  # fmt: skip
        fake.add(kind, name)
    return fake


def test_a_reader_may_read_the_public_tables_and_nothing_else():
    fake = account()
    run_on(fake, ddl.ddl_sql(ddl.public_tables(manifest(*TWO)), NAMES, "analysts"))
    assert {one[:3] for one in fake.grants if one[3] == "ANALYSTS"} == {
        ("usage", "database", "SHOP"),
        ("usage", "schema", "SHOP.ATTRITION"),
        ("select", "table", "SHOP.ATTRITION.SCORES"),
        ("select", "table", "SHOP.ATTRITION.HISTORY"),
    }


def test_without_a_reader_nobody_reads():
    sql = ddl.ddl_sql(ddl.public_tables(manifest(*TWO)), NAMES)
    assert "grant select" not in sql


def test_who_builds_gets_what_the_doctor_looks_for_and_owns_the_tables(monkeypatch):
    from attrition.snowflake.privileges import granted_to, missing, privileges

    fake = account()
    tables = ddl.public_tables(manifest(*TWO))
    sql = ddl.ddl_sql(tables, NAMES, "analysts", reads_raw_tables=True)
    run_on(fake, sql)
    granted = granted_to("attrition", rows_of(fake.connect("attrition")))
    wanted = [one for one in privileges(NAMES) if not one.kind.endswith("in schema")]
    assert missing(granted, wanted) == ()
    last = [line for line in sql.splitlines() if line][-2:]
    # what a reader was granted must outlive the change of owner
    assert last == [
        f"grant ownership on table shop.attrition.{name} to role attrition copy current grants;"
        for name in ("history", "scores")
    ]


def test_raw_tables_are_granted_only_where_they_are_read():
    tables = ddl.public_tables(manifest(*TWO))
    assert "shop.raw" not in ddl.ddl_sql(tables, NAMES)
    assert "shop.raw" in ddl.ddl_sql(tables, NAMES, reads_raw_tables=True)


@pytest.mark.parametrize(("copies", "is_said"), [(True, False), (False, True)])
def test_it_says_where_a_build_drops_what_was_granted(copies, is_said):
    nodes = (model("scores", column("a", "integer"), copy_grants=copies), TWO[1])
    sql = ddl.ddl_sql(ddl.public_tables(manifest(*nodes)), NAMES, "analysts")
    assert ("`copy_grants: true`: scores." in sql) is is_said


def test_a_manifest_of_another_warehouse_is_refused():
    with pytest.raises(AttritionError, match="was made for duckdb, not snowflake"):
        ddl.public_tables(manifest(adapter="duckdb"))


@pytest.fixture
def no_login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if "SNOWFLAKE" in name or name == "DBT_PROFILES_DIR":
            monkeypatch.delenv(name)
    # a profiles.yml of this working copy may be of an older example
    example = (PROJECT / "profiles.yml.example").read_text(encoding="utf-8")
    (tmp_path / "profiles.yml").write_text(example, encoding="utf-8")
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))


def run(*arguments: str):
    return CliRunner().invoke(app, ["ddl", *arguments, "--project-dir", str(PROJECT)])


def test_all_of_the_project_is_snowflakes_sql(no_login):
    result = run("--reader-role", "analysts")
    assert result.exit_code == 0, result.output
    texts = statements(result.stdout)
    assert [text for text in texts if not parses(text)] == []
    assert "default_python_artifact_repository = snowflake.snowpark.pypi" in result.stdout
    assert "grant create procedure on schema attrition.attrition to role" in result.stdout
    created = [sqlglot.parse_one(text, dialect="snowflake") for text in texts
               if text.startswith("create table")]  # fmt: skip
    names = {tree.find(exp.Table).name for tree in created}
    assert {"attrition_scores", "attrition_score_history", "attrition_promotions"} <= names
    assert "modeling_dataset" not in names
    assert {tree.find(exp.Table).catalog for tree in created} == {"attrition"}
    # every table says what its rows are
    assert sum("not enforced" in text for text in texts) >= len(created) - 2
    scores = next(text for text in texts if "attrition.attrition_scores (" in text)
    assert "primary key (customer_id) not enforced" in scores
    assert "attrition_probability double comment 'Calibrated" in scores


def test_a_manifest_that_is_not_there_is_one_clear_message(no_login, tmp_path):
    result = run("--manifest", str(tmp_path / "manifest.json"))
    assert result.exit_code == 2
    assert "is no manifest of dbt" in result.stderr


def test_a_manifest_can_be_given(no_login, tmp_path):
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(manifest(*TWO)), encoding="utf-8")
    result = run("--manifest", str(path))
    assert result.exit_code == 0
    assert result.stdout.count("create table if not exists") == 2


def test_a_reader_that_is_no_identifier_is_refused(no_login):
    result = run("--reader-role", "a; drop table b")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: --reader-role is 'a; drop table b'")
