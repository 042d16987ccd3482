"""The command line reads raw values as the staging models of the build do: by their macros."""

import re
import unicodedata

import duckdb
import pytest
from attrition.errors import AttritionError
from attrition.own_data.contract_sql import ContractSql
from attrition.project.quoting import identifier, literal
from macro_harness import ROOT, Macros

SQL = ContractSql(ROOT)
VALUES = [
    "2024-01-31", " 2024-01-31 ", "2024-01-31 10:20:30", "2024-01-31T10:20:30Z", "2024/01/31",
    "20240131", "240131", "2024013", "31.01.2024", "soon", "", " ", None, "1", "0", "1.0", "yes",
    "No", "T", "maybe", "12.345", "-3", "1,5", "1e3", "99999999999999999", "2024-01-31\u00a0",
    "\u30007\u202f", "\u00a0yes ", "epoch", "infinity", "2024 01 31", "24-01-31",
]  # fmt: skip

# all that Unicode calls a space, which is what DuckDB cuts
SPACES = [chr(point) for point in range(0x10000) if unicodedata.category(chr(point)) == "Zs"]


@pytest.mark.parametrize("contract_type", ["date", "number", "boolean"])
@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_read_as_in_the_build(contract_type, value):
    macro = getattr(Macros(), f"read_{contract_type}")
    with duckdb.connect() as connection:
        connection.execute("create table t as select cast(? as varchar) as x", [value])
        here, in_build = connection.execute(
            f"select {SQL.read('x', contract_type)}, {macro('x')} from t"
        ).fetchall()[0]
    assert here == in_build


@pytest.mark.parametrize("blank", SPACES)
def test_spaces_of_every_kind_around_a_value_are_cut(blank):
    macros = Macros()
    with duckdb.connect() as connection:
        connection.execute("create table t as select ? as d, ? as n, ? as b, ? as x", [
            f"{blank}{value}{blank}{blank}" for value in ("2024-01-31", "2.5", "no", "a b")
        ])  # fmt: skip
        day, number, boolean, text = connection.execute(
            f"select {macros.read_date('d')}, {macros.read_number('n')}, "
            f"{macros.read_boolean('b')}, {macros.trimmed_text('x')} from t"
        ).fetchall()[0]
    assert (str(day), float(number), boolean, text) == ("2024-01-31", 2.5, False, "a b")


def test_snowflake_is_told_the_spaces_that_duckdb_cuts():
    sql = Macros(warehouse="snowflake").trimmed_text("x")
    named = [chr(int(point)) for point in re.findall(r"chr\((\d+)\)", sql)]
    assert named == SPACES


@pytest.mark.parametrize("text", ["epoch", "infinity", "2024 01 31", "24-01-31", "31.01.2024"])
def test_what_is_no_iso_date_is_no_date(text):
    with duckdb.connect() as connection:
        connection.execute("create table t as select ? as d", [text])
        assert connection.execute(f"select {Macros().read_date('d')} from t").fetchall() == [
            (None,)
        ]


def test_dates_and_numbers_with_a_type_are_read_too():
    sql = (
        f"select {SQL.read('d', 'date')}, {SQL.read('t', 'date')}, {SQL.read('n', 'number')} from t"
    )
    with duckdb.connect() as connection:
        connection.execute(
            "create table t as select date '2024-01-31' as d, "
            "timestamp '2024-01-31 10:00:00' as t, 2.5::double as n"
        )
        day, moment, number = connection.execute(sql).fetchall()[0]
    assert str(day) == str(moment) == "2024-01-31"
    assert float(number) == 2.5


def test_names_and_texts_with_quotes_are_quoted():
    name, text = 'say "it"', "it's"
    rows = f"select {literal(text + ' ')} as {identifier(name)}"
    sql = f"select {SQL.text(name)} = {literal(text)} from ({rows})"
    assert duckdb.sql(sql).fetchall() == [(True,)]


def test_a_folder_without_the_macros_is_named(tmp_path):
    with pytest.raises(AttritionError, match=r"trimmed_text\.sql is missing. Run this in the"):
        ContractSql(tmp_path)


def test_the_macros_of_an_installed_package_are_read(tmp_path):
    installed = tmp_path / "dbt_packages" / "attrition"
    installed.parent.mkdir()
    installed.symlink_to(ROOT)
    assert ContractSql(tmp_path).read("x", "date") == SQL.read("x", "date")
