"""Applying model versions: predictions to judge contenders by, and the champion's scores."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from attrition import schemas, warehouse
from attrition.errors import AttritionError
from attrition.scoring.artefact import (
    MissingFeaturesError,
    ModelVersion,
    Reasons,
    is_held_out,
    value_texts,
)
from attrition.training.frame import below_hash

logger = logging.getLogger(__name__)

MODEL = "model"
ORDER = ("customer_id", "as_of_date")
ROWS_AT_ONCE = 100_000


def test_predictions(plan: Any, contenders: Any, versions: Any, dataset: Any, session: Any) -> Any:
    """Predict the rows that SQL judges contenders by.

    Train and validation rows are predicted by what was fitted on train rows alone, test rows by
    what was fitted before the test, for the model and for its baselines. A contender that cannot be
    applied (the dataset lacks its features, another library wrote it) is left out, with a logged
    sentence.

    Args:
        plan: Relation `training_plan`; it carries the settings `split` and `max_rows`.
        contenders: Relation with `version_id`, `role`, `needs_judging`.
        versions: Relation `attrition_model_artefacts`.
        dataset: Relation `modeling_dataset`.
        session: The warehouse's session.
    """
    roles = {row["version_id"]: row["role"] for row in warehouse.rows(contenders, "needs_judging")}
    tables: list[pa.Table] = []
    if roles:
        settings = json.loads(warehouse.rows(plan)[0]["settings"])
        where = judged_rows(dataset, settings["max_rows"])
        for version_id, role in sorted(roles.items()):
            tables.extend(_judge(role, version_id, versions, dataset, where, settings["split"]))
    return warehouse.from_arrow(schemas.concatenate(tables, schemas.TEST_PREDICTIONS), session)


def predictions(
    champion: Any, versions: Any, catalog: Any, plan: Any, dataset: Any, session: Any
) -> Any:
    """Score and explain each customer of the newest snapshot with the champion.

    Args:
        champion: Relation `attrition_champion`: one row, or none.
        versions: Relation `attrition_model_artefacts`.
        catalog: Relation `attrition_feature_catalog`; it names the reason groups.
        plan: Relation `training_plan`; it carries the settings and `newest_as_of_date`.
        dataset: Relation `modeling_dataset`.
        session: The warehouse's session.

    Raises:
        MissingFeaturesError: The dataset lacks features of the champion that the settings pin.
        UnreadableVersionError: The champion cannot be read here.
    """
    tables: list[pa.Table] = []
    planned = warehouse.rows(plan)[0]
    version = _applicable(champion, versions, planned, warehouse.column_names(dataset))
    if version is not None:
        groups = {row["feature"]: row["reason_group"] for row in warehouse.rows(catalog)}
        where = _newest_snapshot(planned)
        total, done = warehouse.count(dataset, where), 0
        if total == 0:
            logger.warning("no customer is in the snapshot %s", planned["newest_as_of_date"])
        for batch in _batches(version, dataset, where, {}):
            tables.append(_score(version, batch, groups))
            done += batch.num_rows
            logger.info("scored and explained %d of %d customers", done, total)
    return warehouse.from_arrow(schemas.concatenate(tables, schemas.PREDICTIONS), session)


def shadow_predictions(versions: Any, plan: Any, dataset: Any, session: Any) -> Any:
    """Score each customer of the newest snapshot with the versions in `shadow_versions`.

    A shadow that cannot be applied is left out with a logged sentence: what it would have said
    decides nothing.

    Args:
        versions: Relation `attrition_model_artefacts`.
        plan: Relation `training_plan`; it carries the settings and `newest_as_of_date`.
        dataset: Relation `modeling_dataset`.
        session: The warehouse's session.
    """
    tables: list[pa.Table] = []
    planned = warehouse.rows(plan)[0]
    for version_id in json.loads(planned["settings"])["shadow_versions"]:
        try:
            version = _version(versions, version_id)
            version.require(warehouse.column_names(dataset))
            found = [
                schemas.table_of_columns(_scores(version, batch), schemas.SHADOW_PREDICTIONS)
                for batch in _batches(version, dataset, _newest_snapshot(planned), {})
            ]
        except AttritionError as error:
            logger.warning("shadow %s is not scored: %s", version_id, error)
            continue
        logger.info("scored %d customers with shadow %s", sum(map(len, found)), version_id)
        tables.extend(found)
    return warehouse.from_arrow(schemas.concatenate(tables, schemas.SHADOW_PREDICTIONS), session)


def _newest_snapshot(planned: Mapping[str, Any]) -> str:
    return f"as_of_date = date '{planned['newest_as_of_date'].isoformat()}'"


def _version(versions: Any, version_id: str) -> ModelVersion:
    rows = warehouse.rows(versions, f"version_id = {warehouse.literal(version_id)}")
    if not rows:
        raise AttritionError(f"there is no model version {version_id}.")
    return ModelVersion.from_row(rows[0])


def _applicable(
    champion: Any, versions: Any, planned: Mapping[str, Any], columns: list[str]
) -> ModelVersion | None:
    """Return the champion where there is one that the dataset has the features for."""
    rows = warehouse.rows(champion)
    if not rows:
        logger.warning("there is no champion, so no customer is scored")
        return None
    version = _version(versions, rows[0]["version_id"])
    try:
        version.require(columns)
    except MissingFeaturesError as error:
        # somebody chose this version: an empty table is no answer to that
        is_pinned = json.loads(planned["settings"]).get("champion_version")
        if is_pinned or rows[0].get("decided_by") == "operator":
            raise
        logger.warning("no customer is scored: %s", error)
        return None
    return version


def judged_rows(dataset: Any, max_rows: int) -> str:
    """Return the SQL condition of the rows to predict.

    They are all test rows, and train and validation rows of whole customers up to `max_rows`.
    """
    learnt = "is_attrition is not null and split in ('train', 'validation')"
    kept = below_hash(*warehouse.rows_by_hash(dataset, learnt), max_rows)
    return f"(is_attrition is not null and split = 'test') or ({learnt} and {kept})"


def _judge(
    role: str,
    version_id: str,
    versions: Any,
    dataset: Any,
    where: str,
    split: Mapping[str, Any],
) -> Iterator[pa.Table]:
    try:
        version = _version(versions, version_id)
        version.require(warehouse.column_names(dataset))
        version.check()
    except AttritionError as error:
        logger.warning("the %s is not judged: %s", role, error)
        return
    keys = {"is_attrition": "integer", "split": "text"}
    for batch in _batches(version, dataset, where, keys):
        yield from _judge_batch(role, version, batch, split)


def _judge_batch(
    role: str, version: ModelVersion, batch: pa.Table, split: Mapping[str, Any]
) -> Iterator[pa.Table]:
    splits = np.array(batch["split"].to_pylist(), dtype=object)
    shared = {
        "version_id": [version.version_id] * batch.num_rows,
        "role": [role] * batch.num_rows,
        "customer_id": batch["customer_id"].combine_chunks(),
        "as_of_date": batch["as_of_date"].combine_chunks(),
        "split": batch["split"].combine_chunks(),
        "is_attrition": batch["is_attrition"].combine_chunks(),
        "is_held_out": is_held_out(
            version.split_rule, batch["as_of_date"].to_numpy(), splits, split
        ),
    }
    matrix, dates = version.matrix(batch), batch["as_of_date"].to_numpy()
    for system in (MODEL, *version.baselines):
        probability, decision = _predict(system, version, matrix, dates, splits == "test")
        columns = {"system": [system] * batch.num_rows, "probability": probability}
        yield schemas.table_of_columns(
            {**shared, **columns, "decision": decision}, schemas.TEST_PREDICTIONS
        )


def _predict(
    system: str,
    version: ModelVersion,
    matrix: np.ndarray,
    as_of_dates: np.ndarray,
    is_test: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and decisions of the model or of one of its baselines."""
    probability = np.empty(len(matrix))
    for which, mask in (("search", ~is_test), ("judged", is_test)):
        probability[mask] = (
            version.probability_of(matrix[mask], as_of_dates[mask], which)
            if system == MODEL
            else version.baseline_probability(system, matrix[mask], which)
        )
    if system == MODEL:
        return probability, version.decide(probability)
    return probability, version.baseline_decision(system, probability)


def _score(version: ModelVersion, batch: pa.Table, groups: Mapping[str, str]) -> pa.Table:
    reasons = version.explain(batch, groups, schemas.REASON_COUNT)
    columns = {
        **_scores(version, batch),
        "base_value": reasons.base_value,
        **_reason_columns(version, batch, reasons),
    }
    return schemas.table_of_columns(columns, schemas.PREDICTIONS)


def _scores(version: ModelVersion, batch: pa.Table) -> dict[str, Any]:
    probability = version.predict_probability(batch)
    return {
        "version_id": [version.version_id] * batch.num_rows,
        "customer_id": batch["customer_id"].combine_chunks(),
        "as_of_date": batch["as_of_date"].combine_chunks(),
        "probability": probability,
        "decision": version.decide(probability),
    }


def _reason_columns(version: ModelVersion, batch: pa.Table, reasons: Reasons) -> dict[str, Any]:
    names = np.array([*reasons.features, None], dtype=object)
    values = _reason_values(version, batch, reasons)
    contributions = reasons.top_contributions()
    columns: dict[str, Any] = {}
    for position in range(schemas.REASON_COUNT):
        prefix = f"reason_{position + 1}"
        top = reasons.top[:, position]
        columns[f"{prefix}_feature"] = names[top]
        columns[f"{prefix}_value"] = values[:, position]
        columns[f"{prefix}_contribution"] = pa.array(
            contributions[:, position], mask=np.asarray(top < 0)
        )
    return columns


def _reason_values(version: ModelVersion, batch: pa.Table, reasons: Reasons) -> np.ndarray:
    """Return the values of the reasons' features as texts, shape (rows, k), None for no reason."""
    values = np.full(reasons.top.shape, None, dtype=object)
    for position, feature in enumerate(version.preprocessing.features):
        rows, ranks = np.nonzero(reasons.top == position)
        if len(rows):
            texts = value_texts(feature, batch[feature.name].take(pa.array(rows)))
            values[rows, ranks] = texts
    return values


def _batches(
    version: ModelVersion, dataset: Any, where: str, extra: Mapping[str, str]
) -> Iterator[pa.Table]:
    columns = {
        "customer_id": "text",
        "as_of_date": "date",
        **extra,
        **version.preprocessing.types(),
    }
    return warehouse.batches(dataset, columns, where, ORDER, ROWS_AT_ONCE)
