"""Reading what `dbt.ref` returns on Snowflake, a Snowpark `DataFrame`, and handing rows back."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from attrition.errors import AttritionError
from attrition.relation import ARROW_TYPES, EVERY_ROW, Condition, Relation, Where

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

LOG_TABLE = "ATTRITION_PYTHON_LOG"
"""What Python models have logged; `tell_python` has dbt print it at the end of a run."""
LARGEST_BINARY = 8 * 1024 * 1024
"""Bytes in a column of type binary that is declared without a length, as ours are."""


@dataclass(frozen=True)
class SnowparkRelation(Relation):
    """A Snowpark `DataFrame`, columns in upper case; all is filtered and cast before it is read."""

    frame: Any

    @property
    def column_names(self) -> list[str]:
        """The columns in lower case, in their order."""
        return [name.strip('"').lower() for name in self.frame.columns]

    @property
    def place(self) -> tuple[str, str]:
        """Database and schema of a table or view."""
        parts = [part.strip('"') for part in self.frame.table_name.split(".")]
        return parts[-3], parts[-2]

    def project(self, columns: Mapping[str, str], where: Where = EVERY_ROW) -> Any:
        """Return some columns and rows as a DataFrame, cast, still to be evaluated.

        Args:
            columns: Name to type, one of `ARROW_TYPES`, in output order.
            where: Which rows.
        """
        from snowflake.snowpark.functions import col

        known = _snowpark_types()
        return self._filtered(where).select(
            *(
                col(_upper(name)).cast(known[kind]).alias(_upper(name))
                for name, kind in columns.items()
            )
        )

    def tables(
        self, columns: Mapping[str, str], where: Where, order_by: Sequence[str], row_count: int
    ) -> Iterator[pa.Table]:
        """Yield the batches that Snowpark makes; it knows no `row_count`."""
        from snowflake.snowpark.functions import col

        chosen = self.project(columns, where)
        if order_by:
            chosen = chosen.sort(*(col(_upper(name)) for name in order_by))
        for frame in chosen.to_pandas_batches():
            yield _arrow_of(frame, columns)

    def rows(self, where: Where = EVERY_ROW) -> list[dict[str, Any]]:
        """Read all of it as one mapping per row."""
        names = self.column_names
        return [
            dict(zip(names, map(_plain, row), strict=True))
            for row in self._filtered(where).collect()
        ]

    def count(self, where: Where = EVERY_ROW) -> int:
        """Count rows."""
        return int(self._filtered(where).count())

    def newest(self, column: str) -> Any:
        """Return the largest value of a column."""
        from snowflake.snowpark.functions import col
        from snowflake.snowpark.functions import max as largest

        return self.frame.agg(largest(col(_upper(column))).alias("NEWEST")).collect()[0][0]

    def rows_by_hash(self, where: Where, digits: int = 4) -> tuple[list[str], list[int]]:
        """Count rows by the first hex digits of `customer_hash`."""
        from snowflake.snowpark.functions import col, lit, substring
        from snowflake.snowpark.functions import count as counted

        prefix = substring(col("CUSTOMER_HASH"), lit(1), lit(digits)).alias("PREFIX")
        prefixes = self._filtered(where).select(prefix)
        grouped = prefixes.group_by(col("PREFIX")).agg(counted(lit(1)).alias("ROW_COUNT"))
        found = sorted((row[0], int(row[1])) for row in grouped.collect())
        return [prefix for prefix, _ in found], [number for _, number in found]

    def _filtered(self, where: Where) -> Any:
        return self.frame if where == EVERY_ROW else self.frame.filter(_column(where))


def kinds_of(schema: pa.Schema) -> dict[str, str]:
    """Return the columns of an Arrow schema with their types as `project` takes them."""
    names = {arrow: kind for kind, arrow in ARROW_TYPES.items() if kind != "flag"}
    return {field.name: names[field.type] for field in schema}


def dataframe_of(table: pa.Table, session: Any) -> Any:
    """Return a table as what a Python model gives dbt: a DataFrame over a temporary table.

    It has upper-case names and the declared types, also where a column is empty.

    Raises:
        AttritionError: A binary value is larger than Snowflake would store.
    """
    _refuse_large_binaries(table)
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


def _refuse_large_binaries(table: pa.Table) -> None:
    for field, column in zip(table.schema, table.columns, strict=True):
        if not pa.types.is_binary(field.type):
            continue
        largest = max((len(value) for value in column.to_pylist() if value), default=0)
        if largest > LARGEST_BINARY:
            raise AttritionError(
                f"{field.name} has {largest / 2**20:.1f} MB, and Snowflake keeps at most "
                f"{LARGEST_BINARY // 2**20} MB in a column of type binary: lower num_round or "
                "max_depth in the setting hyperparameters."
            )


class _Ears(logging.Handler):
    """What is logged, as rows of the table."""

    def __init__(self, model: str) -> None:
        super().__init__(logging.INFO)
        self.model, self.rows = model, list[tuple[dt.datetime, str, str, str]]()

    def emit(self, record: logging.LogRecord) -> None:
        said_at = dt.datetime.fromtimestamp(record.created, dt.UTC).replace(tzinfo=None)
        self.rows.append((said_at, self.model, record.levelname, record.getMessage()))


@contextlib.contextmanager
def heard(model: str, place: tuple[str, str], session: Any) -> Iterator[None]:
    """Keep what the library logs meanwhile in a table: dbt prints no more than OK.

    Args:
        model: Name of the Python model.
        place: Database and schema of the table, which is made where it is not there.
        session: The Snowpark session.
    """
    ours = logging.getLogger("attrition")
    ears, level = _Ears(model), ours.level
    ours.addHandler(ears)
    ours.setLevel(logging.INFO)
    try:
        yield
    finally:
        ours.removeHandler(ears)
        ours.setLevel(level)
        if ears.rows:
            _keep(ears.rows, place, session)


def _keep(rows: list[tuple[Any, ...]], place: tuple[str, str], session: Any) -> None:
    from snowflake.snowpark import types
    from snowflake.snowpark.exceptions import SnowparkClientException

    fields = [types.StructField("SAID_AT", types.TimestampType(types.TimestampTimeZone.NTZ))]
    fields += [types.StructField(name, types.StringType()) for name in ("MODEL", "LEVEL", "SAID")]
    try:
        frame = session.create_dataframe(rows, schema=types.StructType(fields))
        frame.write.mode("append").save_as_table([*place, LOG_TABLE])
    except SnowparkClientException as error:
        # what a model has said is not worth a failed build
        logger.warning("the log of %s was not kept in %s: %s", rows[0][1], LOG_TABLE, error)


def _upper(name: str) -> str:
    """Quote an identifier in the case in which Snowflake keeps names that SQL does not quote."""
    return '"' + name.upper().replace('"', '""') + '"'


def _column(where: Where) -> Any:
    """Return a `Where` as a Snowpark column."""
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
