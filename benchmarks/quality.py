"""How good the project is beside its peers: python -m benchmarks.quality

Each task is built by the project's own `dbt build` in a scratch folder, with its default settings;
then only the seed changes, and only training repeats. Peers get the same rows. On generated data
all of them are held against the true probabilities too, which no model can beat.
"""

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from rich.console import Console

from benchmarks.data_sets import (
    SHARED_DATA,
    Source,
    Task,
    UnavailableError,
    chosen_tasks,
    quality_tasks,
)
from benchmarks.measures import Ranked, measure
from benchmarks.peers import PEERS
from benchmarks.problem import Problem, match, read_problem
from benchmarks.records import (
    RESULTS,
    THIS_PROJECT,
    Record,
    as_json,
    keep_results,
    show_records,
)
from benchmarks.scratch_project import (
    JUDGED,
    TRAINED,
    BuildError,
    ScratchProject,
    trained_version,
)

SEEDS = 5
CUSTOMERS = 20_000
TRUTH = "the truth, which no model can beat"
KNOWN_ROWS = "rows with a known truth"
PREDICTIONS_SQL = """
    select customer_id, as_of_date, probability
    from ml_test_predictions
    where version_id = $version and role = 'challenger' and system = 'model' and split = 'test'
"""


@dataclass(frozen=True)
class Contest:
    """The predictions of every system for the test rows of a task, one array per seed."""

    task: Task
    source: Source
    problem: Problem
    predictions: Mapping[str, Sequence[np.ndarray]]


def run_task(task: Task, folder: Path, seeds: int, console: Console) -> Contest:
    """Build the project once per seed, and let every peer predict the same rows.

    Raises:
        UnavailableError: The data is not there.
        BuildError: dbt did not finish.
    """
    source = task.prepare(folder / "raw")
    project = ScratchProject(folder, {**source.settings, **task.settings})
    project.build(JUDGED, random_seed=1)
    problem = read_problem(project, source)
    console.print(f"{task.name}: {len(problem.fit):,} rows to fit, {len(problem.test):,} to test")
    predictions: dict[str, list[np.ndarray]] = {THIS_PROJECT: []}
    for seed in range(1, seeds + 1):
        if seed > 1:
            project.build(TRAINED, random_seed=seed)
        predictions[THIS_PROJECT].append(project_predictions(project, problem, seed))
        _say(console, task, THIS_PROJECT, seed, seeds, predictions, problem)
    for peer in PEERS:
        count = seeds if peer.is_seeded else 1
        predictions[peer.name] = []
        for seed in range(1, count + 1):
            predictions[peer.name].append(np.asarray(peer.predict(problem, seed), dtype=float))
            _say(console, task, peer.name, seed, count, predictions, problem)
    return Contest(task, source, problem, predictions)


def project_predictions(project: ScratchProject, problem: Problem, seed: int) -> np.ndarray:
    """Return the test predictions of the version that was trained with a seed."""
    version = trained_version(project)
    trained_with = project.value(
        "select settings::json ->> 'random_seed' from attrition_model_artefacts "
        "where version_id = $version",
        version=version,
    )
    if trained_with != str(seed):
        raise ValueError(f"version {version} was trained with seed {trained_with}, not {seed}")
    found = project.query(PREDICTIONS_SQL, version=version)
    return match(problem.test, found, ["probability"])["probability"].to_numpy()


def _say(
    console: Console,
    task: Task,
    system: str,
    seed: int,
    seeds: int,
    predictions: Mapping[str, Sequence[np.ndarray]],
    problem: Problem,
) -> None:
    found = Ranked.of(predictions[system][-1], problem.outcome).metrics()
    console.print(
        f"{task.name}: {system}, seed {seed} of {seeds}: roc_auc {found['roc_auc']:.4f}, "
        f"log loss {found['log_loss']:.4f}, ece {found['ece']:.4f}"
    )


def records_of(contest: Contest) -> Iterator[Record]:
    """Measure every system on all test rows, then, where it is known, beside the truth."""
    test, outcome = contest.problem.test, contest.problem.outcome
    task = contest.task
    customers = test["customer_id"].to_numpy()
    for system, predictions in contest.predictions.items():
        measured = measure(predictions, outcome, customers)
        yield Record.of(task.data_set, task.question, system, len(test), len(predictions), measured)
    if contest.source.truth is None:
        return
    truth = true_probabilities(contest.source.truth, test)
    known = ~np.isnan(truth)
    for system, predictions in {TRUTH: [truth], **contest.predictions}.items():
        measured = measure([one[known] for one in predictions], outcome[known], customers[known])
        yield Record.of(
            task.data_set, KNOWN_ROWS, system, int(known.sum()), len(predictions), measured
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


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=SHARED_DATA, help="folder of CDNOW_master.txt")
    parser.add_argument("--task", action="append", help="run this task only; repeatable")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="of the generated data")
    parser.add_argument("--out", type=Path, help="write what ran to this file")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    console = Console(width=150, highlight=False)
    tasks = quality_tasks(arguments.data, arguments.customers)
    names = chosen_tasks([task.name for task in tasks], arguments.task)
    chosen = [task for task in tasks if task.name in names]
    records: list[Record] = []
    is_complete = (
        len(chosen) == len(tasks) and arguments.seeds == SEEDS and arguments.customers == CUSTOMERS
    )
    for task in chosen:
        with tempfile.TemporaryDirectory(prefix="quality_") as folder:
            try:
                contest = run_task(task, Path(folder), arguments.seeds, console)
            except (UnavailableError, BuildError) as error:
                console.print(f"{task.name}: skipped, {error}")
                is_complete = False
                continue
            records += records_of(contest)
    show_records(console, records)
    out = arguments.out or (RESULTS / "quality.json" if is_complete else None)
    keep_results(console, out, as_json(records))


if __name__ == "__main__":
    main()
