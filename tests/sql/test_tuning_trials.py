"""Trials in SQL are those of the library's search."""

from __future__ import annotations

import json

import duckdb
import numpy as np
import pandas as pd
import pytest
from attrition.training.noise import CustomerBootstrap
from attrition.training.search import Rows, SearchResult, search
from quality_sql import frame, store


def searched(optimize: str, hyperparameters: dict, num_tuning_rounds: int = 6) -> SearchResult:
    """Return a real search on rows of two columns."""
    rng = np.random.default_rng(5)
    parts = []
    for count in (600, 300):
        matrix = rng.normal(size=(count, 2)).astype(np.float32)
        leaves = rng.random(count) < 1 / (1 + np.exp(1 - matrix[:, 0]))
        parts.append(Rows(matrix, leaves.astype(np.int32)))
    return search(
        *parts,
        CustomerBootstrap(np.arange(300), 0),
        hyperparameters={"num_round": {"min": 10, "max": 40, "log": False}, **hyperparameters},
        optimize=optimize,
        num_tuning_rounds=num_tuning_rounds,
        random_seed=3,
        threads=1,
    )


def version_of(found: SearchResult, optimize: str, version: str = "v1") -> dict[str, object]:
    return {
        "version_id": version,
        "settings": json.dumps({"optimize": optimize}),
        "hyperparameters": json.dumps(found.best.parameters),
        "num_round": found.best.num_round,
        "trials": json.dumps(found.trials),
    }


@pytest.mark.parametrize("optimize", ["auc", "log_loss", "f1"])
def test_trials_are_those_of_the_search(
    optimize: str, connection: duckdb.DuckDBPyConnection
) -> None:
    found = searched(optimize, {})
    store(connection, "attrition_model_artefacts", pd.DataFrame([version_of(found, optimize)]))

    trials = frame(connection, "attrition_tuning_trials").sort_values("trial")

    assert trials.trial.tolist() == [one["number"] for one in found.trials]
    assert trials.state.tolist() == [one["state"] for one in found.trials]
    for name in ("eta", "max_depth", "reg_alpha", "reg_lambda", "subsample", "gamma"):
        assert trials[name].tolist() == [one["parameters"][name] for one in found.trials]
    assert [json.loads(text) for text in trials.parameters] == [
        one["parameters"] for one in found.trials
    ]
    assert trials.num_round.tolist() == [one["num_round"] for one in found.trials]
    assert trials.validation_roc_auc.tolist() == [one["metrics"]["auc"] for one in found.trials]
    for name in ("average_precision", "log_loss", "f1", "accuracy"):
        expected = [one["metrics"][name] for one in found.trials]
        assert trials[f"validation_{name}"].tolist() == expected
    measured = "validation_roc_auc" if optimize == "auc" else f"validation_{optimize}"
    assert trials.value.tolist() == pytest.approx(trials[measured].tolist(), abs=1e-6)
    assert (trials.value > 0).all()
    assert (trials.duration_seconds > 0).all()
    assert trials[trials.is_best].trial.tolist() == [found.best.number]


def test_of_trials_that_are_alike_the_first_is_best(connection: duckdb.DuckDBPyConnection) -> None:
    found = searched("auc", {})
    best = found.trials[found.best.number - 1]
    longer = dict(best, number=0, num_round=best["num_round"] + 10)
    trials = [longer, *found.trials, dict(best, number=7)]
    version = version_of(found, "auc") | {"trials": json.dumps(trials)}
    store(connection, "attrition_model_artefacts", pd.DataFrame([version]))

    trials = frame(connection, "attrition_tuning_trials")

    assert len(trials) == 8
    assert trials[trials.is_best].trial.tolist() == [found.best.number]


def test_the_best_trial_again_on_all_rows_is_the_best(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = searched("auc", {})
    again = dict(found.trials[found.best.number - 1], number=7, row_count=6000)
    trials = json.dumps([*found.trials, again])
    version = version_of(found, "auc") | {"trials": trials}
    store(connection, "attrition_model_artefacts", pd.DataFrame([version]))

    made = frame(connection, "attrition_tuning_trials").sort_values("trial")

    assert made[made.is_best].trial.tolist() == [7]
    assert made.row_count.tolist() == [600] * 6 + [6000]


def test_each_version_has_its_own_trials(connection: duckdb.DuckDBPyConnection) -> None:
    first, second = searched("auc", {}), searched("log_loss", {"max_depth": 1})
    versions = [version_of(first, "auc", "v1"), version_of(second, "log_loss", "v2")]
    store(connection, "attrition_model_artefacts", pd.DataFrame(versions))

    trials = frame(connection, "attrition_tuning_trials")

    best = trials[trials.is_best].set_index("version_id").trial.to_dict()
    assert best == {"v1": first.best.number, "v2": second.best.number}
    assert trials.groupby("version_id").size().to_dict() == {"v1": 6, "v2": 6}
    assert set(trials[trials.version_id == "v2"].max_depth) == {1}
