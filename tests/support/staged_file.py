"""A file of sales through the project's own staging SQL, rendered and run in this process."""

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
from attrition.own_data.reading import Reading
from attrition.settings.loading import check_settings
from attrition.settings.raw_names import read_raw_tables
from macro_harness import ROOT, Macros


class Meta(dict):
    """Answers nothing for what is not there, as dbt does."""

    def __missing__(self, key: str) -> None:
        return None


CONTRACT = {
    table["name"]: Meta(
        table["config"]["meta"],
        columns={one["name"]: Meta(one["config"]["meta"]) for one in table["columns"]},
    )
    for table in read_raw_tables(ROOT)
}


def project_on(connection: duckdb.DuckDBPyConnection, variables: dict[str, Any]) -> Macros:
    """Return the macros, with of dbt what reads raw records."""

    def run_query(sql: str) -> SimpleNamespace:
        found = connection.sql(sql)
        rows = found.fetchall()
        columns = [
            SimpleNamespace(values=lambda place=place: [row[place] for row in rows])
            for place in range(len(found.columns))
        ]
        return SimpleNamespace(
            rows=[Row(row) for row in rows], columns=columns, column_names=found.columns
        )

    names = {
        "raw_contract": lambda: CONTRACT,
        "run_query": run_query,
        "run_started_at": dt.datetime.now(tz=dt.UTC),
        "source": lambda *names: ".".join(names),
        "flags": SimpleNamespace(WHICH="build"),
        "dbt": SimpleNamespace(
            type_string=lambda: "varchar",
            type_timestamp=lambda: "timestamp",
            string_literal=lambda text: f"'{text}'",
            escape_single_quotes=lambda text: text.replace("'", "''"),
            datediff=lambda first, second, part: f"date_diff('{part}', {first}, {second})",
        ),
    }
    return Macros(variables, names=names)


class Row(tuple):
    """A row as agate has it."""

    __slots__ = ()

    def values(self) -> "Row":
        return self


def built(reading: Reading, folder: Path) -> dict[str, Any]:
    """Return what the project's staging makes of the file."""
    settings = reading.settings(str(folder))
    check_settings(settings)
    with duckdb.connect(config={"threads": 1}) as connection:
        macros = project_on(connection, settings)
        macros.check_raw_tables()
        for name in ("stg_sales__records", "int_records__sales"):
            connection.execute(f"create table {name} as {macros.model(name)}")
        accepted, units, money = connection.sql(
            "select count(*), sum(quantity * if(is_return, -1, 1)),"
            " sum(amount * if(is_return, -1, 1)) from int_records__sales"
        ).fetchall()[0]
        rejected = connection.sql(
            "select count(*) from stg_sales__records where broken_rule is not null"
        ).fetchall()[0][0]
    return {"accepted": accepted, "units": units, "money": money, "rejected": rejected}
