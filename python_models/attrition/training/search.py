"""Searching for hyperparameters, and fitting one booster with given ones.

Every step is repeatable: the sampler is seeded, trials run one after the other, hyperparameters are
rounded before use, the metric is computed in float64 (`attrition.training.metrics`), and the base
score is given rather than estimated. Only a search that `max_tuning_minutes` ended depends on the
clock, and it says so.

Beyond `MOST_ROWS` rows the trials read a sample of whole customers, and the best of them is fitted
once more on all rows, which decide its number of rounds anew.

A trial ends early by log loss, whatever `optimize` says: on few rows a ranking is best by chance
after a dozen rounds. And it replaces the best one only beyond what other customers might have made
of the difference: among many trials on few rows, the best by a little is the luckiest.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from attrition.training.metrics import METRICS, expit, gain, log_loss
from attrition.training.noise import CustomerBootstrap
from attrition.training.quantile_matrix import quantile_matrix
from attrition.training.rows import Rows
from attrition.training.sampling import corrected

if TYPE_CHECKING:
    import optuna
    import xgboost

logger = logging.getLogger(__name__)

ROUNDS_BETWEEN_LOOKS = 10
PATIENCE = 60
"""Rounds without improvement after which a trial stops."""
PRUNING_STARTS_AT = 100
MOST_ROWS = 40_000
"""About how many rows a trial is fitted on, and judged by; all where there are less."""
DEFAULT_ROUNDS = {"min": 50, "max": 600}


@dataclass(frozen=True)
class Dimension:
    """One hyperparameter to search: bounds, both possible, and the scale."""

    low: float
    high: float
    log: bool = False
    is_integer: bool = False


DEFAULT_SPACE: dict[str, Dimension] = {
    "max_depth": Dimension(1, 6, is_integer=True),
    "eta": Dimension(0.02, 0.3, log=True),
    "min_child_weight": Dimension(1.0, 100.0, log=True),
    "subsample": Dimension(0.5, 1.0),
    "colsample_bytree": Dimension(0.4, 1.0),
    "reg_lambda": Dimension(0.1, 30.0, log=True),
    "reg_alpha": Dimension(0.001, 10.0, log=True),
    "gamma": Dimension(0.0, 5.0),
}


def _point(depth: int, eta: float, weight: float, rows: float, columns: float) -> dict[str, float]:
    return {
        "max_depth": depth,
        "eta": eta,
        "min_child_weight": weight,
        "subsample": rows,
        "colsample_bytree": columns,
        "reg_lambda": 3.0,
        "reg_alpha": 0.01,
        "gamma": 0.0,
    }


FIRST_POINTS: tuple[dict[str, float], ...] = (
    _point(3, 0.05, 25.0, 0.8, 0.7),
    _point(1, 0.1, 20.0, 0.9, 0.9),
    _point(2, 0.08, 25.0, 0.8, 0.7),
    _point(5, 0.05, 10.0, 0.7, 0.6),
)
"""Tried before the sampler proposes anything: shallow regularised trees and one deeper point."""


@dataclass(frozen=True)
class Space:
    """What is searched, what is fixed, and how many rounds a booster may have."""

    dimensions: Mapping[str, Dimension]
    fixed: Mapping[str, Any]
    min_rounds: int
    max_rounds: int

    @property
    def is_stopped_early(self) -> bool:
        """Whether validation chooses the number of rounds."""
        return self.min_rounds < self.max_rounds


@dataclass(frozen=True)
class Trial:
    """One trial: hyperparameters, best round, validation metrics; a larger `value` is better.

    `probability` holds its predictions of the validation rows.
    """

    number: int
    parameters: Mapping[str, Any]
    num_round: int
    value: float
    is_pruned: bool
    row_count: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)
    probability: np.ndarray = field(default_factory=lambda: np.empty(0))
    booster: bytes = b""
    duration_seconds: float = 0.0

    def record(self) -> dict[str, Any]:
        """Return what the version keeps of a trial."""
        return {
            "number": self.number,
            "parameters": dict(self.parameters),
            "num_round": self.num_round,
            "row_count": self.row_count,
            "value": self.value,
            "state": "pruned" if self.is_pruned else "complete",
            "duration_seconds": round(self.duration_seconds, 3),
            "metrics": dict(self.metrics),
        }


@dataclass(frozen=True)
class SearchResult:
    """The best trial, with its booster, the record of all, and whether a clock ended the search."""

    best: Trial
    trials: tuple[dict[str, Any], ...]
    is_cut: bool = False


def space_of(hyperparameters: Mapping[str, Any]) -> Space:
    """Merge the setting `hyperparameters` into the default search space.

    Args:
        hyperparameters: Name to a fixed value or to `{min, max, log}`; what is not named keeps its
            default. A fixed `num_round` is trained in full; a range is stopped by validation.

    Raises:
        ValueError: A name is unknown.
    """
    dimensions = dict(DEFAULT_SPACE)
    fixed: dict[str, Any] = {}
    rounds: Any = DEFAULT_ROUNDS
    for name, value in hyperparameters.items():
        if name == "num_round":
            rounds = value if isinstance(value, Mapping) else {"min": value, "max": value}
        elif name == "objective":
            fixed[name] = value
        elif name not in DEFAULT_SPACE:
            raise ValueError(f"hyperparameter {name!r}; known are {', '.join(DEFAULT_SPACE)}")
        elif isinstance(value, Mapping) and value["min"] < value["max"]:
            kind = DEFAULT_SPACE[name].is_integer
            dimensions[name] = Dimension(
                value["min"], value["max"], bool(value.get("log", False)), kind
            )
        else:
            fixed[name] = value["min"] if isinstance(value, Mapping) else value
            del dimensions[name]
    return Space(dimensions, fixed, int(rounds["min"]), int(rounds["max"]))


def first_points(space: Space) -> list[dict[str, float]]:
    """Return the points to try first, moved into the space, without repetitions."""
    points: list[dict[str, float]] = []
    for point in FIRST_POINTS:
        moved = {
            name: min(max(point[name], dimension.low), dimension.high)
            for name, dimension in space.dimensions.items()
        }
        if moved not in points:
            points.append(moved)
    return points


def search(
    train: Rows,
    validation: Rows,
    bootstrap: CustomerBootstrap,
    *,
    hyperparameters: Mapping[str, Any],
    optimize: str,
    num_tuning_rounds: int,
    random_seed: int,
    threads: int | None = None,
    max_minutes: float | None = None,
    device: str = "cpu",
) -> SearchResult:
    """Find the hyperparameters and the number of rounds that do best on validation rows.

    Both matrices are binned once and shared by all trials. A trial stops when `PATIENCE` rounds
    brought no smaller log loss; the median pruner ends trials that lag behind at the same round.

    Args:
        train: Rows to fit on, both classes present; they may be balanced.
        validation: Rows to judge by, both classes present.
        bootstrap: Of the customers of the validation rows.
        hyperparameters: The setting of that name.
        optimize: A name in `attrition.training.metrics.METRICS`.
        num_tuning_rounds: Number of trials.
        random_seed: Seed of the sampler and of the boosters.
        threads: Threads of XGBoost; none for all. The result does not depend on it.
        max_minutes: No trial starts after this time; none for no limit. The first always runs.
        device: What XGBoost fits on, `cpu` or `cuda`.

    Returns:
        The best trial and the record of all; of trials that differ by less than a standard error
        it is the first.
    """
    space = space_of(hyperparameters)
    train_matrix, validation_matrix = _matrices(train, validation, threads)
    study = _study(space, random_seed)
    trial_count = num_tuning_rounds if space.dimensions else 1
    records: list[dict[str, Any]] = []
    best: Trial | None = None
    started = time.monotonic()
    for number in range(1, trial_count + 1):
        if records and max_minutes and time.monotonic() - started > 60 * max_minutes:
            logger.warning("the search ended after %d trials: max_tuning_minutes", len(records))
            break
        asked = study.ask()
        parameters = _parameters(space, asked)
        on_device = {**parameters, "device": device}
        full = booster_parameters(on_device, train, random_seed, threads)
        watch = _Watch(space, optimize, validation.is_attrition, train.log_odds_shift, asked)
        trial = watch.run(number, parameters, full, train_matrix, validation_matrix)
        _tell(study, asked, trial)
        records.append(trial.record())
        if _is_better(trial, best, optimize, validation.is_attrition, bootstrap):
            best = trial
        _log(trial, trial_count, best, optimize)
    assert best is not None
    return SearchResult(best, tuple(records), is_cut=len(records) < trial_count)


def on_all_rows(
    found: SearchResult,
    train: Rows,
    validation: Rows,
    *,
    hyperparameters: Mapping[str, Any],
    optimize: str,
    random_seed: int,
    threads: int | None = None,
    device: str = "cpu",
) -> SearchResult:
    """Fit the best of trials on a sample once more, on all rows, as the last trial and the best.

    Args:
        found: Of a search on a sample.
        train: All rows to fit on.
        validation: All rows to judge by.
        hyperparameters: As of `search`.
        optimize: As of `search`.
        random_seed: As of `search`.
        threads: As of `search`.
        device: As of `search`.
    """
    parameters = found.best.parameters
    on_device = {**parameters, "device": device}
    full = booster_parameters(on_device, train, random_seed, threads)
    shift = train.log_odds_shift
    watch = _Watch(space_of(hyperparameters), optimize, validation.is_attrition, shift)
    matrices = _matrices(train, validation, threads)
    trial = watch.run(len(found.trials) + 1, parameters, full, *matrices)
    text = "trial %d again, on all %d rows: %s %.4f after %d rounds"
    value = abs(trial.value)
    logger.info(text, found.best.number, len(train), optimize, value, trial.num_round)
    return SearchResult(trial, (*found.trials, trial.record()), found.is_cut)


def _matrices(
    train: Rows, validation: Rows, threads: int | None
) -> tuple[xgboost.QuantileDMatrix, xgboost.QuantileDMatrix]:
    """Return both, binned by the training rows."""
    binned = quantile_matrix(train, threads)
    return binned, quantile_matrix(validation, threads, binned)


def _is_better(
    trial: Trial,
    best: Trial | None,
    optimize: str,
    is_attrition: np.ndarray,
    bootstrap: CustomerBootstrap,
) -> bool:
    """Say whether a trial is better by more than other customers might have made of it."""
    if trial.is_pruned or best is None:
        return not trial.is_pruned
    if trial.value <= best.value:
        return False
    noise = bootstrap.metric_error(optimize, trial.probability, best.probability, is_attrition)
    return trial.value - best.value > noise


def fit_booster(
    rows: Rows,
    parameters: Mapping[str, Any],
    num_round: int,
    random_seed: int,
    threads: int | None = None,
) -> bytes:
    """Fit a booster and return its bytes (UBJSON); the same rows in the same order, the same bytes.

    Args:
        rows: Rows in an order that does not depend on how they were stored.
        parameters: Hyperparameters as in `Trial.parameters`, and the `device` if it is no CPU.
        num_round: Number of trees.
        random_seed: Seed of row and column samples.
        threads: Threads of XGBoost; none for all.
    """
    import xgboost

    booster = xgboost.train(
        booster_parameters(parameters, rows, random_seed, threads),
        quantile_matrix(rows, threads),
        num_boost_round=num_round,
    )
    return corrected(bytes(booster.save_raw("ubj")), rows.log_odds_shift)


def booster_parameters(
    parameters: Mapping[str, Any], rows: Rows, random_seed: int, threads: int | None
) -> dict[str, Any]:
    """Return all parameters of XGBoost; the base score is the share of attritions."""
    directions = "(" + ",".join(str(direction) for direction in rows.directions) + ")"
    return {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "disable_default_eval_metric": True,
        "seed": random_seed,
        "base_score": float(np.float32(rows.attrition_share)),
        **({"monotone_constraints": directions} if any(rows.directions) else {}),
        **({} if threads is None else {"nthread": threads}),
        **parameters,
    }


@dataclass
class _Watch:
    """Trains one trial, looking at validation every few rounds; unasked for, it is not pruned."""

    space: Space
    optimize: str
    is_attrition: np.ndarray
    log_odds_shift: float = 0.0
    asked: optuna.Trial | None = None
    least_loss: float = math.inf
    best_round: int = 0
    best_probability: np.ndarray = field(default_factory=lambda: np.empty(0))

    def run(
        self,
        number: int,
        parameters: Mapping[str, Any],
        full: Mapping[str, Any],
        train: xgboost.QuantileDMatrix,
        validation: xgboost.QuantileDMatrix,
    ) -> Trial:
        import xgboost

        started = time.monotonic()
        booster = xgboost.Booster(dict(full), cache=[train, validation])
        is_pruned = False
        for round_count in range(1, self.space.max_rounds + 1):
            booster.update(train, iteration=round_count - 1)
            if not self._is_look(round_count):
                continue
            margin = booster.predict(validation, output_margin=True)
            is_pruned = self._look(round_count, expit(margin - self.log_odds_shift))
            if is_pruned or self._is_stale(round_count):
                break
        return Trial(
            number=number,
            parameters=parameters,
            num_round=self.best_round,
            value=gain(self.optimize, self.best_probability, self.is_attrition),
            is_pruned=is_pruned,
            row_count=train.num_row(),
            metrics={
                name: round(float(metric(self.best_probability, self.is_attrition)), 6)
                for name, metric in METRICS.items()
            },
            probability=self.best_probability,
            booster=b"" if is_pruned else self._best_booster(booster),
            duration_seconds=time.monotonic() - started,
        )

    def _best_booster(self, booster: xgboost.Booster) -> bytes:
        best = booster[: self.best_round]
        return corrected(bytes(best.save_raw("ubj")), self.log_odds_shift)

    def _is_look(self, round_count: int) -> bool:
        if not self.space.is_stopped_early:
            return round_count == self.space.max_rounds
        is_due = round_count % ROUNDS_BETWEEN_LOOKS == 0 or round_count == self.space.max_rounds
        return is_due and round_count >= self.space.min_rounds

    def _look(self, round_count: int, probability: np.ndarray) -> bool:
        loss = log_loss(probability, self.is_attrition)
        if loss < self.least_loss:
            self.least_loss, self.best_round = loss, round_count
            self.best_probability = probability
        if self.asked is None:
            return False
        self.asked.report(-self.least_loss, round_count)
        return bool(self.asked.should_prune())

    def _is_stale(self, round_count: int) -> bool:
        return round_count - self.best_round >= PATIENCE


def _study(space: Space, random_seed: int) -> optuna.Study:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    points = first_points(space)
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=random_seed, n_startup_trials=len(points) + 4),
        pruner=optuna.pruners.MedianPruner(
            n_startup_trials=len(points), n_warmup_steps=PRUNING_STARTS_AT
        ),
    )
    for point in points if space.dimensions else ():
        study.enqueue_trial(point)
    return study


def _parameters(space: Space, asked: optuna.Trial) -> dict[str, Any]:
    """Return the trial's hyperparameters, rounded so that the last bits of a log do not matter."""
    parameters: dict[str, Any] = dict(space.fixed)
    for name, dimension in space.dimensions.items():
        if dimension.is_integer:
            parameters[name] = asked.suggest_int(
                name, int(dimension.low), int(dimension.high), log=dimension.log
            )
        else:
            value = asked.suggest_float(name, dimension.low, dimension.high, log=dimension.log)
            rounded = float(f"{value:.3g}")
            parameters[name] = min(max(rounded, dimension.low), dimension.high)
    return dict(sorted(parameters.items()))


def _tell(study: optuna.Study, asked: optuna.Trial, trial: Trial) -> None:
    import optuna

    if trial.is_pruned:
        study.tell(asked, state=optuna.trial.TrialState.PRUNED)
    else:
        study.tell(asked, trial.value)


def _log(trial: Trial, trial_count: int, best: Trial | None, optimize: str) -> None:
    logger.info(
        "trial %d/%d: %s %.4f after %d rounds%s (best %.4f), depth %s, eta %s",
        trial.number,
        trial_count,
        optimize,
        abs(trial.value),
        trial.num_round,
        ", pruned" if trial.is_pruned else "",
        abs(best.value) if best else math.nan,
        trial.parameters.get("max_depth"),
        trial.parameters.get("eta"),
    )
