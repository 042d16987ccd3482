"""Reading what `dbt.ref` returns on DuckDB, a `DuckDBPyRelation`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from attrition.relation import EVERY_ROW, Relation, Where

TYPES = {
    "text": "varchar",
    "date": "date",
    "integer": "integer",
    "float32": "float",
    "boolean": "boolean",
    "flag": "float",
}


@dataclass(frozen=True)
class DuckDBRelation(Relation):
    """A `DuckDBPyRelation`, which runs its query again on each call."""

    relation: Any

    @property
    def column_names(self) -> list[str]:
        """The columns in lower case, in their order."""
        return [name.lower() for name in self.relation.columns]

    def tables(
        self, columns: Mapping[str, str], where: Where, order_by: Sequence[str], row_count: int
    ) -> Iterator[pa.Table]:
        """Yield the stream's batches; it must be drained before the next query."""
        casts = ", ".join(
            f"cast({_quoted(name)} as {TYPES[kind]}) as {_quoted(name)}"
            for name, kind in columns.items()
        )
        projected = self._filtered(where).project(casts)
        if order_by:
            projected = projected.order(", ".join(map(_quoted, order_by)))
        for batch in projected.arrow(row_count):
            yield pa.Table.from_batches([batch])

    def rows(self, where: Where = EVERY_ROW) -> list[dict[str, Any]]:
        """Read all of it as one mapping per row."""
        return _drained(self._filtered(where)).to_pylist()

    def count(self, where: Where = EVERY_ROW) -> int:
        """Count rows."""
        counted = self._filtered(where).aggregate("count(*) as row_count")
        return int(_drained(counted)["row_count"][0].as_py())

    def newest(self, column: str) -> Any:
        """Return the largest value of a column."""
        largest = self.relation.aggregate(f"max({_quoted(column)}) as newest")
        return _drained(largest)["newest"][0].as_py()

    def rows_by_hash(self, where: Where, digits: int = 4) -> tuple[list[str], list[int]]:
        """Count rows by the first hex digits of `customer_hash`."""
        prefix = f"substring(customer_hash, 1, {digits})"
        counted = self._filtered(where).aggregate(
            f"{prefix} as prefix, count(*) as row_count", prefix
        )
        table = _drained(counted.order("prefix"))
        return table["prefix"].to_pylist(), table["row_count"].to_pylist()

    def _filtered(self, where: Where) -> Any:
        return self.relation if where == EVERY_ROW else self.relation.filter(_sql(where))


def _drained(relation: Any) -> pa.Table:
    """Read a relation to its end: a second query is refused while a stream is open."""
    table = pa.Table.from_batches(reader := relation.arrow(), schema=reader.schema)
    return table.rename_columns([name.lower() for name in table.column_names])


def _sql(where: Where) -> str:
    alternatives = [
        " and ".join(
            f"{_quoted(name)} {'=' if operator == '==' else operator} {_literal(value)}"
            for name, operator, value in conjunction
        )
        for conjunction in where
    ]
    return " or ".join(f"({text or 'true'})" for text in alternatives)


def _literal(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, dt.date):
        return f"date '{value.isoformat()}'"
    if isinstance(value, Sequence):
        return "(" + ", ".join(map(_literal, value)) + ")"
    return str(value)


def _quoted(name: str) -> str:
    """Quote an identifier; on DuckDB a quoted name is still matched without regard to case."""
    return '"' + name.replace('"', '""') + '"'
