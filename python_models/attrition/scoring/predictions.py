"""Applying model versions: predictions to judge contenders by, and the champion's scores."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from functools import reduce
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
    waiting = warehouse.rows(contenders, [[("needs_judging", "==", True)]])
    roles = {row["version_id"]: row["role"] for row in waiting}
    tables: list[pa.Table] = []
    if roles:
        settings = json.loads(warehouse.rows(plan)[0]["settings"])
        where = judged_rows(dataset, settings["max_rows"])
        for version_id, role in sorted(roles.items()):
            tables.extend(_judge(role, version_id, versions, dataset, where, settings["split"]))
    return warehouse.from_arrow(schemas.concatenate(tables, schemas.TEST_PREDICTIONS), session)


def predictions(
    champion: Any,
    versions: Any,
    metrics: Any,
    catalog: Any,
    plan: Any,
    dataset: Any,
    session: Any,
) -> Any:
    """Score and explain each customer of the newest snapshot with the champion.

    On Snowflake the registered champion scores in the warehouse; elsewhere this process does.

    Args:
        champion: Relation `attrition_champion`: one row, or none.
        versions: Relation `attrition_model_artefacts`.
        metrics: Relation `attrition_model_metrics`, kept beside a registered champion.
        catalog: Relation `attrition_feature_catalog`; it names the reason groups.
        plan: Relation `training_plan`; it carries the settings and `newest_as_of_date`.
        dataset: Relation `modeling_dataset`.
        session: The warehouse's session.

    Raises:
        MissingFeaturesError: The dataset lacks features of the champion that the settings pin.
        UnreadableVersionError: The champion cannot be read here.
    """
    planned = warehouse.rows(plan)[0]
    version = _applicable(champion, versions, planned, warehouse.column_names(dataset))
    if version is None:
        return warehouse.from_arrow(schemas.PREDICTIONS.empty_table(), session)
    groups = {row["feature"]: row["reason_group"] for row in warehouse.rows(catalog)}
    where = _newest_snapshot(planned)
    total = warehouse.count(dataset, where)
    if total == 0:
        logger.warning("no customer is in the snapshot %s", planned["newest_as_of_date"])
    if warehouse.is_snowflake(session):
        from attrition.snowflake import registry

        judged = registry.metrics_of(warehouse.rows(metrics), version.version_id)
        row = _row(versions, version.version_id)
        return registry.score(
            row, version, dataset, where, groups, metrics=judged, is_champion=True
        )
    tables: list[pa.Table] = []
    for batch in _batches(version, dataset, where, {}):
        tables.append(score_rows(version, batch, groups))
        done = sum(table.num_rows for table in tables)
        logger.info("scored and explained %d of %d customers", done, total)
    return schemas.concatenate(tables, schemas.PREDICTIONS)


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
    planned = warehouse.rows(plan)[0]
    where = _newest_snapshot(planned)
    is_snowflake = warehouse.is_snowflake(session)
    results: list[Any] = []
    for version_id in json.loads(planned["settings"])["shadow_versions"]:
        try:
            row = _row(versions, version_id)
            version = ModelVersion.from_row(row)
            version.require(warehouse.column_names(dataset))
            if is_snowflake:
                results.append(_registered_shadow(row, version, dataset, where))
            else:
                results.extend(_shadow(version, dataset, where))
        except AttritionError as error:
            logger.warning("shadow %s is not scored: %s", version_id, error)
            continue
        logger.info("scored the customers with shadow %s", version_id)
    if is_snowflake and results:
        return reduce(lambda left, right: left.union_all(right), results)
    return warehouse.from_arrow(schemas.concatenate(results, schemas.SHADOW_PREDICTIONS), session)


def _shadow(version: ModelVersion, dataset: Any, where: warehouse.Where) -> list[pa.Table]:
    return [
        schemas.table_of_columns(_scores(version, batch), schemas.SHADOW_PREDICTIONS)
        for batch in _batches(version, dataset, where, {})
    ]


def _registered_shadow(
    row: Mapping[str, Any], version: ModelVersion, dataset: Any, where: warehouse.Where
) -> Any:
    from attrition.snowflake import registry

    scored = registry.score(row, version, dataset, where, {})
    return warehouse.project(scored, warehouse.kinds_of(schemas.SHADOW_PREDICTIONS))


def _newest_snapshot(planned: Mapping[str, Any]) -> warehouse.Where:
    return [[("as_of_date", "==", planned["newest_as_of_date"])]]


def _version(versions: Any, version_id: str) -> ModelVersion:
    return ModelVersion.from_row(_row(versions, version_id))


def _row(versions: Any, version_id: str) -> dict[str, Any]:
    rows = warehouse.rows(versions, [[("version_id", "==", version_id)]])
    if not rows:
        raise AttritionError(f"there is no model version {version_id}.")
    return rows[0]


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


def judged_rows(dataset: Any, max_rows: int) -> warehouse.Where:
    """Return which rows to predict.

    They are all test rows, and train and validation rows of whole customers up to `max_rows`.
    """
    is_labelled = ("is_attrition", "is not", None)
    learnt = [is_labelled, ("split", "in", ("train", "validation"))]
    kept = below_hash(*warehouse.rows_by_hash(dataset, [learnt]), max_rows)
    return [[is_labelled, ("split", "==", "test")], [*learnt, *kept]]


def _judge(
    role: str,
    version_id: str,
    versions: Any,
    dataset: Any,
    where: warehouse.Where,
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


def score_rows(version: ModelVersion, batch: pa.Table, groups: Mapping[str, str]) -> pa.Table:
    """Return the predictions and reasons of rows, a table of `schemas.PREDICTIONS`.

    Args:
        version: What scores.
        batch: Rows with keys and every feature.
        groups: Feature name to reason group.
    """
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
    version: ModelVersion, dataset: Any, where: warehouse.Where, extra: Mapping[str, str]
) -> Iterator[pa.Table]:
    columns = {
        "customer_id": "text",
        "as_of_date": "date",
        **extra,
        **version.preprocessing.types(),
    }
    return warehouse.batches(dataset, columns, where, ORDER, ROWS_AT_ONCE)
