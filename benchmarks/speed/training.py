"""Training: hand-over, one fit, search and backtest, each beside its limit, on drawn customers.

    python -m benchmarks.speed.training 1000000

The argument is the number of labelled rows. Hand-over is measured under a `memory_limit` of
DuckDB's of 500 MB, as a build sets one.
"""

import datetime as dt
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from attrition import schemas
from attrition.training import candidate
from attrition.training.backtest import backtests
from attrition.training.candidate import Recipe
from attrition.training.frame import FRAME_COLUMNS, ORDER, Frame, read_frame
from attrition.training.metrics import expit, roc_auc
from attrition.training.noise import CustomerBootstrap
from attrition.training.preprocessing import FeatureRule
from attrition.training.quantile_matrix import quantile_matrix
from attrition.training.search import booster_parameters, fit_booster
from attrition.warehouse.duckdb import DuckDBRelation

from benchmarks.speed import Measured, interleaved, peak_mb

FEATURES = [f"f{number:02}" for number in range(30)]
RULES = dict.fromkeys(FEATURES, FeatureRule("numeric"))
SNAPSHOTS = 20
MEMORY_LIMIT = "500MB"
TRIALS = 10
SEEDS = (1, 2, 3, 4, 5)
RECIPE = Recipe(
    split={"mode": "last_n_months", "months": 1},
    refit="all_labelled",
    sampling="none",
    hyperparameters={},
    optimize="log_loss",
    num_tuning_rounds=TRIALS,
    max_tuning_minutes=None,
    max_rows=10**9,
    random_seed=1,
    calibration="auto",
    threshold={"mode": "f1"},
)
# half a year lies between what is learnt and what is judged
ORIGINS = (
    (dt.date(2022, 11, 1), dt.date(2022, 5, 1)),
    (dt.date(2023, 2, 1), dt.date(2022, 8, 1)),
    (dt.date(2023, 5, 1), dt.date(2022, 11, 1)),
    (dt.date(2023, 8, 1), dt.date(2023, 2, 1)),
)
FIT_GOAL, SEARCH_GOAL, LOSS_GOAL, BACKTEST_GOAL = 1.1, 1 / 3, 0.0005, 0.5
HAND_OVER_GOAL, HAND_OVER_MB = 1.2, 1500


def draw(warehouse: Path, rows: int) -> None:
    """Write `modeling_dataset`: customers at 20 snapshots, 10 features matter, a tenth is missing.

    The rows lie in an order of their own. A fifth of the customers is for calibration, of the
    others a fifth for validation; the newest snapshot is the test.
    """
    drawn = ", ".join(
        f"((hash(i, {at}) % 100000) / 100000.0)::float as x{at:02}" for at in range(len(FEATURES))
    )
    known = ", ".join(
        f"(case when hash(i, 'm', {at}) % 10 > 0 then {10.0 ** (at % 5)} * x{at:02} end)::float "
        f"as {name}"
        for at, name in enumerate(FEATURES)
    )
    margin = (
        "2 * x00 * x01 + x02 - 2 * (x03 > .7)::int + x04 * x05 - x06 - 2 * x07 * x08 + x09 - 2.2"
    )
    split = (
        "case when month = 19 then 'test' when part < 20 then 'calibration' "
        "when part < 36 then 'validation' else 'train' end"
    )
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"set memory_limit = '2GB'; set temp_directory = '{warehouse}.tmp'")
        connection.execute(f"""
            create table modeling_dataset as
            with drawn as (
                select i, i // {SNAPSHOTS} as customer, (i % {SNAPSHOTS})::int as month, {drawn}
                from range({rows}) as numbers(i)
            ),
            parts as (
                select *, hash(customer, 'part') % 100 as part, {margin} as margin from drawn
            )
            select
                printf('c%08d', customer) as customer_id,
                (date '2022-01-01' + to_months(month))::date as as_of_date,
                ((hash(i, 'y') % 100000) / 100000.0 < 1 / (1 + exp(-margin)))::int as is_attrition,
                {split} as split,
                part >= 20 and month < 19 as is_fit,
                part >= 20 as is_refit,
                part < 20 as is_calibration_customer,
                md5(customer::text) as customer_hash,
                {known}
            from parts
            order by month, hash(i)
        """)


def dataset(warehouse: Path) -> DuckDBRelation:
    """Open a warehouse with a bound on memory."""
    connection = duckdb.connect(str(warehouse), read_only=True)
    connection.execute(
        f"set memory_limit = '{MEMORY_LIMIT}'; set temp_directory = '{warehouse}.tmp'"
    )
    return DuckDBRelation(connection.table("modeling_dataset"))


def hand_over(warehouse: Path) -> None:
    """Read all rows as training does, into one quantile matrix."""
    frame = read_frame(dataset(warehouse), RULES, 10**9)
    quantile_matrix(_rows(frame, np.ones(len(frame.is_attrition), bool)), None)


def hand_over_of_a_table(warehouse: Path) -> None:
    """Read all rows into an Arrow table, which XGBoost takes as it is."""
    import xgboost

    columns = {**FRAME_COLUMNS, **dict.fromkeys(FEATURES, "float32")}
    table = dataset(warehouse).select(columns, order_by=ORDER)
    xgboost.QuantileDMatrix(table.select(FEATURES), table["is_attrition"].to_numpy())


def measured_hand_over(warehouse: Path, rows: int) -> Measured:
    """Measure hand-over against an in-memory Arrow table."""
    ours, table = interleaved(lambda: hand_over(warehouse), lambda: hand_over_of_a_table(warehouse))
    peak = peak_mb(hand_over, warehouse)
    of_table = peak_mb(hand_over_of_a_table, warehouse)
    return Measured(
        name="hand-over",
        size=rows,
        value=round(ours, 2),
        unit="seconds",
        against=f"an Arrow table in memory, {table:.2f} seconds and {of_table:.0f} MB",
        ratio=round(ours / table, 3),
        peak_mb=round(peak),
        goal=HAND_OVER_GOAL,
        met=ours <= HAND_OVER_GOAL * table and peak <= HAND_OVER_MB,
    )


def measured_fit(frame: Frame) -> Measured:
    """Measure one fit against `xgboost.train` alone on a matrix that is there."""
    import xgboost

    rows = _rows(frame, frame.flag("is_fit"))
    parameters = {"max_depth": 6, "eta": 0.1}
    full = booster_parameters(parameters, rows, 1, None)
    matrix = quantile_matrix(rows, None)
    ours, alone = interleaved(
        lambda: fit_booster(rows, parameters, 200, 1), lambda: xgboost.train(full, matrix, 200)
    )
    return Measured(
        name="training, 200 rounds of depth 6",
        size=len(rows),
        value=round(ours, 2),
        unit="seconds",
        against=f"xgboost.train on the same matrix, {alone:.2f} seconds",
        ratio=round(ours / alone, 3),
        goal=FIT_GOAL,
        met=ours <= FIT_GOAL * alone,
    )


def measured_search(frame: Frame) -> tuple[Measured, Measured, float]:
    """Measure the search against one that fits each trial on all rows; return its seconds too."""
    train, validation, test = (
        _rows(frame, frame.in_split(s)) for s in ("train", "validation", "test")
    )
    bootstrap = CustomerBootstrap(frame.customers[frame.in_split("validation")], 1)
    given = (train, validation, bootstrap, None)
    # the first trial imports what the others find
    candidate._searched(frame, replace(RECIPE, num_tuning_rounds=1), *given)
    most_rows, seconds, losses = candidate.MOST_ROWS, ([], []), []
    for seed in SEEDS:
        recipe, areas = replace(RECIPE, random_seed=seed), []
        for taken, most in zip(seconds, (most_rows, len(train) + len(validation)), strict=True):
            candidate.MOST_ROWS = most
            start = time.perf_counter()
            found = candidate._searched(frame, recipe, *given)
            taken.append(time.perf_counter() - start)
            areas.append(_area(found.best.booster, test))
        losses.append(areas[1] - areas[0])
    candidate.MOST_ROWS = most_rows
    ours, full = (float(np.median(taken)) for taken in seconds)
    loss = float(np.mean(losses))
    return (
        Measured(
            name=f"search, {TRIALS} trials",
            size=len(train),
            value=round(ours, 2),
            unit="seconds",
            against=f"every trial on all rows, pruned alike, {full:.2f} seconds",
            ratio=round(ours / full, 3),
            goal=round(SEARCH_GOAL, 3),
            met=ours <= SEARCH_GOAL * full,
        ),
        Measured(
            name=f"loss of test ROC AUC by the search, mean of {len(SEEDS)} seeds",
            size=len(train),
            value=round(loss, 5),
            unit="ROC AUC",
            against="every trial on all rows, pruned alike",
            goal=LOSS_GOAL,
            met=loss < LOSS_GOAL,
        ),
        ours,
    )


def measured_backtest(warehouse: Path, frame: Frame, search_seconds: float) -> Measured:
    """Measure a backtest with the default of `backtest_max_rows` against the search."""

    version = _version(frame)
    origins = [
        {"version_id": "v1", "origin_date": origin, "last_fit_date": fit, "most_rows": 100_000}
        for origin, fit in ORIGINS
    ]
    connection = duckdb.connect()
    for name, table in (
        ("versions", schemas.table_of_rows([version], schemas.CANDIDATE)),
        ("origins", pa.Table.from_pylist(origins)),
    ):
        connection.register("incoming", table)
        connection.execute(f"create table {name} as select * from incoming")
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        read = (DuckDBRelation(connection.table(name)) for name in ("origins", "versions"))
        backtests(*read, dataset(warehouse))
        taken.append(time.perf_counter() - start)
    seconds = float(np.median(taken))
    return Measured(
        name="backtest, 4 quarters",
        size=len(frame.is_attrition),
        value=round(seconds, 2),
        unit="seconds",
        against=f"the search, {search_seconds:.2f} seconds",
        ratio=round(seconds / search_seconds, 3),
        goal=BACKTEST_GOAL,
        met=seconds <= BACKTEST_GOAL * search_seconds,
    )


def measured(handed_over: int, searched: int) -> Iterator[Measured]:
    """Measure hand-over of so many labelled rows, and the rest on so many."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Path(folder) / "handed_over.duckdb"
        draw(warehouse, handed_over)
        yield measured_hand_over(warehouse, handed_over)
        warehouse = Path(folder) / "searched.duckdb"
        draw(warehouse, searched)
        frame = read_frame(dataset(warehouse), RULES, 10**9)
        yield measured_fit(frame)
        *of_search, seconds = measured_search(frame)
        yield from of_search
        yield measured_backtest(warehouse, frame, seconds)


def _version(frame: Frame) -> dict[str, Any]:
    return {
        "version_id": "v1",
        "preprocessing": frame.preprocessing.to_json(),
        "settings": json.dumps(asdict(RECIPE)),
        "hyperparameters": json.dumps({"max_depth": 3, "eta": 0.05, "min_child_weight": 25}),
        "num_round": 400,
        "baselines": "{}",
        "weights": json.dumps({"boosted_trees": 1.0}),
        "judged_calibration": json.dumps({"method": "sigmoid"}),
        "decision_threshold": 0.5,
    }


def _rows(frame: Frame, mask: np.ndarray) -> Any:
    return frame.rows(mask)


def _area(booster: bytes, test: Any) -> float:
    import xgboost

    loaded = xgboost.Booster(model_file=bytearray(booster))
    margin = loaded.inplace_predict(test.matrix, predict_type="margin")
    return roc_auc(expit(margin), test.is_attrition)


if __name__ == "__main__":
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    for one in measured(rows, rows):
        print(json.dumps(asdict(one)), flush=True)
