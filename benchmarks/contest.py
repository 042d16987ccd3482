"""One task, and what every system predicted for its test rows: the project by its own `dbt build`.

The project is built in a scratch folder with its default settings; then only the seed changes, and
only training repeats. Peers get the same rows.
"""

import importlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from benchmarks.bg_nbd import NoEstimateError
from benchmarks.data_sets import Source, Task
from benchmarks.measures import Ranked
from benchmarks.peers import PEERS, Peer
from benchmarks.problem import Problem, match, read_problem
from benchmarks.records import THIS_PROJECT
from benchmarks.scratch_project import (
    DECIDED,
    PREPARED,
    TRAINED,
    ScratchProject,
    trained_version,
)

PREDICTIONS_SQL = """
    select customer_id, as_of_date, probability
    from ml_test_predictions
    where version_id = $version and role = 'challenger' and system = 'model' and split = 'test'
"""
DECISION_SQL = """
    select decision, reason from attrition_promotions order by promotion_number desc limit 1
"""


@dataclass(frozen=True)
class Entry:
    """What one system predicted for the test rows, one array and one time per seed.

    Attributes:
        predictions: Probabilities of the test rows.
        seconds: Time to fit and to predict.
    """

    predictions: Sequence[np.ndarray]
    seconds: Sequence[float] = ()


@dataclass(frozen=True)
class Decision:
    """What the project's gate says of the first seed's version, which meets no champion."""

    decision: str
    reason: str


@dataclass(frozen=True)
class Contest:
    """The entries of every system for a task, by its name."""

    task: Task
    source: Source
    problem: Problem
    entries: Mapping[str, Entry]
    decision: Decision


@dataclass(frozen=True)
class Log:
    """Where a task says how far it is."""

    console: Console
    task: Task

    def say(self, text: str) -> None:
        self.console.print(f"{self.task.name}: {text}")

    def say_figures(
        self, system: str, seed: int, seeds: int, probability: np.ndarray, problem: Problem
    ) -> None:
        found = Ranked.of(probability, problem.outcome).metrics()
        self.say(
            f"{system}, seed {seed} of {seeds}: roc_auc {found['roc_auc']:.4f}, "
            f"log loss {found['log_loss']:.4f}, ece {found['ece']:.4f}"
        )


def run_task(task: Task, folder: Path, seeds: int, console: Console) -> Contest:
    """Train the project once per seed, and let every peer predict the same rows.

    Raises:
        UnavailableError: The data is not there.
        NoVersionError: The project trained nothing.
        BuildError: dbt did not finish.
    """
    log = Log(console, task)
    source = task.prepare(folder / "raw")
    project = ScratchProject(folder, {**source.settings, **task.settings})
    project.build(PREPARED)
    problem = read_problem(project, source)
    log.say(f"{len(problem.fit):,} rows to fit, {len(problem.test):,} to test")
    entries = {THIS_PROJECT: project_entry(project, problem, seeds, log)}
    decision = decide(project)
    log.say(f"{THIS_PROJECT}, {decision.decision}: {decision.reason}")
    for peer in PEERS:
        try:
            entries[peer.name] = peer_entry(peer, problem, seeds, log)
        except NoEstimateError as error:
            log.say(f"{peer.name}: no predictions, {error}")
    return Contest(task, source, problem, entries, decision)


def project_entry(project: ScratchProject, problem: Problem, seeds: int, log: Log) -> Entry:
    """Train with each seed in a build that finds everything before training in place."""
    predictions, seconds = [], []
    for seed in range(1, seeds + 1):
        started = time.perf_counter()
        project.build(TRAINED, random_seed=seed)
        seconds.append(time.perf_counter() - started)
        predictions.append(project_predictions(project, problem, seed))
        log.say_figures(THIS_PROJECT, seed, seeds, predictions[-1], problem)
    return Entry(predictions, seconds)


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


def decide(project: ScratchProject) -> Decision:
    """Let the gate judge the first seed's version; nothing is trained, there is no champion."""
    project.build(DECIDED, random_seed=1, backtest_quarters=0)
    return Decision(*project.query(DECISION_SQL).iloc[0])


def peer_entry(peer: Peer, problem: Problem, seeds: int, log: Log) -> Entry:
    """Let a peer predict, once per seed where its seed matters.

    Raises:
        NoEstimateError: It has no estimate for this data.
    """
    importlib.import_module(peer.package)
    count = seeds if peer.is_seeded else 1
    predictions, seconds = [], []
    for seed in range(1, count + 1):
        started = time.perf_counter()
        predictions.append(np.asarray(peer.predict(problem, seed), dtype=float))
        seconds.append(time.perf_counter() - started)
        log.say_figures(peer.name, seed, count, predictions[-1], problem)
    return Entry(predictions, seconds)
