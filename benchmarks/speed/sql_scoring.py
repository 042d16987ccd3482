"""The champion scored by SQL in a bare DuckDB, beside XGBoost on the same rows.

`python -m benchmarks.speed.sql_scoring [rows to score]`.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import duckdb
import numpy as np
from attrition.publish import publish_tables
from attrition.scoring.champion_sql import champion_rows
from attrition.scoring.score_customers import TABLES

from benchmarks.speed import Measured
from benchmarks.speed.reasons import WIDTH, numbers, store, trained, version_of

SHAPES = ((3, 300), (6, 300))
"""Depth and number of trees."""
LARGEST_DIFFERENCE, MOST_SECONDS_PER_ROW, MOST_LATENCY = 1e-5, 1 / 30_000, 0.05
# Run where nothing but DuckDB is: writes margins in the order of customers, prints seconds.
BARE = """
import statistics, sys, time, duckdb
published, out = sys.argv[1:]
connection = duckdb.connect(published, read_only=True)
connection.execute("set enable_progress_bar = false")
connection.execute("create temp table one as from modeling_dataset limit 1")
def seconds(query, times):
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        connection.execute(query).fetchall()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
print(seconds("select sum(attrition_probability) from score_customers('modeling_dataset')", 3))
print(seconds("select attrition_probability from score_customers('one')", 9))
connection.execute(f"copy (select attrition_margin from score_customers('modeling_dataset')"
                   f" order by customer_id) to '{out}' (format parquet)")
assert not {'attrition', 'numpy', 'xgboost'} & set(sys.modules)
"""


def measured(scored: int = 100_000) -> Iterator[Measured]:
    """Measure how far from XGBoost's margins SQL is, its speed, and what one row takes.

    Args:
        scored: How many customers are scored.
    """
    for depth, trees in SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            yield from _shape(depth, trees, scored, Path(folder))


def _shape(depth: int, trees: int, scored: int, folder: Path) -> Iterator[Measured]:
    booster = trained(depth, trees)
    warehouse, published = folder / "build.duckdb", folder / "published.duckdb"
    store(warehouse, scored)
    rows = champion_rows(version_of(bytes(booster.save_raw("ubj"))))
    with duckdb.connect(str(warehouse)) as connection:
        connection.register("champion", rows)
        for table in TABLES:
            part = table.rpartition("_")[2]
            connection.execute(f"create table {table} as from champion where part = '{part}'")
        names = [("main", name) for name in (*TABLES, "modeling_dataset")]
        publish_tables(connection, names, published)
    margins = folder / "margins.parquet"
    asked = [sys.executable, "-I", "-c", BARE, str(published), str(margins)]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    all_rows, one_row = map(float, told.split())
    by_sql = duckdb.sql(f"from '{margins}'").fetchnumpy()["attrition_margin"]
    own = booster.inplace_predict(numbers(scored, seed=2), predict_type="margin")
    shape = f"{trees} trees of depth {depth} on {WIDTH} features"
    away, each = float(np.abs(by_sql - own).max()), all_rows / scored
    for name, size, value, unit, goal in (
        ("largest difference from XGBoost's margin", scored, away, "log-odds", LARGEST_DIFFERENCE),
        ("scoring by SQL", scored, each, "seconds per row", MOST_SECONDS_PER_ROW),
        ("scoring one row by SQL", 1, one_row, "seconds", MOST_LATENCY),
    ):
        yield Measured(
            f"{name}, {shape}", size, float(f"{value:.3g}"), unit, goal=goal, met=value <= goal
        )


if __name__ == "__main__":
    for row in measured(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000):
        print(json.dumps(asdict(row)), flush=True)
