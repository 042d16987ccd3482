"""Forecasts of past snapshots beside their truth: python -m benchmarks.forecast

Each data set is built up to `attrition_forecast_summary` by `dbt build`; no model is trained. Shown
are the shares of intervals that held the truth, and the mean absolute error beside those of the two
naive forecasts, on the snapshots where the naive one is known.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.data_sets import (
    SHARED_DATA,
    Task,
    UnavailableError,
    cdnow_task,
    generated,
    small_tasks,
)
from benchmarks.records import RESULTS, keep_results
from benchmarks.scratch_project import ScratchProject

CUSTOMERS = 5_000
SEEDS = (11,)
DRIFTS = (0.0, 0.6, 1.0)
BUILT = ("+attrition_forecast_summary",)
FIGURES = (
    "coverage_80",
    "coverage_95",
    "cumulative_coverage_80",
    "cumulative_coverage_95",
    "value_coverage_80",
    "mean_error",
    "mae",
    "rmse",
    "mae_beside_last",
    "last_mae",
    "mae_beside_year_ago",
    "year_ago_mae",
)
SEGMENTS_SQL = """
    select
        case when segment = 'all' then 'all' else 'segments' end as customers,
        sum(forecast_count)::integer as forecasts,
        sum(interval_count)::integer as intervals,
        (select avg(attrition_count) from attrition_forecast_accuracy where segment = 'all')
            as mean_attritions,
        sum(coverage_80 * interval_count) / sum(interval_count) as coverage_80,
        sum(coverage_95 * interval_count) / sum(interval_count) as coverage_95,
        sum(cumulative_coverage_80 * interval_count)
            / sum(case when cumulative_coverage_80 is not null then interval_count end)
            as cumulative_coverage_80,
        sum(cumulative_coverage_95 * interval_count)
            / sum(case when cumulative_coverage_95 is not null then interval_count end)
            as cumulative_coverage_95,
        sum(value_coverage_80 * interval_count)
            / sum(case when value_coverage_80 is not null then interval_count end)
            as value_coverage_80,
        avg(mean_error) as mean_error, avg(mae) as mae, avg(rmse) as rmse,
        avg(mae_beside_last) as mae_beside_last, avg(last_mae) as last_mae,
        avg(mae_beside_year_ago) as mae_beside_year_ago, avg(year_ago_mae) as year_ago_mae,
        avg(case when is_better_than_naive then 1 else 0 end) as better_share
    from attrition_forecast_summary
    where buckets_ahead = 0
    group by all
    order by customers
"""
AHEAD_SQL = """
    select buckets_ahead, forecast_count, coverage_80, mae, mae_beside_last, last_mae,
        mae_beside_year_ago, year_ago_mae, cumulative_coverage_80, cumulative_mae
    from attrition_forecast_summary
    where segment = 'all' and buckets_ahead > 0
    order by buckets_ahead
"""


@dataclass(frozen=True)
class Forecasts:
    """How good the forecasts of past snapshots of a data set were.

    Attributes:
        data_set: What was forecast.
        customers: `all` for all customers together, `segments` for the mean of segments.
        figures: Of `attrition_forecast_summary`; of segments their means, with the share of
            segments in which the forecast errs less than both naive ones.
        ahead: The same by number of buckets ahead, of all customers.
    """

    data_set: str
    customers: str
    figures: dict[str, float | None]
    ahead: tuple[dict[str, float | None], ...] = ()


def tasks(data: Path, customers: int, seeds: Sequence[int]) -> list[Task]:
    """Return the data sets: generated ones, and records of other trades."""
    invented = [
        Task(
            f"generated-{drift}-{seed}",
            f"generated, drift {drift}, seed {seed}, {customers:,} customers",
            "six months",
            generated(customers, drift=drift, truth=False, seed=seed),
        )
        for drift in DRIFTS
        for seed in seeds
    ]
    return [*invented, cdnow_task("active", data), *small_tasks(data)]


def measured(task: Task, folder: Path) -> Iterator[Forecasts]:
    """Build a data set in a folder; yield what came of it."""
    source = task.prepare(folder / "raw")
    project = ScratchProject(folder, {**source.settings, **task.settings})
    project.build(BUILT)
    ahead = tuple(_plain(row) for row in project.query(AHEAD_SQL).to_dict("records"))
    for row in project.query(SEGMENTS_SQL).to_dict("records"):
        customers = row.pop("customers")
        by_ahead = ahead if customers == "all" else ()
        yield Forecasts(task.data_set, customers, _plain(row), by_ahead)


def _plain(row: dict[str, float]) -> dict[str, float | None]:
    return {name: None if pd.isna(value) else round(float(value), 4) for name, value in row.items()}


def show(console: Console, found: Sequence[Forecasts]) -> None:
    """Print a row for each data set."""
    table = Table(title="Forecasts of past snapshots, in attritions", title_justify="left")
    for name in ("data set", "customers", "forecasts", *(one.replace("_", " ") for one in FIGURES)):
        table.add_column(name, justify="left" if name in ("data set", "customers") else "right")
    for one in found:
        values = [one.figures[name] for name in FIGURES]
        cells = ["" if value is None else f"{value:.3g}" for value in values]
        table.add_row(one.data_set, one.customers, f"{one.figures['forecasts']:.0f}", *cells)
    console.print(table)


def main() -> None:
    """Measure all data sets, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SHARED_DATA, help="folder of the records")
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--task", nargs="+", help="what the task's name begins with")
    parser.add_argument("--out", type=Path, default=RESULTS / "forecast.json")
    arguments = parser.parse_args()
    console = Console(width=200)
    found: list[Forecasts] = []
    is_whole = not arguments.task and arguments.customers == CUSTOMERS
    for task in tasks(arguments.data, arguments.customers, arguments.seeds):
        if arguments.task and not task.name.startswith(tuple(arguments.task)):
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                found += measured(task, Path(folder))
            except UnavailableError as error:
                console.print(f"{task.name}: {error}")
                is_whole = False
                continue
        console.print(f"{task.name}: done")
    show(console, found)
    keep_results(console, arguments.out if is_whole else None, [asdict(one) for one in found])


if __name__ == "__main__":
    main()
