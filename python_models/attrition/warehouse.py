"""Reading relations and handing back results: the one place that knows which warehouse runs us.

Everything else in the library sees Arrow tables with lower-case column names. A relation is what
`dbt.ref` returns: on DuckDB a `DuckDBPyRelation`, which runs its query again on each call; on
Snowflake a Snowpark `DataFrame`, whose columns are in upper case.

Rows are chosen by a `Where`: alternatives, each a conjunction of (column, operator, value), as in
the filters of pyarrow's Parquet reader. The operators are `==`, `<`, `<=`, `in`, and `is not` with
None.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd

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
DUCKDB_TYPES = {
    "text": "varchar",
    "date": "date",
    "integer": "integer",
    "float32": "float",
    "boolean": "boolean",
    "flag": "float",
}


def is_snowflake(relation_or_session: Any) -> bool:
    """Say whether a relation or a session is one of Snowpark's."""
    return type(relation_or_session).__module__.startswith("snowflake.")


def column_names(relation: Any) -> list[str]:
    """Return the columns of a relation in lower case, in their order."""
    return [name.strip('"').lower() for name in relation.columns]


def place_of(relation: Any) -> tuple[str, str]:
    """Return database and schema of a table or view that Snowpark reads."""
    parts = [part.strip('"') for part in relation.table_name.split(".")]
    return parts[-3], parts[-2]


def project(relation: Any, columns: Mapping[str, str], where: Where = EVERY_ROW) -> Any:
    """Return some columns and rows of a Snowpark DataFrame, cast, still to be evaluated.

    Args:
        relation: What to read.
        columns: Name to type, one of `ARROW_TYPES`, in output order.
        where: Which rows.
    """
    return _Snowflake(relation).project(columns, where)


def select(
    relation: Any,
    columns: Mapping[str, str],
    where: Where = EVERY_ROW,
    order_by: Sequence[str] = (),
) -> pa.Table:
    """Read some columns of a relation, cast, filtered and ordered by the warehouse.

    Args:
        relation: What to read.
        columns: Name to type, one of `DUCKDB_TYPES`, in output order.
        where: Which rows.
        order_by: Columns that make the order of rows, hence the bytes of a model, repeatable.

    Returns:
        A table with exactly these columns.
    """
    schema = pa.schema([(name, ARROW_TYPES[kind]) for name, kind in columns.items()])
    tables = [schema.empty_table(), *batches(relation, columns, where, order_by)]
    return pa.concat_tables([table.cast(schema) for table in tables])


def batches(
    relation: Any,
    columns: Mapping[str, str],
    where: Where = EVERY_ROW,
    order_by: Sequence[str] = (),
    row_count: int = 100_000,
) -> Iterator[pa.Table]:
    """Read as `select` does, in tables of about `row_count` rows, so that memory is bounded.

    On DuckDB no other query may run on the same connection before the last batch was taken.
    """
    waiting: list[pa.Table] = []
    for table in _backend(relation).tables(columns, where, order_by, row_count):
        waiting.append(table)
        if sum(one.num_rows for one in waiting) >= row_count:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def rows(relation: Any, where: Where = EVERY_ROW) -> list[dict[str, Any]]:
    """Read a small relation as one mapping per row, keys in lower case."""
    return _backend(relation).rows(where)


def count(relation: Any, where: Where = EVERY_ROW) -> int:
    """Count the rows of a relation for which a condition holds."""
    return _backend(relation).count(where)


def newest(relation: Any, column: str) -> Any:
    """Return the largest value of a column, or None when there is no row."""
    return _backend(relation).newest(column)


def rows_by_hash(relation: Any, where: Where, digits: int = 4) -> tuple[list[str], list[int]]:
    """Count rows by the first hex digits of `customer_hash`.

    Returns:
        The prefixes in ascending order, and the number of rows of each.
    """
    counted = _backend(relation).rows_by_hash(where, digits)
    return [prefix for prefix, _ in counted], [int(number) for _, number in counted]


def kinds_of(schema: pa.Schema) -> dict[str, str]:
    """Return the columns of an Arrow schema with their types as `project` takes them."""
    names = {arrow: kind for kind, arrow in ARROW_TYPES.items() if kind != "flag"}
    return {field.name: names[field.type] for field in schema}


def from_arrow(table: pa.Table, session: Any) -> Any:
    """Turn a result into what the warehouse's Python models return.

    DuckDB takes Arrow as it is. Snowflake gets a DataFrame over a temporary table, with upper-case
    names and the declared types, also where a column is empty.
    """
    return _to_snowpark(table, session) if is_snowflake(session) else table


@dataclass(frozen=True)
class _DuckDB:
    """Reads a `DuckDBPyRelation`."""

    relation: Any

    def tables(
        self, columns: Mapping[str, str], where: Where, order_by: Sequence[str], row_count: int
    ) -> Iterator[pa.Table]:
        casts = ", ".join(
            f"cast({_quoted(name)} as {DUCKDB_TYPES[kind]}) as {_quoted(name)}"
            for name, kind in columns.items()
        )
        projected = self._filtered(where).project(casts)
        if order_by:
            projected = projected.order(", ".join(map(_quoted, order_by)))
        # The stream must be drained before the next query on this connection: see `batches`.
        for batch in projected.arrow(row_count):
            yield pa.Table.from_batches([batch])

    def rows(self, where: Where) -> list[dict[str, Any]]:
        return _drained(self._filtered(where)).to_pylist()

    def count(self, where: Where) -> int:
        counted = self._filtered(where).aggregate("count(*) as row_count")
        return int(_drained(counted)["row_count"][0].as_py())

    def newest(self, column: str) -> Any:
        largest = self.relation.aggregate(f"max({_quoted(column)}) as newest")
        return _drained(largest)["newest"][0].as_py()

    def rows_by_hash(self, where: Where, digits: int) -> list[tuple[str, int]]:
        prefix = f"substring(customer_hash, 1, {digits})"
        counted = self._filtered(where).aggregate(
            f"{prefix} as prefix, count(*) as row_count", prefix
        )
        table = _drained(counted.order("prefix"))
        return list(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))

    def _filtered(self, where: Where) -> Any:
        return self.relation if where == EVERY_ROW else self.relation.filter(_sql(where))


@dataclass(frozen=True)
class _Snowflake:
    """Reads a Snowpark `DataFrame`; nothing is pulled before it is filtered and cast."""

    relation: Any

    def tables(
        self, columns: Mapping[str, str], where: Where, order_by: Sequence[str], _row_count: int
    ) -> Iterator[pa.Table]:
        from snowflake.snowpark.functions import col

        chosen = self.project(columns, where)
        if order_by:
            chosen = chosen.sort(*(col(_upper(name)) for name in order_by))
        for frame in chosen.to_pandas_batches():
            yield _arrow_of(frame, columns)

    def project(self, columns: Mapping[str, str], where: Where) -> Any:
        from snowflake.snowpark.functions import col

        known = _snowpark_types()
        return self._filtered(where).select(
            *(
                col(_upper(name)).cast(known[kind]).alias(_upper(name))
                for name, kind in columns.items()
            )
        )

    def rows(self, where: Where) -> list[dict[str, Any]]:
        names = column_names(self.relation)
        return [
            dict(zip(names, map(_plain, row), strict=True))
            for row in self._filtered(where).collect()
        ]

    def count(self, where: Where) -> int:
        return int(self._filtered(where).count())

    def newest(self, column: str) -> Any:
        from snowflake.snowpark.functions import col
        from snowflake.snowpark.functions import max as largest

        return self.relation.agg(largest(col(_upper(column))).alias("NEWEST")).collect()[0][0]

    def rows_by_hash(self, where: Where, digits: int) -> list[tuple[str, int]]:
        from snowflake.snowpark.functions import col, lit, substring
        from snowflake.snowpark.functions import count as counted

        prefix = substring(col("CUSTOMER_HASH"), lit(1), lit(digits)).alias("PREFIX")
        prefixes = self._filtered(where).select(prefix)
        grouped = prefixes.group_by(col("PREFIX")).agg(counted(lit(1)).alias("ROW_COUNT"))
        return sorted((row[0], row[1]) for row in grouped.collect())

    def _filtered(self, where: Where) -> Any:
        return self.relation if where == EVERY_ROW else self.relation.filter(_column(where))


def _backend(relation: Any) -> _DuckDB | _Snowflake:
    return _Snowflake(relation) if is_snowflake(relation) else _DuckDB(relation)


def _drained(relation: Any) -> pa.Table:
    """Read a DuckDB relation to its end: a second query is refused while a stream is open."""
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


def _upper(name: str) -> str:
    """Quote an identifier in the case in which Snowflake keeps names that SQL does not quote."""
    return _quoted(name.upper())


def _column(where: Where) -> Any:
    """Return a `Where` as a Snowpark column."""
    from functools import reduce

    from snowflake.snowpark.functions import lit

    alternatives = [
        reduce(lambda left, right: left & right, map(_compared, conjunction), lit(True))
        for conjunction in where
    ]
    return reduce(lambda left, right: left | right, alternatives)


def _compared(condition: Condition) -> Any:
    from snowflake.snowpark.functions import col, lit

    name, operator, value = condition
    column = col(_upper(name))
    if operator == "is not":
        return column.is_not_null()
    if operator == "in":
        return column.in_(list(value))
    if operator == "==":
        return column == lit(value)
    return column < lit(value) if operator == "<" else column <= lit(value)


def _snowpark_types() -> dict[str, Any]:
    from snowflake.snowpark import types

    return {
        "text": types.StringType(),
        "date": types.DateType(),
        "timestamp": types.TimestampType(types.TimestampTimeZone.NTZ),
        "integer": types.LongType(),
        "bigint": types.LongType(),
        # Snowflake has no float32; the cast happens where Arrow takes over.
        "float32": types.DoubleType(),
        "double": types.DoubleType(),
        "boolean": types.BooleanType(),
        "flag": types.BooleanType(),
        "binary": types.BinaryType(),
    }


def _arrow_of(frame: pd.DataFrame, columns: Mapping[str, str]) -> pa.Table:
    """Return a pandas frame of Snowflake's as Arrow: missing numbers are null, types as asked."""
    arrays = [_arrow_array(frame[name.upper()], kind) for name, kind in columns.items()]
    return pa.Table.from_arrays(arrays, names=list(columns))


def _arrow_array(values: pd.Series, kind: str) -> pa.Array:
    wanted = ARROW_TYPES[kind]
    if values.isna().all():
        # pandas has no type for it, whatever the warehouse had
        return pa.nulls(len(values), wanted)
    if kind in ("float32", "flag"):
        return pa.array(values, from_pandas=True).cast(wanted, safe=False)
    return pa.array(values, type=wanted, from_pandas=True)


def _plain(value: Any) -> Any:
    """Return a value of a Snowpark row as Arrow would give it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return bytes(value) if isinstance(value, bytearray) else value


def _to_snowpark(table: pa.Table, session: Any) -> Any:
    from snowflake.snowpark import types
    from snowflake.snowpark.functions import col, lit

    known = _snowpark_types()
    kinds = {_upper(name): known[kind] for name, kind in kinds_of(table.schema).items()}
    if not table.num_rows:
        fields = [types.StructField(name, kind) for name, kind in kinds.items()]
        return session.create_dataframe([], schema=types.StructType(fields))
    # A column in which everything is missing has no type on its way through pandas.
    filled = [name for name in table.column_names if table[name].null_count < table.num_rows]
    uploaded = table.select(filled).rename_columns([name.upper() for name in filled])
    frame = session.create_dataframe(uploaded.to_pandas(), use_logical_type=True)
    present = {_upper(name) for name in filled}
    return frame.select(
        *(
            (col(name) if name in present else lit(None)).cast(kind).alias(name)
            for name, kind in kinds.items()
        )
    )
