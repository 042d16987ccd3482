"""One data test for all rules of a table: what it finds, and what it says when it fails."""

from types import SimpleNamespace

import duckdb
import pytest
from macro_harness import ROOT, CompilerError, Macros

FILE = ROOT / "tests" / "generic" / "rules_hold.sql"


def broken(rules: dict, rows: str, key=None) -> set[tuple]:
    columns = {name: {"name": name, "meta": {"rules": said}} for name, said in rules.items()}
    columns["another"] = {"name": "another", "meta": {}}
    nodes = {"model.attrition.t": SimpleNamespace(name="t", columns=columns)}
    names = {
        "graph": SimpleNamespace(nodes=nodes),
        "model": SimpleNamespace(attached_node="model.attrition.t"),
    }
    sql = Macros(names=names).call(FILE, "test_rules_hold", "t", key)
    with duckdb.connect() as connection:
        connection.execute(f"create table t as {rows}")
        return set(connection.sql(sql).fetchall())


def test_each_broken_rule_is_a_row_with_its_column_and_how_many_rows_break_it():
    rules = {
        "a": ["not_null", "unique"],
        "b": [{"accepted_values": ["x", "it's"]}, "not_null"],
        "n": [{"accepted_values": [0, 1]}],
    }
    rows = (
        "select * from (values (1, 'x', 0), (1, 'y', 2), (null, 'it''s', 1), (null, null, null),"
        " (2, 'z', 3), (2, 'x', 1)) as v(a, b, n)"
    )
    assert broken(rules, rows, key=["a", "b"]) == {
        ("not_null", "a", 2),
        ("unique", "a", 2),
        ("accepted_values", "b", 2),
        ("not_null", "b", 1),
        ("accepted_values", "n", 2),
    }
    assert broken({}, f"{rows} union all {rows}", key=["a", "b"]) == {("unique", "a, b", 6)}


def test_rules_that_hold_leave_no_row():
    rules = {"a": ["not_null", "unique"], "b": [{"accepted_values": ["x"]}]}
    rows = "select * from (values (1, 'x'), (2, null)) as v(a, b)"
    assert broken(rules, rows, key=["b"]) == set()
    assert broken(rules, "select 1 as a, 'x' as b limit 0") == set()


def test_a_rule_that_there_is_not_is_an_error():
    with pytest.raises(CompilerError, match=r"t\.a: not_nul is no rule of a column; allowed: not_"):
        broken({"a": ["not_nul"]}, "select 1 as a")


def test_a_table_without_rules_is_an_error():
    with pytest.raises(CompilerError, match="rules_hold: t has neither rules nor a key"):
        broken({}, "select 1 as a")
