"""A Ray cluster on this machine beside one process: test AUC, a killed worker, a graphics card.

python -m benchmarks.speed.ray --customers 10000
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from attrition.generator import generate
from attrition.ray_engine import cluster
from attrition.settings.machine import has_gpu
from attrition.training.frame import Frame, read_frame, selected_features
from attrition.training.search import fit_booster
from attrition.warehouse.duckdb import DuckDBRelation
from sklearn.metrics import roc_auc_score

from benchmarks.scratch_project import JUDGED, TRAINED, ScratchProject, trained_version
from benchmarks.speed import Measured

MONTHS, SEED, WORKERS, TREES = 36, 7, 2, 600
SETTINGS = {"features": "core", "num_tuning_rounds": 5, "backtest_quarters": 0}


def measured(customers: int) -> list[Measured]:
    """Return the rows of this module; what cannot run here is printed instead."""
    with tempfile.TemporaryDirectory() as folder:
        project, parameters, aucs = _two_versions(Path(folder), customers)
        with duckdb.connect(str(project.database), read_only=True) as connection:
            names = ("modeling_dataset", "attrition_feature_catalog")
            dataset, catalog = (DuckDBRelation(connection.table(name)) for name in names)
            frame = read_frame(dataset, selected_features(catalog), 1_000_000)
    name = f"version of {WORKERS} Ray workers: difference of test AUC"
    rows = [
        _difference(name, customers, aucs["ray"], aucs["local"]),
        *_killed(frame, parameters, customers),
        *_on_a_graphics_card(frame, parameters, customers),
    ]
    return [*rows, pace()]


def pace(rows: int = 1_000_000, columns: int = 24, rounds: int = 50) -> Measured:
    """Return how many rows a core works through in a second of a round, from which sizes that no
    machine here holds are worked out."""
    import xgboost

    rng = np.random.default_rng(SEED)
    matrix = rng.normal(size=(rows, columns)).astype("float32")
    labels = (rng.random(rows) < 1 / (1 + np.exp(-matrix[:, 0]))).astype("float32")
    binned = xgboost.QuantileDMatrix(matrix, labels)
    parameters = {"max_depth": 6, "eta": 0.1, "objective": "binary:logistic"}
    started = time.process_time()
    xgboost.train(parameters, binned, rounds)
    each = rows * rounds / (time.process_time() - started)
    name = f"a round of depth 6 on {columns} columns: rows a core-second"
    return Measured(name, rows, each, "rows")


def _two_versions(
    folder: Path, customers: int
) -> tuple[ScratchProject, dict[str, Any], dict[str, float]]:
    """Train a version here and one on Ray; return their project, hyperparameters and test AUC."""
    generate(customers, MONTHS, SEED, folder / "raw")
    settings = {"raw_data": "source", "raw_location": str(folder / "raw"), **SETTINGS}
    project, aucs, parameters = ScratchProject(folder / "built", settings), {}, {}
    for engine, select in (("local", JUDGED), ("ray", TRAINED)):
        started = time.perf_counter()
        project.build(select, engine=engine, num_workers=1 if engine == "local" else WORKERS)
        version = trained_version(project)
        aucs[engine] = project.value(
            "select roc_auc from attrition_model_metrics where version_id = $version "
            "and split = 'test'",
            version=version,
        )
        found = project.value(
            "select hyperparameters from attrition_model_artefacts where version_id = $version",
            version=version,
        )
        seconds = time.perf_counter() - started
        print(f"{engine}: version {version}, {seconds:.0f} s, test AUC {aucs[engine]:.5f}")
        parameters = json.loads(found)
    return project, parameters, aucs


def _killed(frame: Frame, parameters: dict[str, Any], customers: int) -> list[Measured]:
    """Fit here, on Ray, and on Ray with a worker killed after its first checkpoint."""
    rows = frame.rows(frame.flag("is_fit"))
    print(f"{len(rows):,} rows of {len(frame.table):,} labelled, {rows.matrix.shape[1]} columns")
    arguments = rows, parameters, TREES, SEED
    here, seconds_here = _timed(lambda: fit_booster(*arguments))
    with tempfile.TemporaryDirectory() as storage, cluster(WORKERS, None, storage) as fit:
        there, seconds_there = _timed(lambda: fit(*arguments))
        killer = threading.Thread(target=_kill_a_worker, args=(Path(storage),), daemon=True)
        killer.start()
        recovered, seconds_recovered = _timed(lambda: fit(*arguments))
        killer.join(timeout=1)
        is_killed = not killer.is_alive()
    lost = TREES - _trees(recovered)
    here_auc, there_auc, recovered_auc = (_auc(one, frame) for one in (here, there, recovered))
    fit = f"fit of {TREES} trees, {WORKERS} Ray workers"
    slower, retried = seconds_there / seconds_here, seconds_recovered / seconds_there
    is_whole = is_killed and not lost
    return [
        _difference(f"{fit}: difference of test AUC", customers, there_auc, here_auc),
        Measured(f"{fit}, one killed: trees lost", customers, lost, "trees", goal=0, met=is_whole),
        _difference(
            f"{fit}, one killed: difference of test AUC", customers, recovered_auc, here_auc
        ),
        Measured(fit, customers, seconds_there, "s", "one process", slower),
        Measured(f"{fit}, one killed", customers, seconds_recovered, "s", fit, retried),
    ]


def _difference(name: str, customers: int, there: float, here: float) -> Measured:
    apart = abs(there - here)
    return Measured(
        name, customers, apart, "ROC AUC", f"local, {here:.5f}", goal=0.001, met=apart <= 0.001
    )


def _on_a_graphics_card(frame: Frame, parameters: dict[str, Any], customers: int) -> list[Measured]:
    if not has_gpu():
        print("device cuda: not run, XGBoost finds no graphics card here")
        return []
    rows = frame.rows(frame.flag("is_fit"))
    _, here = _timed(lambda: fit_booster(rows, parameters, TREES, SEED))
    _, there = _timed(lambda: fit_booster(rows, {**parameters, "device": "cuda"}, TREES, SEED))
    name = f"fit of {TREES} trees, device cuda"
    return [Measured(name, customers, there, "s", "cpu", there / here)]


def _kill_a_worker(storage: Path) -> None:
    """Kill the process of one worker as soon as Ray knows of a checkpoint."""
    from ray.util.state import list_actors

    alive = [("class_name", "=", "RayTrainWorker"), ("state", "=", "ALIVE")]
    workers: list[Any] = []
    while len(workers) < WORKERS:
        time.sleep(0.1)
        workers = list_actors(filters=alive)
    while not list(storage.glob("*/checkpoint_manager_snapshot.json")):
        time.sleep(0.02)
    os.kill(workers[0].pid, signal.SIGKILL)


def _timed(function: Callable[[], bytes]) -> tuple[bytes, float]:
    started = time.perf_counter()
    return function(), time.perf_counter() - started


def _trees(booster: bytes) -> int:
    import xgboost

    return xgboost.Booster(model_file=bytearray(booster)).num_boosted_rounds()


def _auc(booster: bytes, frame: Frame) -> float:
    import xgboost

    is_test = frame.in_split("test")
    matrix = xgboost.DMatrix(np.asarray(frame.matrix[is_test]))
    predicted = xgboost.Booster(model_file=bytearray(booster)).predict(matrix)
    return float(roc_auc_score(frame.is_attrition[is_test], predicted))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=10_000)
    logging.basicConfig(format="%(message)s")
    logging.getLogger("attrition").setLevel(logging.INFO)
    for row in measured(parser.parse_args().customers):
        verdict = {True: "met", False: "not met", None: ""}[row.met]
        ratio = f"{row.ratio:.2f} times" if row.ratio else ""
        print(f"{row.name}: {row.value:.5g} {row.unit} {ratio} {row.against or ''} {verdict}")


if __name__ == "__main__":
    main()
