"""What training and scoring read: a relation of a warehouse, whichever warehouse it is.

A relation gives Arrow tables with lower-case column names. Rows are chosen by a `Where`:
alternatives, each a conjunction of (column, operator, value), as in the filters of pyarrow's
Parquet reader. The operators are `==`, `<`, `<=`, `in`, and `is not` with None.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

Condition = tuple[str, str, Any]
Where = Sequence[Sequence[Condition]]

EVERY_ROW: Where = ((),)
ARROW_TYPES = {
    "text": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "float32": pa.float32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    # a boolean that is read as 1 and 0; Snowflake casts none to a float
    "flag": pa.float32(),
    "binary": pa.binary(),
}
"""The types that a column can be read as, by the names that the library has for them."""


class Relation(ABC):
    """A table, view or query of a warehouse; `attrition.warehouse` has one kind for each."""

    @property
    @abstractmethod
    def column_names(self) -> list[str]:
        """The columns in lower case, in their order."""

    @abstractmethod
    def tables(
        self, columns: Mapping[str, str], where: Where, order_by: Sequence[str], row_count: int
    ) -> Iterator[pa.Table]:
        """Yield what `batches` yields, in tables of any size up to about `row_count` rows."""

    @abstractmethod
    def rows(self, where: Where = EVERY_ROW) -> list[dict[str, Any]]:
        """Read a small relation as one mapping per row, keys in lower case."""

    @abstractmethod
    def count(self, where: Where = EVERY_ROW) -> int:
        """Count the rows for which a condition holds."""

    @abstractmethod
    def newest(self, column: str) -> Any:
        """Return the largest value of a column, or None when there is no row."""

    @abstractmethod
    def rows_by_hash(self, where: Where, digits: int = 4) -> tuple[list[str], list[int]]:
        """Count rows by the first hex digits of `customer_hash`.

        Returns:
            The prefixes in ascending order, and the number of rows of each.
        """

    def select(
        self, columns: Mapping[str, str], where: Where = EVERY_ROW, order_by: Sequence[str] = ()
    ) -> pa.Table:
        """Read some columns, cast, filtered and ordered by the warehouse.

        Args:
            columns: Name to type, one of `ARROW_TYPES`, in output order.
            where: Which rows.
            order_by: Columns that make the order of rows, hence the bytes of a model, repeatable.

        Returns:
            A table with exactly these columns.
        """
        schema = pa.schema([(name, ARROW_TYPES[kind]) for name, kind in columns.items()])
        tables = [schema.empty_table(), *self.batches(columns, where, order_by)]
        return pa.concat_tables([table.cast(schema) for table in tables])

    def batches(
        self,
        columns: Mapping[str, str],
        where: Where = EVERY_ROW,
        order_by: Sequence[str] = (),
        row_count: int = 100_000,
    ) -> Iterator[pa.Table]:
        """Read as `select` does, in tables of about `row_count` rows, so that memory is bounded.

        On DuckDB no other query may run on the same connection before the last batch was taken.
        """
        waiting: list[pa.Table] = []
        for table in self.tables(columns, where, order_by, row_count):
            waiting.append(table)
            if sum(one.num_rows for one in waiting) >= row_count:
                yield pa.concat_tables(waiting)
                waiting = []
        if waiting:
            yield pa.concat_tables(waiting)
