"""Run SQL on the published copy, for machines without DuckDB's own shell."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from attrition.command_line.summary import connect_published
from attrition.errors import AttritionError

_ROWS_AT_ONCE, _ROWS_OF_A_BATCH = 2_000, 100_000


@dataclass(frozen=True)
class Answer:
    """What a query found, read once and piece by piece.

    Attributes:
        columns: Names, which may repeat.
        rows: The rows as Python values.
    """

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


@contextmanager
def answered(published: Path, sql: str) -> Iterator[Answer]:
    """Run one query and give what it finds.

    Raises:
        AttritionError: When the file is missing or DuckDB refuses the query, at its start or
            while its rows are read.
    """
    with _clear_refusals(published) as connection:
        # DuckDB answers a text without a statement with nothing at all
        cursor: duckdb.DuckDBPyConnection | None = connection.execute(sql)
        if cursor is None or cursor.description is None:
            raise AttritionError(f"There is no query in the text {sql!r}.")
        yield Answer(tuple(column[0] for column in cursor.description), _rows(cursor))


@contextmanager
def answered_in_arrow(published: Path, sql: str) -> Iterator[pa.RecordBatchReader]:
    """Run one query and give what it finds with the types of its columns; raises as `answered`."""
    with _clear_refusals(published) as connection:
        relation: duckdb.DuckDBPyRelation | None = connection.sql(sql)
        if relation is None:
            raise AttritionError(f"There is no query in the text {sql!r}.")
        yield relation.to_arrow_reader(_ROWS_OF_A_BATCH)


@contextmanager
def _clear_refusals(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect_published(published) as connection:
        try:
            yield connection
        except duckdb.Error as error:
            raise AttritionError(f"The query failed: {error}") from error


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while found := cursor.fetchmany(_ROWS_AT_ONCE):
        yield from found
