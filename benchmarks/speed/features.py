"""Features of all snapshots: python -m benchmarks.speed.features --customers 10000 100000

Beside the floor, which adds events up by customer and month and copies the finished features, and
beside what churn repositories do: one loop over snapshots in pandas, and the same in Polars, of the
sales' counts, amounts and recency alone. The values of all three are compared.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from attrition.generator import generate

from benchmarks.speed import Measured, show
from benchmarks.speed.build import MONTHS, Run, Scratch

WINDOWS = (3, 6, 12)
KEYS = ["customer_id", "as_of_date"]
COMPARED = (
    "order_count",
    "days_since_last_order",
    *(f"consumable_order_count_{window}m" for window in WINDOWS),
    *(f"consumable_amount_{window}m" for window in WINDOWS),
)
BUCKETED = """
    select customer_id, date_trunc('month', sold_on) as month, count(*) as line_count,
        sum(quantity) as quantity, sum(amount) as amount
    from int_records__sales group by all
    union all
    select customer_id, date_trunc('month', occurred_on), count(*), null, null
    from stg_touchpoint__records group by all
    union all
    select customer_id, date_trunc('month', opened_on), count(*), null, null
    from stg_complaint__records group by all
"""
FEATURES_GOAL, PANDAS_GOAL, POLARS_GOAL = 2.5, 1 / 3, 1.0
PEAK_GOAL_MB = 4_000
MEMORY_LIMITS = {1_000_000: "3GB"}
# beyond it a loop in pandas takes a quarter of an hour
COMPARED_UP_TO = 100_000


@dataclass(frozen=True)
class Data:
    """Raw tables and the project that is built of them, all in one folder."""

    folder: Path
    customers: int

    @property
    def raw(self) -> Path:
        return self.folder / "raw"

    @property
    def scratch(self) -> Scratch:
        return Scratch(self.folder, MEMORY_LIMITS.get(self.customers))

    def build(self, *select: str) -> Run:
        """Run some models of the project."""
        place = str(self.raw)
        return self.scratch.run_models(
            select, raw_data="source", raw_location=place, features="core"
        )

    def query(self, sql: str) -> pd.DataFrame:
        with duckdb.connect(str(self.scratch.database), read_only=True) as connection:
            return connection.sql(sql).df()

    def snapshots(self) -> list[pd.Timestamp]:
        sql = "select distinct as_of_date from int_population__spine order by 1"
        return list(pd.to_datetime(self.query(sql)["as_of_date"]))


def features_rows(customers: int, folder: Path, times: int = 3) -> Iterator[Measured]:
    """Measure the features of so many customers; ratios are of medians of runs that take turns."""
    data = Data(folder, customers)
    generate(customers, MONTHS, 42, data.raw)
    data.build("+modeling_dataset")
    taken: dict[str, list[float]] = {}
    frames: dict[str, pd.DataFrame] = {}
    peers: dict[str, Callable[[Data], pd.DataFrame]] = {}
    if customers <= COMPARED_UP_TO:
        peers = {"pandas": in_pandas, "Polars": in_polars}
    peak = 0.0
    for _ in range(times):
        peak = max(peak, data.build("int_population__grid+,+modeling_dataset").peak_mb)
        taken.setdefault("features", []).append(data.scratch.seconds_of_models())
        sales = dict(data.scratch.seconds_by_model())["int_features__sales"]
        taken.setdefault("sales", []).append(sales)
        taken.setdefault("floor", []).append(alone("floor", data))
        for name, peer in peers.items():
            # in a process of its own it would be read again from the start, as here
            start = time.perf_counter()
            frames[name] = peer(data)
            taken.setdefault(name, []).append(time.perf_counter() - start)
    for name, frame in frames.items():
        require_equal(name, frame, data)
    median = {name: float(np.median(seconds)) for name, seconds in taken.items()}
    ratio = median["features"] / median["floor"]
    yield Measured(
        "population, labels and features of all domains", data.customers, median["features"], "s",
        "events added up by month, features copied", ratio, peak, FEATURES_GOAL,
        ratio <= FEATURES_GOAL,
    )  # fmt: skip
    yield Measured(
        "the same, peak memory", data.customers, peak, "MB", goal=PEAK_GOAL_MB,
        met=peak <= PEAK_GOAL_MB,
    )  # fmt: skip
    for name, goal in (("pandas", PANDAS_GOAL), ("Polars", POLARS_GOAL)):
        if name not in peers:
            continue
        ratio = median["sales"] / median[name]
        yield Measured(
            "40 features of sales", data.customers, median["sales"], "s",
            f"{len(COMPARED)} of them in {name}, one snapshot after the other", ratio,
            goal=goal, met=ratio <= goal,
        )  # fmt: skip


def alone(step: str, data: Data) -> float:
    """Return the seconds of a step of this module in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed.features", "--step", step,
         "--folder", str(data.folder)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(json.loads(done.stdout)["seconds"])


def floor(database: Path) -> float:
    """Return the seconds in which the features could be read and written at all."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("set threads = 2")
        start = time.perf_counter()
        connection.execute(f"create or replace table floor_bucketed as {BUCKETED}")
        connection.execute("create or replace table floor_copied as from int_features__vector")
        seconds = time.perf_counter() - start
        connection.execute("drop table floor_bucketed")
        connection.execute("drop table floor_copied")
    return seconds


def in_pandas(data: Data) -> pd.DataFrame:
    """Return the compared features of all snapshots by a loop in pandas."""
    sales = pd.read_parquet(
        data.raw / "sales.parquet",
        columns=["customer_id", "sold_on", "product_type", "quantity", "amount", "is_return"],
    )
    sales["sold_on"] = pd.to_datetime(sales["sold_on"])
    is_order = (sales["product_type"] == "consumable") & ~sales["is_return"].astype(bool)
    orders = (
        sales[is_order & (sales["quantity"] > 0)]
        .groupby(["customer_id", "sold_on"], as_index=False)["amount"]
        .sum()
    )
    frames = []
    for date in data.snapshots():
        before = orders[orders["sold_on"] < date]
        grouped = before.groupby("customer_id")["sold_on"]
        frame = pd.DataFrame({"order_count": grouped.size()})
        frame["days_since_last_order"] = (date - grouped.max()).dt.days
        for window in WINDOWS:
            recent = before[before["sold_on"] >= date - pd.DateOffset(months=window)]
            grouped = recent.groupby("customer_id")["amount"]
            frame[f"consumable_order_count_{window}m"] = grouped.size()
            frame[f"consumable_amount_{window}m"] = grouped.sum()
        frames.append(frame.fillna(0).reset_index().assign(as_of_date=date))
    return pd.concat(frames, ignore_index=True)


def in_polars(data: Data) -> pd.DataFrame:
    """Return the same by a loop in Polars."""
    orders = (
        pl.scan_parquet(data.raw / "sales.parquet")
        .filter(
            pl.col("product_type").eq("consumable")
            & ~pl.col("is_return").cast(pl.Boolean)
            & (pl.col("quantity") > 0)
        )
        .group_by("customer_id", "sold_on")
        .agg(pl.col("amount").cast(pl.Float64).sum())
        .collect()
    )
    day, frames = pl.col("sold_on").cast(pl.Date), []
    for date in data.snapshots():
        today = date.date()
        starts = {w: (date - pd.DateOffset(months=w)).date() for w in WINDOWS}
        aggregates = [
            pl.len().alias("order_count"),
            (pl.lit(today) - day.max()).dt.total_days().alias("days_since_last_order"),
        ]
        for window, start in starts.items():
            aggregates += [
                (day >= start).sum().alias(f"consumable_order_count_{window}m"),
                pl.col("amount").filter(day >= start).sum().alias(f"consumable_amount_{window}m"),
            ]
        found = orders.filter(day < today).group_by("customer_id").agg(aggregates)
        frames.append(found.with_columns(pl.lit(today).alias("as_of_date")))
    return pl.concat(frames).to_pandas()


def require_equal(name: str, frame: pd.DataFrame, data: Data) -> None:
    """Compare a peer's features with the project's, where the project has a row.

    Raises:
        ValueError: A value differs by more than float32 does.
    """
    frame = frame.assign(as_of_date=pd.to_datetime(frame["as_of_date"]).astype("datetime64[us]"))
    ours = data.query(f"select {', '.join([*KEYS, *COMPARED])} from int_features__sales")
    ours["as_of_date"] = pd.to_datetime(ours["as_of_date"]).astype("datetime64[us]")
    both = ours.merge(frame, on=KEYS, how="left", suffixes=("", "_peer"))
    for column in COMPARED:
        theirs = both[f"{column}_peer"].to_numpy(dtype=np.float64)
        if not np.allclose(both[column].to_numpy(dtype=np.float64), theirs, rtol=1e-5, atol=1e-3):
            raise ValueError(f"{column} is not the same in {name} and here")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", nargs="*", type=int, default=[10_000])
    parser.add_argument("--step", choices=["floor"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        print(json.dumps({"seconds": floor(Scratch(arguments.folder).database)}))
        return
    found: list[Measured] = []
    for customers in arguments.customers:
        with tempfile.TemporaryDirectory(prefix="speed_") as folder:
            found += features_rows(customers, Path(folder))
    show(found)


if __name__ == "__main__":
    main()
