"""Training one model version: read, search, fit, calibrate, choose a threshold, write one row."""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.metadata
import json
import logging
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attrition import schemas, warehouse
from attrition.training.baselines import baseline_columns, fit_baseline, predict_baseline
from attrition.training.calibration import apply_calibration, fit_calibration, has_enough
from attrition.training.metrics import expit
from attrition.training.preprocessing import (
    Preprocessing,
    feature_types,
    fit_preprocessing,
    profile,
    transform,
)
from attrition.training.search import Rows, SearchResult, fit_booster, search
from attrition.training.threshold import choose_threshold

logger = logging.getLogger(__name__)

KEY_COLUMNS = {
    "customer_id": "text",
    "as_of_date": "date",
    "is_attrition": "integer",
    "split": "text",
    "is_fit": "boolean",
    "is_refit": "boolean",
    "is_calibration_customer": "boolean",
}
ORDER = ("customer_id", "as_of_date")
TRAINING_MODULES = (
    "training/baselines",
    "training/calibration",
    "training/candidate",
    "training/metrics",
    "training/preprocessing",
    "training/search",
    "training/threshold",
    "warehouse",
)
FITTING_LIBRARIES = ("numpy", "optuna", "scikit-learn")


@dataclass(frozen=True)
class TrainingSettings:
    """The settings that training reads, as `training_plan.settings` carries them."""

    split: Mapping[str, Any]
    refit: str
    hyperparameters: Mapping[str, Any]
    optimize: str
    num_tuning_rounds: int
    max_rows: int
    random_seed: int
    calibration: str
    threshold: Mapping[str, Any]

    @classmethod
    def from_json(cls, text: str) -> TrainingSettings:
        """Read the JSON of all settings; names that training does not read are ignored.

        Raises:
            KeyError: A setting is missing; the plan merges defaults in.
        """
        settings = json.loads(text)
        return cls(**{name: settings[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Frame:
    """The labelled rows that training reads, ordered by customer and date."""

    table: pa.Table
    preprocessing: Preprocessing

    @cached_property
    def matrix(self) -> np.ndarray:
        """Return the boosters' input, float32 (rows, columns)."""
        return transform(self.preprocessing, self.table)

    @cached_property
    def is_attrition(self) -> np.ndarray:
        """Return the labels, 0 or 1, shape (rows,)."""
        return self.table["is_attrition"].to_numpy()

    @cached_property
    def as_of_dates(self) -> np.ndarray:
        """Return the dates, datetime64, shape (rows,)."""
        return self.table["as_of_date"].to_numpy()

    @cached_property
    def customers(self) -> np.ndarray:
        """Return an integer per row that stands for its customer."""
        return pc.rank(self.table["customer_id"], tiebreaker="dense").to_numpy()

    def in_split(self, name: str) -> np.ndarray:
        """Return which rows are in a split."""
        return pc.equal(self.table["split"], name).to_numpy()

    def flag(self, name: str) -> np.ndarray:
        """Return a boolean column; unknown is false."""
        return pc.fill_null(self.table[name], False).to_numpy()

    def rows(self, mask: np.ndarray) -> Rows:
        """Return some rows as a booster reads them."""
        return Rows(self.matrix[mask], self.is_attrition[mask])

    def newest_date(self, mask: np.ndarray) -> dt.date:
        """Return the newest date among some rows."""
        return self.as_of_dates[mask].max().astype(object)


@dataclass(frozen=True)
class Fitted:
    """The three boosters and what was learnt about them."""

    found: SearchResult
    judged: bytes
    serving: bytes
    serving_mask: np.ndarray
    judged_calibration: Mapping[str, Any]
    serving_calibration: Mapping[str, Any]
    decision_threshold: float
    baselines: Mapping[str, Any]


def ml_candidate(plan: Any, catalog: Any, dataset: Any, session: Any) -> Any:
    """Train when the plan says so and return the candidate table, of one row or none.

    Args:
        plan: Relation `training_plan`, one row.
        catalog: Relation `attrition_feature_catalog`.
        dataset: Relation `modeling_dataset`.
        session: The warehouse's session.
    """
    planned = warehouse.rows(plan)
    is_due = bool(planned) and bool(planned[0]["is_due"])
    row = train(planned[0], catalog, dataset) if is_due else None
    table = schemas.table_of_rows([row] if row else [], schemas.CANDIDATE)
    return warehouse.from_arrow(table, session)


def train(
    plan: Mapping[str, Any], catalog: Any, dataset: Any, threads: int | None = None
) -> dict[str, Any] | None:
    """Train one version and return its row, or none where the labelled rows do not allow it.

    Args:
        plan: The row of `training_plan`.
        catalog: Relation `attrition_feature_catalog`.
        dataset: Relation `modeling_dataset`.
        threads: Threads of XGBoost, none for all; the result does not depend on it.
    """
    settings = TrainingSettings.from_json(plan["settings"])
    frame = read_frame(dataset, selected_features(catalog), settings.max_rows)
    hindrance = _hindrance(frame)
    if hindrance:
        logger.warning("no candidate was trained: %s", hindrance)
        return None
    fitted = _fit(frame, settings, _population_size(dataset), threads)
    row = _row(plan, settings, frame, fitted)
    if row["version_id"] == plan.get("challenger_version"):
        logger.info("forced, unchanged: version %s came out again", row["version_id"])
    else:
        logger.info("trained version %s on %d rows", row["version_id"], row["fit_row_count"])
    return row


def selected_features(catalog: Any) -> dict[str, str]:
    """Return the selected features in alphabetical order with their types."""
    selected = [row for row in warehouse.rows(catalog) if row["is_selected"]]
    return {
        row["feature"]: row["data_type"] for row in sorted(selected, key=lambda r: r["feature"])
    }


def read_frame(dataset: Any, data_types: Mapping[str, str], max_rows: int) -> Frame:
    """Read labelled rows; preprocessing is fitted on those of split `train` alone.

    Args:
        dataset: Relation `modeling_dataset`.
        data_types: Feature name to type.
        max_rows: About how many rows to read at most; whole customers are left out beyond it.
    """
    columns = {**KEY_COLUMNS, **feature_types(data_types)}
    table = warehouse.select(dataset, columns, cap(dataset, max_rows), ORDER)
    training = table.filter(pc.equal(table["split"], "train"))
    return Frame(table, fit_preprocessing(training, data_types))


def cap(dataset: Any, max_rows: int) -> str:
    """Return the SQL condition of labelled rows, with customers left out beyond `max_rows`.

    Calibration customers and the others are thinned by the same share, each by the smallest values
    of `customer_hash`.
    """
    groups = {
        "is_refit": "is_attrition is not null and is_refit",
        "is_calibration_customer": "is_attrition is not null and is_calibration_customer",
    }
    counts = {name: warehouse.rows_by_hash(dataset, where) for name, where in groups.items()}
    total = sum(sum(count) for _, count in counts.values())
    if total <= max_rows:
        return " or ".join(f"({where})" for where in groups.values())
    logger.info("training reads about %d of %d labelled rows (max_rows)", max_rows, total)
    kept = {
        name: below_hash(prefixes, count, int(sum(count) * max_rows / total))
        for name, (prefixes, count) in counts.items()
    }
    return " or ".join(f"({where} and {kept[name]})" for name, where in groups.items())


def below_hash(prefixes: Sequence[str], counts: Sequence[int], most: int) -> str:
    """Return a condition on `customer_hash` that holds for at most `most` rows.

    Args:
        prefixes: First digits of hashes, ascending.
        counts: Rows of each prefix.
        most: Rows to keep.
    """
    reached = np.searchsorted(np.cumsum(counts), most, side="right")
    return f"customer_hash < '{prefixes[reached]}'" if reached < len(prefixes) else "true"


def data_fingerprint(table: pa.Table) -> str:
    """Return the sha256 of the names and values of an ordered table.

    It depends on values only: not on chunks, offsets, padding, or bits behind missing values; a
    missing number and NaN are the same.
    """
    digest = hashlib.sha256()
    for name in sorted(table.column_names):
        digest.update(f"{name}:{table.num_rows}:".encode())
        for part in _canonical(table[name].combine_chunks()):
            digest.update(part)
    return digest.hexdigest()


def code_fingerprint() -> str:
    """Return the sha256 of the sources that training runs through and of library versions."""
    import xgboost

    digest = hashlib.sha256()
    for name in TRAINING_MODULES:
        source = pkgutil.get_data("attrition", f"{name}.py")
        digest.update(name.encode() + b"\0" + source.replace(b"\r\n", b"\n"))
    versions = {name: importlib.metadata.version(name) for name in FITTING_LIBRARIES}
    versions["xgboost"] = xgboost.__version__
    digest.update(json.dumps(versions, sort_keys=True).encode())
    return digest.hexdigest()


def version_id(settings_fingerprint: str, data: str, code: str) -> str:
    """Return the content-addressed id of a version: `v` and 12 hex digits."""
    joined = "\n".join([settings_fingerprint, data, code]).encode()
    return "v" + hashlib.sha256(joined).hexdigest()[:12]


def split_rule(split: Mapping[str, Any], test_starts_on: dt.date | None) -> dict[str, Any]:
    """Return what says, later and of any row, whether the judged fit was kept from it."""
    if split["mode"] == "last_n_months":
        return {"mode": "last_n_months", "test_starts_on": test_starts_on.isoformat()}
    return {"mode": split["mode"], "perc_test": split["perc_test"]}


def _hindrance(frame: Frame) -> str | None:
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


def _population_size(dataset: Any) -> int:
    newest = warehouse.newest(dataset, "as_of_date")
    return warehouse.count(dataset, f"as_of_date = date '{newest.isoformat()}'")


def _fit(
    frame: Frame, settings: TrainingSettings, population_size: int, threads: int | None
) -> Fitted:
    train_rows, seed = frame.rows(frame.in_split("train")), settings.random_seed
    found = search(
        train_rows,
        frame.rows(frame.in_split("validation")),
        hyperparameters=settings.hyperparameters,
        optimize=settings.optimize,
        num_tuning_rounds=settings.num_tuning_rounds,
        random_seed=seed,
        threads=threads,
    )
    best = found.best
    fit_mask, refit_mask = frame.flag("is_fit"), frame.flag("is_refit")
    judged = fit_booster(frame.rows(fit_mask), best.parameters, best.num_round, seed, threads)
    serving_mask = refit_mask if settings.refit == "all_labelled" else fit_mask
    serving = (
        fit_booster(frame.rows(serving_mask), best.parameters, best.num_round, seed, threads)
        if settings.refit == "all_labelled"
        else judged
    )
    judged_rule, serving_rule = _calibrations(frame, settings, judged, serving)
    return Fitted(
        found=found,
        judged=judged,
        serving=serving,
        serving_mask=serving_mask,
        judged_calibration=judged_rule,
        serving_calibration=serving_rule,
        decision_threshold=_threshold(
            frame,
            settings=settings,
            judged=judged,
            found=found,
            judged_rule=judged_rule,
            population_size=population_size,
        ),
        baselines=_baselines(frame, settings, train_rows, population_size),
    )


def _calibrations(
    frame: Frame, settings: TrainingSettings, judged: bytes, serving: bytes
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fit the judged rule, and for another serving booster a rule by the same method."""
    judged_rule = _calibration(frame, settings.calibration, judged, frame.in_split("calibration"))
    if serving == judged:
        return judged_rule, judged_rule
    mask = frame.flag("is_calibration_customer")
    return judged_rule, _calibration(frame, judged_rule["method"], serving, mask)


def _calibration(frame: Frame, method: str, booster: bytes, mask: np.ndarray) -> dict[str, Any]:
    labels = frame.is_attrition[mask]
    if method != "none" and not has_enough(labels):
        logger.info("no calibration: %d rows, %d attritions", len(labels), int(np.sum(labels)))
        return {"method": "none"}
    return fit_calibration(method, _margin(frame, booster, mask), labels, frame.customers[mask])


def _threshold(
    frame: Frame,
    *,
    settings: TrainingSettings,
    judged: bytes,
    found: SearchResult,
    judged_rule: Mapping[str, Any],
    population_size: int,
) -> float:
    mask, is_calibration = _threshold_rows(frame)
    probability = (
        apply_calibration(judged_rule, _margin(frame, judged, mask))
        if is_calibration
        else expit(_margin(frame, found.best.booster, mask))
    )
    return choose_threshold(
        settings.threshold,
        probability,
        frame.is_attrition[mask],
        frame.as_of_dates[mask],
        population_size,
    )


def _threshold_rows(frame: Frame) -> tuple[np.ndarray, bool]:
    """Return the rows to choose a threshold on: calibration rows, or validation rows if too few."""
    calibration = frame.in_split("calibration")
    if has_enough(frame.is_attrition[calibration]):
        return calibration, True
    return frame.in_split("validation"), False


def _baselines(
    frame: Frame, settings: TrainingSettings, train_rows: Rows, population_size: int
) -> dict[str, Any]:
    """Fit each baseline on the rows of the search and of the judged booster."""
    mask, is_calibration = _threshold_rows(frame)
    fit_rows = frame.rows(frame.flag("is_fit"))
    baselines: dict[str, Any] = {}
    for name, columns in baseline_columns(frame.preprocessing, train_rows).items():
        fits = {
            "search": fit_baseline(train_rows, columns),
            "judged": fit_baseline(fit_rows, columns),
        }
        probability = predict_baseline(
            fits["judged" if is_calibration else "search"], frame.matrix[mask]
        )
        baselines[name] = fits | {
            "features": [frame.preprocessing.column_names[column] for column in columns],
            "decision_threshold": choose_threshold(
                settings.threshold,
                probability,
                frame.is_attrition[mask],
                frame.as_of_dates[mask],
                population_size,
            ),
        }
    return baselines


def _margin(frame: Frame, booster: bytes, mask: np.ndarray) -> np.ndarray:
    import xgboost

    loaded = xgboost.Booster(model_file=bytearray(booster))
    return loaded.inplace_predict(frame.matrix[mask], predict_type="margin").astype(np.float64)


def _row(
    plan: Mapping[str, Any], settings: TrainingSettings, frame: Frame, fitted: Fitted
) -> dict[str, Any]:
    data, code = data_fingerprint(frame.table), code_fingerprint()
    fit_mask = frame.flag("is_fit")
    best = fitted.found.best
    return {
        "version_id": version_id(plan["settings_fingerprint"], data, code),
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
        "preprocessing": frame.preprocessing.to_json(),
        "hyperparameters": json.dumps(best.parameters),
        "num_round": best.num_round,
        "search_booster": best.booster,
        "judged_booster": fitted.judged,
        "serving_booster": fitted.serving,
        "judged_calibration": json.dumps(fitted.judged_calibration),
        "serving_calibration": json.dumps(fitted.serving_calibration),
        "decision_threshold": fitted.decision_threshold,
        "judged_last_label_date": frame.newest_date(fit_mask),
        "serving_last_label_date": frame.newest_date(fitted.serving_mask),
        "trials": json.dumps(fitted.found.trials),
        "baselines": json.dumps(fitted.baselines),
        "baseline_profile": json.dumps(
            profile(frame.preprocessing, frame.table.filter(pa.array(fit_mask))), ensure_ascii=False
        ),
        "is_reproducible": True,
        "fit_row_count": int(np.sum(fit_mask)),
        "fit_attrition_count": int(np.sum(frame.is_attrition[fit_mask])),
        "calibration_row_count": int(np.sum(frame.in_split("calibration"))),
        "library_version": _library_version(),
        "xgboost_version": _xgboost_version(),
    }


def _canonical(array: pa.Array) -> list[bytes | memoryview]:
    """Return byte strings that are the same for the same values, with a null mask first."""
    if pa.types.is_floating(array.type):
        values = pc.fill_null(array, float("nan")).to_numpy(zero_copy_only=False)
        canonical = np.where(np.isnan(values), values.dtype.type(np.nan), values + 0)
        return [canonical.astype(values.dtype.newbyteorder("<")).tobytes()]
    known = pc.is_valid(array).to_numpy(zero_copy_only=False)
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        texts = [text.encode() for text in pc.fill_null(array, "").to_pylist()]
        lengths = np.array([len(text) for text in texts], dtype="<i4")
        return [known.tobytes(), lengths.tobytes(), b"".join(texts)]
    whole = array.cast(pa.int32()) if pa.types.is_date32(array.type) else array
    filled = pc.fill_null(whole.cast(pa.int64()), 0)
    return [known.tobytes(), filled.to_numpy(zero_copy_only=False).astype("<i8").tobytes()]


def _library_version() -> str:
    try:
        return importlib.metadata.version("attrition")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _xgboost_version() -> str:
    import xgboost

    return xgboost.__version__
