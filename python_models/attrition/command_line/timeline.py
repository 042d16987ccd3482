"""The records of one customer in the order of time, from the build file, which is not published."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

from attrition.command_line.query_view import shown_value
from attrition.errors import AttritionError, first_line

_DATES = {
    "sales": "sold_on",
    "complaint": "opened_on",
    "touchpoint": "occurred_on",
    "startright": "occurred_on",
    "warranty": "starts_on",
    "demographics": "valid_from",
}
"""Source to the date that its records stand at."""
_MOST_SHOWN = 30
_IN_BETWEEN = ("customer_id", "broken_rule", "record_key", "record_json")


def records_of(build: Path, customer_id: str) -> list[dict[str, Any]]:
    """Return the accepted records of a customer, the oldest first.

    Returns:
        `date`, `source` and `record` (the columns that are not null) of each; what has no date
        comes first.

    Raises:
        AttritionError: The build file is missing or in use.
    """
    if not build.is_file():
        raise AttritionError(
            f"--records: there is no build file {build}; `attrition build` makes it."
        )
    try:
        with duckdb.connect(str(build), read_only=True) as connection:
            there = {
                name
                for (name,) in connection.execute(
                    "select table_name from duckdb_columns() where column_name = 'broken_rule'"
                ).fetchall()
            }
            found = [
                one
                for source, day in _DATES.items()
                if f"stg_{source}__records" in there
                for one in _of_source(connection, source, day, customer_id.strip())
            ]
    except duckdb.Error as error:
        raise AttritionError(
            f"--records: {build} cannot be read: {first_line(error)} If a build is running, wait "
            "for it; views on raw files are read from the project's folder."
        ) from error
    return sorted(found, key=lambda one: (one["date"] or date.min, one["source"]))


def _of_source(
    connection: duckdb.DuckDBPyConnection, source: str, day: str, customer_id: str
) -> list[dict[str, Any]]:
    cursor = connection.execute(
        f"from stg_{source}__records where trim(customer_id) = $1 and broken_rule is null "
        "order by all",
        [customer_id],
    )
    names = [column[0] for column in cursor.description]
    return [
        {
            "date": row[names.index(day)],
            "source": source,
            "record": {
                name: value
                for name, value in zip(names, row, strict=True)
                if value is not None and name not in (*_IN_BETWEEN, day)
            },
        }
        for row in cursor.fetchall()
    ]


def show_records(console: Console, records: list[dict[str, Any]]) -> None:
    """Print the newest records as a time line."""
    if not records:
        console.print("No accepted record of them is there.", soft_wrap=True)
        return
    shown = records[-_MOST_SHOWN:]
    left = len(records) - len(shown)
    title = "Their records" + (f", after {left:,} older ones" if left else "")
    table = Table(title=title, title_justify="left")
    for name in ("date", "source", "record"):
        table.add_column(name, overflow="fold")
    for one in shown:
        told = ", ".join(f"{name} {shown_value(value)}" for name, value in one["record"].items())
        table.add_row(str(one["date"] or ""), one["source"], Text(told))
    console.print()
    console.print(table)
