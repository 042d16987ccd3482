"""Snowpark's local-testing session, with what it gets wrong put right."""

import contextlib
from unittest import mock

import pandas as pd
import pyarrow as pa
from snowflake.snowpark import Session, types
from snowflake.snowpark._internal.analyzer.snowflake_plan_node import SaveMode
from snowflake.snowpark.mock import _connection
from snowflake.snowpark.mock._snowflake_data_type import (
    ColumnEmulator,
    ColumnType,
    TableEmulator,
)

ARROW_TYPES = {
    types.StringType: pa.string(),
    types.LongType: pa.int64(),
    types.DoubleType: pa.float64(),
    types.BooleanType: pa.bool_(),
    types.DateType: pa.date32(),
    types.TimestampType: pa.timestamp("us"),
    types.BinaryType: pa.binary(),
}


_fix_whole_numbers = _connection._fix_pandas_df_fixed_type
_type_of_column = ColumnEmulator.sf_type


def _aligned(table):
    """Leave whole numbers in their rows: local testing moves those that were filtered or sorted."""
    again = table.reset_index(drop=True)
    again.sf_types = table.sf_types
    return _fix_whole_numbers(again)


def _type_at_once(column):
    """Infer a column's type; local testing looks at value after value, for half of its time."""
    if column._sf_type is not None:
        return column._sf_type
    inferred = _type_of_column.fget(ColumnEmulator(column.values[:1]))
    return inferred._replace(nullable=bool(pd.isna(column.values).any()))


@contextlib.contextmanager
def local_session():
    """Yield a local-testing session."""
    session = Session.builder.config("local_testing", True).create()
    try:
        with (
            mock.patch.object(_connection, "_fix_pandas_df_fixed_type", _aligned),
            mock.patch.object(
                ColumnEmulator, "sf_type", property(_type_at_once, _type_of_column.fset)
            ),
        ):
            yield session
    finally:
        session.close()


def put_table(session, name, table):
    """Give a local-testing session a table; `create_dataframe` takes a minute for a large one."""
    emulated = TableEmulator()
    for field, column in zip(table.schema, table.columns, strict=True):
        kind = _snowpark_type(field.type)
        values = column.cast(ARROW_TYPES[type(kind)], safe=False).to_pylist()
        emulated[f'"{field.name}"'] = ColumnEmulator(
            data=values, sf_type=ColumnType(kind, True), dtype=object
        )
    emulated.sf_types = {name: emulated[name].sf_type for name in emulated.columns}
    session._conn.entity_registry.write_table(name.upper(), emulated, SaveMode.OVERWRITE)


def _snowpark_type(kind):
    """Return the Snowpark type that the account would have for a DuckDB type."""
    if pa.types.is_decimal(kind):
        return types.LongType() if kind.scale == 0 else types.DoubleType()
    if pa.types.is_integer(kind):
        return types.LongType()
    if pa.types.is_floating(kind):
        return types.DoubleType()
    if pa.types.is_timestamp(kind):
        return types.TimestampType(types.TimestampTimeZone.NTZ)
    plain = {
        pa.bool_(): types.BooleanType(),
        pa.date32(): types.DateType(),
        pa.binary(): types.BinaryType(),
    }
    return plain.get(kind, types.StringType())
