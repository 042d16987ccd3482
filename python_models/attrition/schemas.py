"""The declared Arrow schemas of the tables that Python models return.

dbt cannot enforce a contract on a Python model, so every result is cast to one of these before it
leaves the library. An empty result has the same types as a full one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

REASON_COUNT = 5

_IDENTITY = [
    ("version_id", pa.string()),
    ("version_label", pa.string()),
    ("created_at", pa.timestamp("us")),
    ("run_id", pa.string()),
    ("settings_fingerprint", pa.string()),
    ("task_fingerprint", pa.string()),
    ("data_fingerprint", pa.string()),
    ("code_fingerprint", pa.string()),
    ("newest_label_date", pa.date32()),
    ("test_starts_on", pa.date32()),
    ("split_rule", pa.string()),
    ("validation_mode", pa.string()),
    ("settings", pa.string()),
]
_ARTEFACT = [
    ("preprocessing", pa.string()),
    ("hyperparameters", pa.string()),
    ("num_round", pa.int32()),
    ("search_booster", pa.binary()),
    ("judged_booster", pa.binary()),
    ("serving_booster", pa.binary()),
    ("weights", pa.string()),
    ("model_form", pa.string()),
    ("judged_calibration", pa.string()),
    ("serving_calibration", pa.string()),
    ("decision_threshold", pa.float64()),
    ("judged_last_label_date", pa.date32()),
    ("serving_last_label_date", pa.date32()),
]
_RECORD = [
    ("trials", pa.string()),
    ("baselines", pa.string()),
    ("baseline_profile", pa.string()),
    ("is_reproducible", pa.bool_()),
    ("fit_row_count", pa.int64()),
    ("fit_attrition_count", pa.int64()),
    ("calibration_row_count", pa.int64()),
    ("library_version", pa.string()),
    ("xgboost_version", pa.string()),
]
_REASONS = [
    column
    for position in range(1, REASON_COUNT + 1)
    for column in (
        (f"reason_{position}_feature", pa.string()),
        (f"reason_{position}_value", pa.string()),
        (f"reason_{position}_contribution", pa.float64()),
    )
]

CANDIDATE = pa.schema(_IDENTITY + _ARTEFACT + _RECORD)

TEST_PREDICTIONS = pa.schema(
    [
        ("version_id", pa.string()),
        ("role", pa.string()),
        ("system", pa.string()),
        ("customer_id", pa.string()),
        ("as_of_date", pa.date32()),
        ("split", pa.string()),
        ("is_attrition", pa.int32()),
        ("probability", pa.float64()),
        ("decision", pa.int32()),
        ("is_held_out", pa.bool_()),
    ]
)

_SCORE = [
    ("version_id", pa.string()),
    ("customer_id", pa.string()),
    ("as_of_date", pa.date32()),
    ("probability", pa.float64()),
    ("decision", pa.int32()),
]

PREDICTIONS = pa.schema(
    [
        *_SCORE,
        ("base_value", pa.float64()),
        ("absolute_contribution", pa.float64()),
        *_REASONS,
    ]
)

SHADOW_PREDICTIONS = pa.schema(_SCORE)

CONTRIBUTIONS = pa.schema(
    [
        ("version_id", pa.string()),
        ("customer_id", pa.string()),
        ("as_of_date", pa.date32()),
        ("feature", pa.string()),
        ("feature_value", pa.string()),
        ("feature_number", pa.float64()),
        ("contribution", pa.float64()),
    ]
)

CHAMPION = pa.schema(
    [
        ("version_id", pa.string()),
        ("part", pa.string()),
        ("tree", pa.int32()),
        ("node", pa.int32()),
        ("column_number", pa.int32()),
        ("threshold", pa.float64()),
        ("is_missing_below", pa.bool_()),
        ("leaf", pa.float64()),
        ("gain", pa.float64()),
        ("model", pa.string()),
        ("fill", pa.float64()),
        ("lowest", pa.float64()),
        ("highest", pa.float64()),
        ("mean", pa.float64()),
        ("scale", pa.float64()),
        ("coefficient", pa.float64()),
        ("missing_mean", pa.float64()),
        ("missing_scale", pa.float64()),
        ("missing_coefficient", pa.float64()),
        ("feature", pa.string()),
        ("data_type", pa.string()),
        ("encoding", pa.string()),
        ("fill_number", pa.float64()),
        ("fill_level", pa.string()),
        ("level", pa.string()),
        ("level_value", pa.float64()),
        ("method", pa.string()),
        ("base_margin", pa.float64()),
        ("slope", pa.float64()),
        ("intercept", pa.float64()),
        ("intercepts_by_month", pa.string()),
        ("knot_margins", pa.string()),
        ("knot_probabilities", pa.string()),
        ("node_count", pa.int64()),
        ("term_count", pa.int64()),
        ("column_count", pa.int64()),
    ]
)
"""The champion as rows of four kinds; a column that does not belong to a row's part is null."""

BACKTEST = pa.schema(
    [
        ("version_id", pa.string()),
        ("origin_date", pa.date32()),
        ("last_label_date", pa.date32()),
        ("customer_id", pa.string()),
        ("as_of_date", pa.date32()),
        ("is_attrition", pa.int32()),
        ("probability", pa.float64()),
        ("decision", pa.int32()),
        ("fit_row_count", pa.int64()),
    ]
)


def table_of_columns(columns: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    """Build a table of `schema` from arrays that are named like its columns.

    Args:
        columns: One array-like of n values per column of the schema.
        schema: One of the schemas of this module.

    Raises:
        KeyError: A column of the schema is missing.
    """
    arrays = [_array(columns[field.name], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: Any, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    is_arrow = isinstance(values, (pa.Array, pa.ChunkedArray))
    return values.cast(kind) if is_arrow else pa.array(values, type=kind)


def table_of_rows(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Build a table of `schema` from mappings, one per row; no row gives an empty table."""
    return pa.Table.from_pylist([dict(row) for row in rows], schema=schema)


def concatenate(tables: Iterable[pa.Table], schema: pa.Schema) -> pa.Table:
    """Stack tables, each cast to `schema`; no table gives an empty one."""
    cast = [table.select(schema.names).cast(schema) for table in tables]
    return pa.concat_tables([schema.empty_table(), *cast])


def reader(tables: Iterable[pa.Table], schema: pa.Schema) -> pa.RecordBatchReader:
    """Return tables as a stream of `schema`: each is made when it is read, and then let go."""
    batches = (
        batch
        for table in tables
        for batch in table.select(schema.names).cast(schema).combine_chunks().to_batches()
    )
    return pa.RecordBatchReader.from_batches(schema, batches)
