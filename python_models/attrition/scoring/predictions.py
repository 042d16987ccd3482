"""Applying model versions: predictions to judge contenders by, and the champion's scores."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from attrition import schemas
from attrition.errors import AttritionError
from attrition.relation import Relation, Where
from attrition.scoring.artefact import (
    MissingFeaturesError,
    ModelVersion,
    ReasonRules,
    Reasons,
    is_held_out,
    reason_tier,
    value_texts,
)
from attrition.training.frame import ORDER, below_hash
from attrition.training.preprocessing import CATEGORY, numbers

logger = logging.getLogger(__name__)

MODEL = "model"
SERVING = "serving"
ROWS_AT_ONCE = 100_000
MOST_EXPLAINED = 5_000
"""Customers whose features are all explained: enough for a picture and for means."""


@dataclass(frozen=True)
class Scoring:
    """What is to be scored, with which version.

    Attributes:
        version: What scores.
        row: Its row of `attrition_model_artefacts`.
        where: Which rows of `modeling_dataset`.
        reason_rules: Feature name to reason group and tier; a shadow's reasons are not asked for.
        is_champion: Whether it is the champion, or a shadow.
    """

    version: ModelVersion
    row: Mapping[str, Any]
    where: Where
    reason_rules: ReasonRules
    is_champion: bool

    @property
    def schema(self) -> pa.Schema:
        """The schema of the result: a champion explains its scores."""
        return schemas.PREDICTIONS if self.is_champion else schemas.SHADOW_PREDICTIONS


def contender_predictions(
    plan: Relation, contenders: Relation, versions: Relation, dataset: Relation
) -> Iterator[pa.Table]:
    """Predict the rows that SQL judges contenders by, batch by batch as they are asked for.

    Train and validation rows are predicted by what was fitted on train rows alone, test rows by
    what was fitted before the test, for the model and for its baselines. A contender that cannot be
    applied (the dataset lacks its features, another library wrote it) is left out, with a logged
    sentence.

    Args:
        plan: `training_plan`; it carries the settings `split` and `max_rows`.
        contenders: `version_id`, `role`, `needs_judging` of each.
        versions: `attrition_model_artefacts`.
        dataset: `modeling_dataset`.

    Yields:
        Tables of `schemas.TEST_PREDICTIONS`.
    """
    waiting = contenders.rows([[("needs_judging", "==", True)]])
    roles = {row["version_id"]: row["role"] for row in waiting}
    if roles:
        settings = json.loads(plan.rows()[0]["settings"])
        where = judged_rows(dataset, settings["max_rows"])
        for version_id, role in sorted(roles.items()):
            yield from _judge(role, version_id, versions, dataset, where, settings["split"])


def champion_scoring(
    champion: Relation, versions: Relation, catalog: Relation, plan: Relation, dataset: Relation
) -> Scoring | None:
    """Return how each customer of the newest snapshot is to be scored, or none where none is.

    Args:
        champion: `attrition_champion`: one row, or none.
        versions: `attrition_model_artefacts`.
        catalog: `attrition_feature_catalog`; it names the reason groups, and says which features
            can be acted on.
        plan: `training_plan`; it carries the settings and `newest_as_of_date`.
        dataset: `modeling_dataset`.

    Raises:
        MissingFeaturesError: The dataset lacks features of a champion that somebody chose.
        UnreadableVersionError: The champion cannot be read here.
    """
    chosen = champion.rows()
    if not chosen:
        logger.warning("there is no champion, so no customer is scored")
        return None
    planned = plan.rows()[0]
    row = _row(versions, chosen[0]["version_id"])
    version = ModelVersion.from_row(row)
    try:
        version.require(dataset.column_names)
    except MissingFeaturesError as error:
        # somebody chose this version: an empty table is no answer to that
        is_pinned = json.loads(planned["settings"]).get("champion_version")
        if is_pinned or chosen[0].get("decided_by") == "operator":
            raise
        logger.warning("no customer is scored: %s", error)
        return None
    rules = {row["feature"]: (row["reason_group"], reason_tier(row)) for row in catalog.rows()}
    where = _newest_snapshot(planned)
    if dataset.count(where) == 0:
        logger.warning("no customer is in the snapshot %s", planned["newest_as_of_date"])
    return Scoring(version, row, where, rules, is_champion=True)


def sampled_contributions(
    champion: Relation, versions: Relation, catalog: Relation, plan: Relation, dataset: Relation
) -> Iterator[pa.Table]:
    """Explain customers of the newest snapshot by every feature, a sample of them by their hash.

    Args are those of `champion_scoring`, which says why where nobody is scored.

    Yields:
        Tables of `schemas.CONTRIBUTIONS`.
    """
    if not champion.rows():
        return
    scoring = champion_scoring(champion, versions, catalog, plan, dataset)
    if scoring is None:
        return
    [newest] = scoring.where
    kept = below_hash(*dataset.rows_by_hash(scoring.where), MOST_EXPLAINED)
    version = scoring.version
    for batch in _batches(version, dataset, [[*newest, *kept]], {}):
        reasons = version.reasons_of(version.matrix(batch), scoring.reason_rules, 1, SERVING)
        for position, feature in enumerate(version.preprocessing.features):
            column = batch[feature.name]
            is_number = feature.data_type != CATEGORY
            columns = {
                "version_id": pa.repeat(version.version_id, batch.num_rows),
                "customer_id": batch["customer_id"],
                "as_of_date": batch["as_of_date"],
                "feature": pa.repeat(feature.name, batch.num_rows),
                "feature_value": value_texts(feature, column),
                "feature_number": _known_numbers(column)
                if is_number
                else pa.nulls(batch.num_rows, pa.float64()),
                "contribution": reasons.contributions[:, position],
            }
            yield schemas.table_of_columns(columns, schemas.CONTRIBUTIONS)


def _known_numbers(column: pa.ChunkedArray) -> pa.Array:
    """Return numbers, null where they are missing."""
    values = numbers(column).astype(np.float64)
    return pa.array(values, mask=np.isnan(values))


def shadow_scorings(versions: Relation, plan: Relation, dataset: Relation) -> list[Scoring]:
    """Return how the versions in `shadow_versions` are to score the newest snapshot.

    A shadow that cannot be applied is left out with a logged sentence: what it would have said
    decides nothing.

    Args:
        versions: `attrition_model_artefacts`.
        plan: `training_plan`; it carries the settings and `newest_as_of_date`.
        dataset: `modeling_dataset`.
    """
    found: list[Scoring] = []
    plans = plan.rows()
    if not plans:  # dbt --empty plans nothing
        return found
    planned = plans[0]
    for version_id in json.loads(planned["settings"])["shadow_versions"]:
        try:
            row = _row(versions, version_id)
            version = _applicable(row, dataset)
        except AttritionError as error:
            logger.warning("shadow %s is not scored: %s", version_id, error)
            continue
        found.append(Scoring(version, row, _newest_snapshot(planned), {}, is_champion=False))
    return found


def score(scoring: Scoring, dataset: Relation) -> Iterator[pa.Table]:
    """Score, and for a champion explain, in this process, batch by batch as they are asked for.

    Returns:
        Tables of `scoring.schema`.

    Raises:
        UnreadableVersionError: XGBoost cannot read the version; no row has been read by then.
    """
    scoring.version.check()
    return _scored(scoring, dataset)


def _scored(scoring: Scoring, dataset: Relation) -> Iterator[pa.Table]:
    name = "the champion" if scoring.is_champion else f"shadow {scoring.version.version_id}"
    total, done = dataset.count(scoring.where), 0
    # rows do not depend on each other, and sorting them takes longer than predicting
    for batch in _batches(scoring.version, dataset, scoring.where, {}, order=()):
        rules = scoring.reason_rules if scoring.is_champion else None
        yield score_rows(scoring.version, batch, rules)
        done += batch.num_rows
        logger.info("%s has scored %d of %d customers", name, done, total)


def _newest_snapshot(planned: Mapping[str, Any]) -> Where:
    return [[("as_of_date", "==", planned["newest_as_of_date"])]]


def _row(versions: Relation, version_id: str) -> dict[str, Any]:
    rows = versions.rows([[("version_id", "==", version_id)]])
    if not rows:
        raise AttritionError(f"there is no model version {version_id}.")
    return rows[0]


def _applicable(row: Mapping[str, Any], dataset: Relation) -> ModelVersion:
    """Return a version whose boosters load and whose features the dataset has."""
    version = ModelVersion.from_row(row)
    version.require(dataset.column_names)
    version.check()
    return version


def judged_rows(dataset: Relation, max_rows: int) -> Where:
    """Return which rows to predict.

    They are all test rows, and train and validation rows of whole customers up to `max_rows`.
    """
    is_labelled = ("is_attrition", "is not", None)
    learnt = [is_labelled, ("split", "in", ("train", "validation"))]
    kept = below_hash(*dataset.rows_by_hash([learnt]), max_rows)
    return [[is_labelled, ("split", "==", "test")], [*learnt, *kept]]


def _judge(
    role: str,
    version_id: str,
    versions: Relation,
    dataset: Relation,
    where: Where,
    split: Mapping[str, Any],
) -> Iterator[pa.Table]:
    try:
        version = _applicable(_row(versions, version_id), dataset)
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
        "version_id": pa.repeat(version.version_id, batch.num_rows),
        "role": pa.repeat(role, batch.num_rows),
        "customer_id": batch["customer_id"],
        "as_of_date": batch["as_of_date"],
        "split": batch["split"],
        "is_attrition": batch["is_attrition"],
        "is_held_out": is_held_out(
            version.split_rule, batch["as_of_date"].to_numpy(), splits, split
        ),
    }
    matrix, dates = version.matrix(batch), batch["as_of_date"].to_numpy()
    for system in (MODEL, *version.baseline_thresholds):
        probability, decision = _predict(system, version, matrix, dates, splits == "test")
        columns = {"system": pa.repeat(system, batch.num_rows), "probability": probability}
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


def score_rows(version: ModelVersion, batch: pa.Table, rules: ReasonRules | None) -> pa.Table:
    """Return the predictions of rows and the reasons for them.

    Args:
        version: What scores.
        batch: Rows with keys and every feature.
        rules: Feature name to reason group and tier, or none where no reason is asked for.

    Returns:
        A table of `schemas.PREDICTIONS`, without reasons of `schemas.SHADOW_PREDICTIONS`.
    """
    matrix = version.matrix(batch)
    dates = batch["as_of_date"].to_numpy()
    probability = version.probability_of(matrix, dates, SERVING)
    columns = {
        "version_id": pa.repeat(version.version_id, batch.num_rows),
        "customer_id": batch["customer_id"],
        "as_of_date": batch["as_of_date"],
        "probability": probability,
        "decision": version.decide(probability),
    }
    if rules is None:
        return schemas.table_of_columns(columns, schemas.SHADOW_PREDICTIONS)
    reasons = version.reasons_of(matrix, rules, schemas.REASON_COUNT, SERVING)
    columns |= {
        "base_value": reasons.base_value,
        "absolute_contribution": np.abs(reasons.contributions).sum(axis=1),
        **_reason_columns(version, batch, reasons),
    }
    return schemas.table_of_columns(columns, schemas.PREDICTIONS)


def _reason_columns(version: ModelVersion, batch: pa.Table, reasons: Reasons) -> dict[str, Any]:
    names = pa.array(reasons.features, pa.string())
    texts, place = _reason_values(version, batch, reasons)
    contributions = reasons.top_contributions()
    columns: dict[str, Any] = {}
    for position in range(schemas.REASON_COUNT):
        prefix = f"reason_{position + 1}"
        is_none = reasons.top[:, position] < 0
        columns[f"{prefix}_feature"] = names.take(pa.array(reasons.top[:, position], mask=is_none))
        columns[f"{prefix}_value"] = texts.take(pa.array(place[:, position], mask=is_none))
        columns[f"{prefix}_contribution"] = pa.array(contributions[:, position], mask=is_none)
    return columns


def _reason_values(
    version: ModelVersion, batch: pa.Table, reasons: Reasons
) -> tuple[pa.Array, np.ndarray]:
    """Return the values of the reasons' features as texts, and where each reason's stands.

    Returns:
        The texts, and places of shape (rows, k); that of no reason means nothing.
    """
    texts, count = [pa.array([], pa.string())], 0
    place = np.zeros(reasons.top.shape, np.int64)
    for position, feature in enumerate(version.preprocessing.features):
        rows, ranks = np.nonzero(reasons.top == position)
        texts.append(value_texts(feature, batch[feature.name].take(pa.array(rows))))
        place[rows, ranks] = np.arange(count, count + len(rows))
        count += len(rows)
    return pa.concat_arrays(texts), place


def _batches(
    version: ModelVersion,
    dataset: Relation,
    where: Where,
    extra: Mapping[str, str],
    order: Sequence[str] = ORDER,
) -> Iterator[pa.Table]:
    columns = {
        "customer_id": "text",
        "as_of_date": "date",
        **extra,
        **version.preprocessing.types(),
    }
    return dataset.batches(columns, where, order, ROWS_AT_ONCE)
