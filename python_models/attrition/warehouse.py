"""Reading relations and handing back results: the one place that knows which warehouse runs us.

Everything else in the library sees Arrow tables with lower-case column names. A relation is what
`dbt.ref` returns; on DuckDB that is a `DuckDBPyRelation`, which runs its query again on each call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

DUCKDB_TYPES = {
    "text": "varchar",
    "date": "date",
    "integer": "integer",
    "float32": "float",
    "boolean": "boolean",
}


def column_names(relation: Any) -> list[str]:
    """Return the columns of a relation in lower case, in their order."""
    return [name.lower() for name in relation.columns]


def to_arrow(relation: Any) -> pa.Table:
    """Read a whole relation.

    The stream is drained before this returns, because a second query on a DuckDB connection is
    refused while a stream of the first is open.
    """
    return _lower(pa.Table.from_batches(reader := relation.arrow(), schema=reader.schema))


def select(
    relation: Any,
    columns: Mapping[str, str],
    where: str | None = None,
    order_by: Sequence[str] = (),
) -> pa.Table:
    """Read some columns of a relation, cast, filtered and ordered by the warehouse.

    Args:
        relation: What to read.
        columns: Name to type (`text`, `date`, `integer`, `float32`, `boolean`), in output order.
        where: A SQL condition, or none for all rows.
        order_by: Columns that make the order of rows, hence the bytes of a model, repeatable.

    Returns:
        A table with exactly these columns.
    """
    return to_arrow(_query(relation, columns, where, order_by))


def batches(
    relation: Any,
    columns: Mapping[str, str],
    where: str | None = None,
    order_by: Sequence[str] = (),
    row_count: int = 100_000,
) -> Iterator[pa.Table]:
    """Read as `select` does, in tables of about `row_count` rows, so that memory is bounded.

    No other query may run on the same connection before the last batch was taken.
    """
    waiting: list[pa.RecordBatch] = []
    for batch in _query(relation, columns, where, order_by).arrow(row_count):
        waiting.append(batch)
        if sum(len(one) for one in waiting) >= row_count:
            yield _lower(pa.Table.from_batches(waiting))
            waiting = []
    if waiting:
        yield _lower(pa.Table.from_batches(waiting))


def rows(relation: Any, where: str | None = None) -> list[dict[str, Any]]:
    """Read a small relation as one mapping per row, keys in lower case."""
    return to_arrow(relation.filter(where) if where else relation).to_pylist()


def count(relation: Any, where: str | None = None) -> int:
    """Count the rows of a relation for which a condition holds."""
    filtered = relation.filter(where) if where else relation
    return int(to_arrow(filtered.aggregate("count(*) as row_count"))["row_count"][0].as_py())


def newest(relation: Any, column: str) -> Any:
    """Return the largest value of a column, or None when there is no row."""
    largest = relation.aggregate(f"max({quoted(column)}) as newest")
    return to_arrow(largest)["newest"][0].as_py()


def rows_by_hash(relation: Any, where: str, digits: int = 4) -> tuple[list[str], list[int]]:
    """Count rows by the first hex digits of `customer_hash`.

    Returns:
        The prefixes in ascending order, and the number of rows of each.
    """
    prefix = f"substring(customer_hash, 1, {digits})"
    counted = relation.filter(where).aggregate(f"{prefix} as prefix, count(*) as row_count", prefix)
    table = to_arrow(counted.order("prefix"))
    return table["prefix"].to_pylist(), table["row_count"].to_pylist()


def from_arrow(table: pa.Table, session: Any) -> Any:
    """Turn a result into what the warehouse's Python models return; DuckDB takes Arrow as it is."""
    return table


def literal(text: str) -> str:
    """Quote a text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Quote an identifier; on DuckDB a quoted name is still matched without regard to case."""
    return '"' + name.replace('"', '""') + '"'


def _query(
    relation: Any, columns: Mapping[str, str], where: str | None, order_by: Sequence[str]
) -> Any:
    filtered = relation.filter(where) if where else relation
    projected = filtered.project(
        ", ".join(
            f"cast({quoted(name)} as {DUCKDB_TYPES[kind]}) as {quoted(name)}"
            for name, kind in columns.items()
        )
    )
    return projected.order(", ".join(quoted(name) for name in order_by)) if order_by else projected


def _lower(table: pa.Table) -> pa.Table:
    return table.rename_columns([name.lower() for name in table.column_names])
