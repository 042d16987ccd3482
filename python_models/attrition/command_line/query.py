"""Run SQL on the published copy, for machines without DuckDB's own shell."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

from attrition.command_line.summary import connect_published
from attrition.errors import AttritionError

_WIDEST_VALUE = 60


@dataclass(frozen=True)
class QueryResult:
    """Columns and rows of a query."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def run_query(published: Path, sql: str) -> QueryResult:
    """Run one query.

    Raises:
        AttritionError: When the file is missing or DuckDB refuses the query.
    """
    with connect_published(published) as connection:
        try:
            # DuckDB answers a text without a statement with nothing at all
            cursor: duckdb.DuckDBPyConnection | None = connection.execute(sql)
            if cursor is None or cursor.description is None:
                raise AttritionError(f"There is no query in the text {sql!r}.")
            columns = tuple(column[0] for column in cursor.description)
            return QueryResult(columns, cursor.fetchall())
        except duckdb.Error as error:
            raise AttritionError(f"The query failed: {error}") from error


def show_result(console: Console, result: QueryResult, limit: int) -> None:
    """Print the first rows as a table, long values cut."""
    table = Table()
    for column in result.columns:
        table.add_column(Text(column))
    for row in result.rows[:limit]:
        table.add_row(*(Text(_short(value)) for value in row))
    console.print(table)
    hidden = len(result.rows) - limit
    more = f", {hidden:,} more with --csv or a larger --limit" if hidden > 0 else ""
    console.print(f"{min(len(result.rows), limit):,} rows{more}")


def _short(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= _WIDEST_VALUE else text[: _WIDEST_VALUE - 3] + "..."


def write_csv(stream: TextIO, result: QueryResult) -> None:
    """Write all rows as CSV with a header."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(result.columns)
    writer.writerows(result.rows)
