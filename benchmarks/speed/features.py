"""Features of all snapshots: python -m benchmarks.speed.features --customers 10000 100000

Beside the floor, which adds events up by customer and month and copies the finished features, and
beside what churn repositories do: one loop over snapshots in pandas, and the same in Polars, from
the raw records to a file. The peers decide on the population, one label of our three, the features
of `core` and those with a lookback window. Our models compute all features, whatever is chosen,
reject broken records, and split. A value that is not the same in all three is an error.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from attrition.generator import generate
from attrition.settings.feature_names import existing_features, find_definitions

from benchmarks.scratch_project import ROOT
from benchmarks.speed import Measured, show
from benchmarks.speed.build import MONTHS, Run, Scratch
from benchmarks.speed.peers import WINDOWS

KEYS = ["customer_id", "as_of_date"]
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
FEATURES_GOAL = 2.5
# of each peer its module, and what part of its time the project may take
PEERS = {"pandas": ("in_pandas", 1 / 3), "Polars": ("in_polars", 1.0)}
# what reads the records, which the floor finds ready
READ = ("int_records__sales", "int_population__buckets", "int_population__customers")
CHAIN = "int_records__sales+,+modeling_dataset"
PEAK_GOAL_MB = 4_000
# of all of it, what one more snapshot may take
LATER_GOAL = 0.1
MEMORY_LIMITS = {1_000_000: "3GB"}
# of a million the peers would hold ten times the memory that they hold of these
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

    def build(self, *select: str, anew: bool = True, **settings: str) -> Run:
        """Run some models of the project; where not all is made anew, what has changed is."""
        return self.scratch.run_models(
            [*select, "--full-refresh"] if anew else select,
            raw_data="source",
            raw_location=str(self.raw),
            features="core",
            **settings,
        )

    def add_a_day(self) -> None:
        """Let the last day's sales happen again on the next day, which no snapshot sees yet."""
        path = self.raw / "sales.parquet"
        with duckdb.connect() as connection:
            connection.sql(f"""
                create table later as from '{path}' union all by name
                select * replace ('later ' || sale_id as sale_id, sold_on + 1 as sold_on)
                from '{path}' where sold_on = (select max(sold_on) from '{path}')
            """)
            connection.sql(f"copy later to '{path}'")

    def last_month_but_one(self) -> str:
        """Return the month before the newest snapshot's, as `max_month` takes it."""
        with duckdb.connect(str(self.scratch.database), read_only=True) as connection:
            sql = "select max(as_of_date) - interval 1 month from int_population__spine"
            return f"{connection.sql(sql).fetchall()[0][0]:%Y-%m}"

    def table_of(self, peer: str) -> Path:
        return self.folder / f"{peer}.parquet"

    def feature_count(self) -> int:
        with duckdb.connect(str(self.scratch.database), read_only=True) as connection:
            return len(connection.sql("from int_features__vector limit 0").columns) - len(KEYS)


def features_rows(customers: int, folder: Path, times: int = 3) -> Iterator[Measured]:
    """Measure the features of so many customers; ratios are of medians of runs that take turns."""
    data = Data(folder, customers)
    generate(customers, MONTHS, 42, data.raw)
    data.build("+modeling_dataset")
    peers = PEERS if customers <= COMPARED_UP_TO else {}
    taken: dict[str, list[float]] = defaultdict(list)
    peaks: dict[str, float] = defaultdict(float)
    for _ in range(times):
        run = data.build(CHAIN)
        taken["ours"].append(data.scratch.seconds_of_models())
        taken["features"].append(data.scratch.seconds_of_models(READ))
        peaks["ours"] = max(peaks["ours"], run.peak_mb)
        taken["floor"].append(alone("features", "--floor", str(data.scratch.database))["seconds"])
        for name, (module, _) in peers.items():
            found = alone(module, str(data.raw), str(data.table_of(name)))
            taken[name].append(found["seconds"])
            peaks[name] = max(peaks[name], found["peak_mb"])
    for name in peers:
        with duckdb.connect(str(data.scratch.database), read_only=True) as connection:
            require_equal(name, data.table_of(name), connection)
    median = {name: float(np.median(seconds)) for name, seconds in taken.items()}
    ratio = median["features"] / median["floor"]
    yield Measured(
        "population, labels and features of all domains", data.customers, median["features"], "s",
        "events added up by month, features copied", ratio, peaks["ours"], FEATURES_GOAL,
        ratio <= FEATURES_GOAL,
    )  # fmt: skip
    yield Measured(
        "the same, peak memory", data.customers, peaks["ours"], "MB", goal=PEAK_GOAL_MB,
        met=peaks["ours"] <= PEAK_GOAL_MB,
    )  # fmt: skip
    yield from later_rows(data, median["features"])
    for name, (_, goal) in peers.items():
        ratio = median["ours"] / median[name]
        yield Measured(
            f"raw records to population, labels and {data.feature_count()} features",
            data.customers, median["ours"], "s",
            f"population, a label and {len(compared()) - 1} of the features in {name}, one "
            f"snapshot after the other, {median[name]:.2f} s and {peaks[name]:,.0f} MB",
            ratio, peaks["ours"], goal, ratio <= goal,
        )  # fmt: skip


def later_rows(data: Data, all_seconds: float) -> Iterator[Measured]:
    """Measure what is made anew a day and a month later, beside all of it."""
    before = data.last_month_but_one()
    data.build(CHAIN, max_month=before)
    data.build(CHAIN, anew=False)
    month = data.scratch.seconds_of_models(READ)
    data.add_a_day()
    data.build(CHAIN, anew=False)
    day = data.scratch.seconds_of_models(READ)
    for name, seconds in (("a month later: one more snapshot", month), ("a day later", day)):
        ratio = seconds / all_seconds
        yield Measured(
            f"population, labels and features {name}", data.customers, seconds, "s",
            "all of them made anew", ratio, goal=LATER_GOAL, met=ratio <= LATER_GOAL,
        )  # fmt: skip


def alone(module: str, *arguments: str) -> dict[str, float]:
    """Return the seconds and the peak memory of a module here, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.speed.{module}", *arguments],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout)


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


def compared() -> list[str]:
    """Return what peers compute: the label, `features: core`, and all with a lookback window."""
    features = existing_features(find_definitions(ROOT), "month", WINDOWS)
    chosen = [name for name, one in features.items() if one.is_core or one.windows == "lookback"]
    return ["is_attrition_c", *chosen]


def require_equal(name: str, table: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Compare a peer's table with the modeling dataset.

    Raises:
        ValueError: A column or a snapshot is missing or too many, or a value differs by more than
            float32 does.
    """
    theirs = connection.sql(f"from '{table}'").columns
    if odd := {*theirs} ^ {*KEYS, *compared()}:
        raise ValueError(f"not in both {name} and here: {', '.join(sorted(odd))}")
    ours = connection.sql("from modeling_dataset")
    types = dict(zip(ours.columns, map(str, ours.types), strict=True))
    counted = ",".join(
        f"count(*) filter ({_differs(column, types[column])}) as {column}" for column in compared()
    )
    differing = connection.sql(f"""
        select {counted},
            count(*) filter (ours.customer_id is null or theirs.customer_id is null) as snapshots
        from modeling_dataset as ours
        full join '{table}' as theirs
            on
                ours.customer_id = theirs.customer_id
                and ours.as_of_date = cast(theirs.as_of_date as date)
    """)
    counts = zip(differing.columns, differing.fetchall()[0], strict=True)
    if wrong := [f"{count:,} {column}" for column, count in counts if count]:
        raise ValueError(f"not the same in {name} and here: {', '.join(wrong)}")


def _differs(column: str, data_type: str) -> str:
    ours, theirs = f"ours.{column}", f"theirs.{column}"
    if data_type != "FLOAT":
        return f"{ours} is distinct from {theirs}"
    return (
        f"({ours} is null) != ({theirs} is null)"
        f" or abs({ours} - {theirs}) > 1e-6 * (1 + abs({ours}))"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", nargs="*", type=int, default=[10_000])
    parser.add_argument("--floor", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.floor:
        print(json.dumps({"seconds": floor(arguments.floor)}))
        return
    found: list[Measured] = []
    for customers in arguments.customers:
        with tempfile.TemporaryDirectory(prefix="speed_") as folder:
            found += features_rows(customers, Path(folder))
    show(found)


if __name__ == "__main__":
    main()
