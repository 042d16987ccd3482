"""The champion's rows of an account in a DuckDB in memory, where `score_customers` reads them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
from attrition import schemas
from attrition.report.source import Row
from attrition.scoring.score_customers import TABLES, score_customers_sql

from app.what_if import Value, WhatIf, what_if

_TYPES = {"category": pa.string(), "boolean": pa.bool_()}


class ChampionCopy:
    """Scores customers that are handed over; nothing is asked of the account any more.

    Args:
        ask: Runs a query in the account.
    """

    def __init__(self, ask: Callable[[str], list[Row]]) -> None:
        self._connection = duckdb.connect()
        self._data_types: dict[str, str] = {}
        for name in TABLES:
            rows = ask(f"select * from {name}")
            fields = [field for field in schemas.CHAMPION if not rows or field.name in rows[0]]
            self._put(name, pa.Table.from_pylist(rows, pa.schema(fields)))
            self._data_types |= {
                row["feature"].lower(): row["data_type"] for row in rows if "feature" in row
            }
        self._connection.execute(score_customers_sql("main"))

    def what_if(
        self, rows: Sequence[Row], customer_id: str, changes: Mapping[str, Value]
    ) -> WhatIf:
        """Return what the champion says.

        Args:
            rows: Of `attrition_scored_features`: that of the customer, or none.
            customer_id: As of `app.what_if.what_if`.
            changes: As of `app.what_if.what_if`.
        """
        self._put("attrition_scored_features", self._typed(rows))
        return what_if(self._connection, customer_id, changes)

    def _typed(self, rows: Sequence[Row]) -> pa.Table:
        """Return rows as Arrow: an unknown value has the type of its feature all the same."""
        columns = rows[0] if rows else {"customer_id": "", "attrition_probability": 0.0}
        return pa.table({
            name: pa.array([self._value(name, row[name]) for row in rows], self._type(name))
            for name in columns
        })  # fmt: skip

    def _type(self, name: str) -> pa.DataType | None:
        data_type = self._data_types.get(name)
        return None if data_type is None else _TYPES.get(data_type, pa.float64())

    def _value(self, name: str, value: Any) -> Any:
        if self._data_types.get(name) != "category" or value is None:
            return value
        return str(value).lower() if isinstance(value, bool) else str(value)

    def _put(self, name: str, rows: pa.Table) -> None:
        self._connection.register("given", rows)
        self._connection.execute(f"create or replace table {name} as select * from given")
        self._connection.unregister("given")
