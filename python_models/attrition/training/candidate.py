"""Training one version: read, search, weigh, fit, calibrate, choose a threshold, write one row."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from attrition import __version__
from attrition.errors import AttritionError
from attrition.relation import Relation
from attrition.settings.abilities import ANYWHERE
from attrition.settings.feature_names import definitions_in_catalog
from attrition.settings.loading import check_settings
from attrition.settings.machine import lacking
from attrition.training.blend import TREES, Blend, choose_weights, described
from attrition.training.calibration import apply_calibration, fit_calibration, has_enough
from attrition.training.fingerprints import code_fingerprint, data_fingerprint, version_id
from attrition.training.frame import Frame, read_frame, selected_features
from attrition.training.linear import (
    LINEAR,
    STRENGTHS,
    LinearModel,
    fit_linear,
    peer_columns,
)
from attrition.training.metrics import expit, row_log_loss
from attrition.training.noise import CustomerBootstrap
from attrition.training.preprocessing import profile
from attrition.training.rows import Rows
from attrition.training.sampling import balance
from attrition.training.search import MOST_ROWS, SearchResult, fit_booster, on_all_rows, search
from attrition.training.threshold import choose_threshold

logger = logging.getLogger(__name__)

Fit = Callable[[Rows, Mapping[str, Any], int, int, int | None], bytes]
"""Fits a booster with given hyperparameters; arguments and bytes as of `search.fit_booster`."""


@dataclass(frozen=True)
class Recipe:
    """The settings that training reads, as `training_plan.settings` carries them."""

    split: Mapping[str, Any]
    refit: str
    sampling: str
    hyperparameters: Mapping[str, Any]
    optimize: str
    num_tuning_rounds: int
    max_tuning_minutes: float | None
    max_rows: int
    random_seed: int
    calibration: str
    threshold: Mapping[str, Any]
    engine: str = "local"
    device: str = "cpu"

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """Read the JSON of all settings; names that training does not read are ignored.

        Raises:
            TypeError: A setting without a default here is missing; the plan merges defaults in.
        """
        settings = json.loads(text)
        names = settings.keys() & cls.__dataclass_fields__.keys()
        return cls(**{name: settings[name] for name in names})


@dataclass(frozen=True)
class Fitted:
    """The three fits of a version and what was learnt about them."""

    found: SearchResult
    is_reproducible: bool
    search: Blend
    judged: Blend
    serving: Blend
    serving_mask: np.ndarray
    judged_calibration: Mapping[str, Any]
    serving_calibration: Mapping[str, Any]
    decision_threshold: float
    baselines: Mapping[str, Any]


def train(
    plan: Mapping[str, Any],
    catalog: Relation,
    dataset: Relation,
    threads: int | None = None,
    fit: Fit = fit_booster,
) -> dict[str, Any] | None:
    """Train one version and return its row, or none where the labelled rows do not allow it.

    Args:
        plan: The row of `training_plan`.
        catalog: `attrition_feature_catalog`.
        dataset: `modeling_dataset`.
        threads: Threads of XGBoost, none for all; the result does not depend on it.
        fit: Fits the judged and the serving booster; the search fits its own, here, and so are
            the linear models. Any but the default makes a version that does not count as
            reproducible.

    Raises:
        SettingsError: Settings are wrong, which a dbt without the library does not see.
        AttritionError: This machine lacks what `engine` or `device` needs.
    """
    definitions = definitions_in_catalog(catalog.rows())
    check_settings(json.loads(plan["settings"]), definitions, ANYWHERE)
    settings = Recipe.from_json(plan["settings"])
    for _, problem in lacking(settings.engine, settings.device):
        raise AttritionError(problem)
    frame = read_frame(dataset, selected_features(catalog), settings.max_rows)
    obstacle = _obstacle(frame)
    if obstacle:
        logger.warning("no candidate was trained: %s", obstacle)
        return None
    fitted = _fit(frame, settings, _population_size(dataset), threads, fit)
    row = _row(plan, settings, frame, fitted)
    if row["version_id"] == plan.get("challenger_version"):
        logger.info("forced, unchanged: version %s came out again", row["version_id"])
    else:
        logger.info("trained version %s on %d rows", row["version_id"], row["fit_row_count"])
    return row


def split_rule(split: Mapping[str, Any], test_starts_on: dt.date | None) -> dict[str, Any]:
    """Return what says, later and of any row, whether the judged fit was kept from it."""
    if split["mode"] != "randomized":
        return {"mode": "last_n_months", "test_starts_on": test_starts_on.isoformat()}
    return {"mode": split["mode"], "perc_test": split["perc_test"]}


def _obstacle(frame: Frame) -> str | None:
    """Say why rows do not allow a fit, or nothing."""
    if not frame.preprocessing.width:
        return "no selected feature has a value in the training rows"
    for split in ("train", "validation"):
        labels = frame.is_attrition[frame.in_split(split)]
        attritions = int(np.sum(labels))
        if attritions in (0, len(labels)):
            return (
                f"split `{split}` has {len(labels)} rows with {attritions} attritions; it needs "
                "customers who left and customers who stayed"
            )
    return None


def _population_size(dataset: Relation) -> int:
    return dataset.count([[("as_of_date", "==", dataset.newest("as_of_date"))]])


def _fit(
    frame: Frame, settings: Recipe, population_size: int, threads: int | None, fit: Fit
) -> Fitted:
    seed, is_validation = settings.random_seed, frame.in_split("validation")
    train_rows = balance(frame.rows(frame.in_split("train")), settings.sampling, seed)
    validation_rows = frame.rows(is_validation)
    bootstrap = CustomerBootstrap(frame.customers[is_validation], seed)
    found = _searched(frame, settings, train_rows, validation_rows, bootstrap, threads)
    final_parameters = {**found.best.parameters, "device": settings.device}
    searched = _weighed(frame, found.best.booster, train_rows, validation_rows, bootstrap)

    def fit_on(mask: np.ndarray) -> Blend:
        rows = balance(frame.rows(mask), settings.sampling, seed)
        booster = fit(rows, final_parameters, found.best.num_round, seed, threads)
        return searched.fitted_on(rows, booster)

    fit_mask, refit_mask = frame.flag("is_fit"), frame.flag("is_refit")
    judged = fit_on(fit_mask)
    serving_mask = refit_mask if settings.refit == "all_labelled" else fit_mask
    serving = fit_on(refit_mask) if settings.refit == "all_labelled" else judged
    judged_rule, serving_rule = _calibrations(frame, settings, judged, serving)
    choice = _Threshold(frame, settings.threshold, population_size)
    return Fitted(
        found=found,
        is_reproducible=fit is fit_booster and settings.device == "cpu" and not found.is_cut,
        search=searched,
        judged=judged,
        serving=serving,
        serving_mask=serving_mask,
        judged_calibration=judged_rule,
        serving_calibration=serving_rule,
        decision_threshold=choice.of(searched.margin, judged.margin, judged_rule),
        baselines=_baselines(frame, searched, judged, serving, choice),
    )


def _searched(
    frame: Frame,
    settings: Recipe,
    train: Rows,
    validation: Rows,
    bootstrap: CustomerBootstrap,
    threads: int | None,
) -> SearchResult:
    """Search on all rows, or where they are many on a sample of customers, and then fit on all."""
    masks = [frame.in_split(split) for split in ("train", "validation")]
    samples = [frame.sample(mask, MOST_ROWS, settings.random_seed) for mask in masks]
    is_sampled = [sample is not mask for sample, mask in zip(samples, masks, strict=True)]
    tried, judged = train, validation
    if is_sampled[0]:
        tried = balance(frame.rows(samples[0]), settings.sampling, settings.random_seed)
    if is_sampled[1]:
        judged = frame.rows(samples[1])
        bootstrap = CustomerBootstrap(frame.customers[samples[1]], settings.random_seed)
    shared = {
        "hyperparameters": settings.hyperparameters,
        "optimize": settings.optimize,
        "random_seed": settings.random_seed,
        "threads": threads,
        # the graphics cards of a cluster are not this machine's
        "device": "cpu" if settings.engine == "ray" else settings.device,
    }
    found = search(
        tried,
        judged,
        bootstrap,
        **shared,
        num_tuning_rounds=settings.num_tuning_rounds,
        max_minutes=settings.max_tuning_minutes,
    )
    return on_all_rows(found, train, validation, **shared) if any(is_sampled) else found


def _weighed(
    frame: Frame, booster: bytes, train: Rows, validation: Rows, bootstrap: CustomerBootstrap
) -> Blend:
    """Fit the linear models beside the trees, and choose the weights of all on validation rows."""
    columns = peer_columns(frame.preprocessing, train)
    linears = {name: fit_linear(train, columns[name]) for name in columns if name != LINEAR}
    linears[LINEAR] = _linear(train, validation, bootstrap)
    parts = Blend(booster, linears, {TREES: 1.0})
    margins = {name: parts.part_margin(name, validation.matrix) for name in (TREES, *linears)}
    weights = choose_weights(margins, validation.is_attrition, bootstrap)
    logger.info(
        "the version is %s (validation log loss %s)",
        described(weights),
        ", ".join(
            f"{name} {np.mean(row_log_loss(expit(margin), validation.is_attrition)):.4f}"
            for name, margin in margins.items()
        ),
    )
    return Blend(booster, linears, weights)


def _linear(train: Rows, validation: Rows, bootstrap: CustomerBootstrap) -> LinearModel:
    """Fit the model on all columns; a weaker penalty must be better by more than noise."""
    columns = range(train.width)
    chosen, least = None, None
    for strength in STRENGTHS:
        model = fit_linear(train, columns, strength)
        loss = row_log_loss(model.probability(validation.matrix), validation.is_attrition)
        if least is None or np.mean(least - loss) > bootstrap.mean_error(least - loss):
            chosen, least = model, loss
    return chosen


def _calibrations(
    frame: Frame, settings: Recipe, judged: Blend, serving: Blend
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fit the judged rule, and for another serving fit a rule by the same method."""
    judged_rule = _calibration(frame, settings.calibration, judged, frame.in_split("calibration"))
    if serving is judged:
        return judged_rule, judged_rule
    mask = frame.flag("is_calibration_customer")
    return judged_rule, _calibration(frame, judged_rule["method"], serving, mask)


def _calibration(frame: Frame, method: str, blend: Blend, mask: np.ndarray) -> dict[str, Any]:
    labels = frame.is_attrition[mask]
    if method != "none" and not has_enough(labels):
        logger.info("no calibration: %d rows, %d attritions", len(labels), int(np.sum(labels)))
        return {"method": "none"}
    margin = blend.margin(frame.matrix[mask])
    return fit_calibration(method, margin, labels, frame.customers[mask], frame.as_of_dates[mask])


@dataclass(frozen=True)
class _Threshold:
    """Where thresholds are chosen: calibration rows, or validation rows if these are too few."""

    frame: Frame
    setting: Mapping[str, Any]
    population_size: int

    def of(
        self,
        search: Callable[[np.ndarray], np.ndarray],
        judged: Callable[[np.ndarray], np.ndarray],
        judged_rule: Mapping[str, Any],
    ) -> float:
        """Return the threshold of what has these margins; a validation row asks the search's."""
        frame, is_calibration = self.frame, self.frame.in_split("calibration")
        is_judged = has_enough(frame.is_attrition[is_calibration])
        mask = is_calibration if is_judged else frame.in_split("validation")
        margin = (judged if is_judged else search)(frame.matrix[mask])
        rule = judged_rule if is_judged else {"method": "none"}
        return choose_threshold(
            self.setting,
            apply_calibration(rule, margin, frame.as_of_dates[mask]),
            frame.is_attrition[mask],
            frame.as_of_dates[mask],
            self.population_size,
        )


def _baselines(
    frame: Frame, search: Blend, judged: Blend, serving: Blend, choice: _Threshold
) -> dict[str, Any]:
    """Return the linear models of each fit, with a threshold of their own."""
    names = frame.preprocessing.column_names
    return {
        name: {
            "search": search.linears[name].as_dict(),
            "judged": judged.linears[name].as_dict(),
            "serving": serving.linears[name].as_dict(),
            "features": [names[column] for column in model.columns],
            "decision_threshold": choice.of(
                search.linears[name].margin, judged.linears[name].margin, {"method": "none"}
            ),
        }
        for name, model in search.linears.items()
    }


def _row(plan: Mapping[str, Any], settings: Recipe, frame: Frame, fitted: Fitted) -> dict[str, Any]:
    data, code = data_fingerprint(frame), code_fingerprint()
    preprocessing = frame.preprocessing.to_json()
    # what a clock ended, a cluster or a graphics card fitted, has no content but its result
    result = "" if fitted.is_reproducible else hashlib.sha256(fitted.judged.booster).hexdigest()
    fit_mask = frame.flag("is_fit")
    best = fitted.found.best
    return {
        "version_id": version_id(plan["settings_fingerprint"], data, code, preprocessing + result),
        "version_label": json.loads(plan["settings"]).get("version_label"),
        "created_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        "run_id": plan["run_id"],
        "settings_fingerprint": plan["settings_fingerprint"],
        "task_fingerprint": plan["task_fingerprint"],
        "data_fingerprint": data,
        "code_fingerprint": code,
        "newest_label_date": plan["newest_label_date"],
        "test_starts_on": plan["test_starts_on"],
        "split_rule": json.dumps(split_rule(settings.split, plan["test_starts_on"])),
        "validation_mode": plan["validation_mode"],
        "settings": plan["settings"],
        "preprocessing": preprocessing,
        "hyperparameters": json.dumps(best.parameters),
        "num_round": best.num_round,
        "search_booster": fitted.search.booster,
        "judged_booster": fitted.judged.booster,
        "serving_booster": fitted.serving.booster,
        "weights": json.dumps(fitted.search.weights),
        "model_form": described(fitted.search.weights),
        "judged_calibration": json.dumps(fitted.judged_calibration),
        "serving_calibration": json.dumps(fitted.serving_calibration),
        "decision_threshold": fitted.decision_threshold,
        "judged_last_label_date": frame.newest_date(fit_mask),
        "serving_last_label_date": frame.newest_date(fitted.serving_mask),
        "trials": json.dumps(fitted.found.trials),
        "baselines": json.dumps(fitted.baselines),
        "baseline_profile": json.dumps(
            profile(frame.preprocessing, frame.filter(fit_mask)), ensure_ascii=False
        ),
        "is_reproducible": fitted.is_reproducible,
        "fit_row_count": int(np.sum(fit_mask)),
        "fit_attrition_count": int(np.sum(frame.is_attrition[fit_mask])),
        "calibration_row_count": int(np.sum(frame.in_split("calibration"))),
        "library_version": __version__,
        "xgboost_version": _xgboost_version(),
    }


def _xgboost_version() -> str:
    import xgboost

    return xgboost.__version__
