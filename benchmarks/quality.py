"""How good the project is beside its peers: python -m benchmarks.quality

Each task is a contest on the same test rows. On generated data all systems are held against the
true probabilities too, which no model can beat.
"""

import argparse
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from rich.console import Console

from benchmarks.contest import Contest, Entry, run_task
from benchmarks.data_sets import (
    SHARED_DATA,
    Task,
    UnavailableError,
    chosen_tasks,
    quality_tasks,
)
from benchmarks.gains import Gain
from benchmarks.measures import measure
from benchmarks.perfect import ece_of_perfect_models
from benchmarks.records import (
    RESULTS,
    THIS_PROJECT,
    Record,
    as_json,
    keep_results,
    show_records,
)
from benchmarks.scratch_project import BuildError, NoVersionError

SEEDS = 5
CUSTOMERS = 20_000
TRUTH = "the truth, which no model can beat"
KNOWN_ROWS = "rows with a known truth"


def records_of(contest: Contest) -> Iterator[Record]:
    """Measure every system on all test rows, then, where it is known, beside the truth."""
    test = contest.problem.test
    every_row = np.ones(len(test), dtype=bool)
    for record in _measured(contest, contest.task.question, contest.entries, every_row):
        is_ours = record.system == THIS_PROJECT
        yield replace(record, **asdict(contest.decision)) if is_ours else record
    if contest.source.truth is None:
        return
    truth = true_probabilities(contest.source.truth, test)
    entries = {**contest.entries, TRUTH: Entry([truth])}
    yield from _measured(contest, KNOWN_ROWS, entries, ~np.isnan(truth))


def _measured(
    contest: Contest, question: str, entries: Mapping[str, Entry], rows: np.ndarray
) -> Iterator[Record]:
    """Measure every system on some of the test rows, this project first."""
    outcome = contest.problem.outcome[rows]
    customers = contest.problem.test["customer_id"].to_numpy()[rows]
    ours = None
    for system, entry in entries.items():
        predictions = [one[rows] for one in entry.predictions]
        found = measure(predictions, outcome, customers)
        ours = found if system == THIS_PROJECT else ours
        gain = Gain() if system == THIS_PROJECT else Gain.of(ours, found)
        yield Record(
            data_set=contest.task.data_set,
            task=question,
            system=system,
            rows=len(outcome),
            seeds=len(predictions),
            metrics=dict(found.metrics),
            interval=dict(found.interval),
            spread=dict(found.spread),
            seconds=float(np.mean(entry.seconds)) if entry.seconds else None,
            ece_perfect=ece_of_perfect_models(predictions),
            gain=dict(gain.gain),
            gain_interval=dict(gain.interval),
        )


def true_probabilities(truth: Path, test: pd.DataFrame) -> np.ndarray:
    """Return the true probability of each test row, NaN where it is not known."""
    with duckdb.connect() as connection:
        told = connection.execute(
            "select customer_id, as_of_date, true_probability from read_parquet(?)", [str(truth)]
        ).df()
    keys = ["customer_id", "as_of_date"]
    rows = test[keys].assign(as_of_date=pd.to_datetime(test["as_of_date"]))
    told["as_of_date"] = pd.to_datetime(told["as_of_date"])
    return rows.merge(told, on=keys, how="left")["true_probability"].to_numpy(dtype=float)


def run(tasks: list[Task], seeds: int, console: Console) -> tuple[list[Record], bool]:
    """Run tasks; return what was measured, and whether each of them had an answer."""
    records: list[Record] = []
    is_complete = True
    for task in tasks:
        with tempfile.TemporaryDirectory(prefix="quality_") as folder:
            try:
                contest = run_task(task, Path(folder), seeds, console)
            except NoVersionError as error:
                console.print(f"{task.name}: nothing to compare, {THIS_PROJECT} has {error}")
                continue
            except (UnavailableError, BuildError) as error:
                console.print(f"{task.name}: skipped, {error}")
                is_complete = False
                continue
            records += records_of(contest)
    return records, is_complete


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=SHARED_DATA, help="folder of the records")
    parser.add_argument("--task", action="append", help="run this task only; repeatable")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="of the generated data")
    parser.add_argument("--out", type=Path, help="write what ran to this file")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    console = Console(width=210, highlight=False)
    tasks = quality_tasks(arguments.data, arguments.customers)
    names = chosen_tasks([task.name for task in tasks], arguments.task)
    records, is_complete = run(
        [task for task in tasks if task.name in names], arguments.seeds, console
    )
    is_whole = (
        len(names) == len(tasks) and arguments.seeds == SEEDS and arguments.customers == CUSTOMERS
    )
    show_records(console, records)
    out = arguments.out or (RESULTS / "quality.json" if is_whole and is_complete else None)
    keep_results(console, out, as_json(records))


if __name__ == "__main__":
    main()
