"""Comparing the public tables of two builds, row by row and column by column."""

import datetime as dt
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

SQL_TOLERANCE = 1e-9
SCORE_TOLERANCE = 1e-6
# DuckDB keeps features in float32, which Snowflake has not: there they are doubles until a booster
# reads them. So features differ by the rounding to float32, what is told of their spread by more,
# and two values that are one in float32 are counted, and ranked, as two.
FEATURE_TOLERANCES = {
    "modeling_dataset": 2.0**-24,
    "attrition_scored_features": 2.0**-24,
    "attrition_feature_profile": 1e-6,
}
SEPARATION_TOLERANCE = 1e-4
NOT_COMPARED = {("attrition_feature_profile", "distinct_count")}
# What the model says; everything else that is a number comes from SQL.
SCORES = ("probability", "contribution", "threshold")
# Of a run, not of what it found.
OF_THE_RUN = (
    "run_id",
    "created_at",
    "decided_at",
    "promoted_at",
    "scored_at",
    "listed_at",
    "duration_seconds",
)


@dataclass(frozen=True)
class Comparison:
    """How two tables compare: rows on both sides, and the largest difference of numbers."""

    table: str
    rows: int
    columns: int
    largest: float
    where: str
    problems: tuple[str, ...]

    def line(self) -> str:
        return (
            f"{self.table:<32} {self.rows:>8,} {self.columns:>4}  {self.largest:8.1e}  {self.where}"
        )


def compare(
    table: str,
    columns: Sequence[str],
    keys: Sequence[str],
    left: Sequence[Sequence],
    right: Sequence[Sequence],
) -> Comparison:
    """Compare rows of two warehouses.

    Args:
        table: Its name, for the report.
        columns: Names in the order of both sides' values.
        keys: Columns that name a row.
        left: Rows of the first.
        right: Rows of the second.
    """
    compared = [
        name for name in columns if name not in OF_THE_RUN and (table, name) not in NOT_COMPARED
    ]
    first, second = _by_key(columns, keys, left), _by_key(columns, keys, right)
    problems = [f"only on one side: {key}" for key in sorted(first.keys() ^ second.keys())[:5]]
    largest, where = 0.0, ""
    for key in first.keys() & second.keys():
        for name in compared:
            one, other = first[key][name], second[key][name]
            difference = _difference(name, one, other)
            if difference is None:
                problems.append(f"{key}: {name}: {one!r} against {other!r}")
            elif difference > largest:
                largest, where = difference, name
            if difference and difference > tolerance(table, name):
                problems.append(f"{key}: {name}: {one!r} against {other!r}")
    return Comparison(table, len(left), len(compared), largest, where, tuple(problems[:10]))


def tolerance(table: str, column: str) -> float:
    if column == "separation":
        return SEPARATION_TOLERANCE
    is_score = any(part in column for part in SCORES)
    return FEATURE_TOLERANCES.get(table, SCORE_TOLERANCE if is_score else SQL_TOLERANCE)


def _by_key(columns, keys, rows):
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    found = {tuple(_plain(row[key]) for key in keys): row for row in named}
    assert len(found) == len(named), f"{keys} do not name a row"
    return {key: {name: _plain(value) for name, value in row.items()} for key, row in found.items()}


def _plain(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, str) and value[:1] in "{[":
        return _json(value)
    return value


def _json(text):
    """Return what a JSON text says; how it is written, and in which case columns, is free."""
    try:
        content = json.loads(text)
    except ValueError:
        return text
    return json.dumps(_without_the_run(content), sort_keys=True)


def _without_the_run(content):
    if isinstance(content, list):
        return [_without_the_run(one) for one in content]
    if isinstance(content, dict):
        return {
            key.lower(): _without_the_run(value)
            for key, value in content.items()
            if key not in OF_THE_RUN
        }
    return content


def _difference(name, one, other):
    """Return how far two values are apart, 0 for equal ones, None for what cannot be measured."""
    if one == other:
        return 0.0
    numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
    if not numbers or isinstance(one, bool) or isinstance(other, bool):
        return None
    if math.isnan(one) and math.isnan(other):
        return 0.0
    return abs(one - other) / max(1.0, abs(one))
