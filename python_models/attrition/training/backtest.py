"""How a version's recipe would have done at past dates: fitted on what was labelled by then.

The recipe is the version's: features, hyperparameters, rounds, parts and their weights, sampling,
way of calibrating, threshold. They were chosen with later data, so a backtest says how the recipe
travels through time, not what would have been chosen at those dates.

It is evidence, not the product: beyond `backtest_max_rows` rows a fit learns from, and is judged
on, whole customers with the smallest hashes.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attrition import schemas
from attrition.errors import AttritionError
from attrition.relation import Condition, Relation, Where
from attrition.training.blend import Blend
from attrition.training.calibration import apply_calibration, fit_calibration
from attrition.training.candidate import Recipe
from attrition.training.frame import FRAME_COLUMNS, ORDER, Frame, below_hash, cap
from attrition.training.linear import LINEAR, LinearModel, fit_linear
from attrition.training.preprocessing import Preprocessing, fit_preprocessing
from attrition.training.rows import Rows
from attrition.training.sampling import balance
from attrition.training.search import fit_booster

logger = logging.getLogger(__name__)


def backtests(origins: Relation, versions: Relation, dataset: Relation) -> pa.Table:
    """Predict each origin's snapshot by what could have been fitted by then.

    Args:
        origins: `int_evaluation__backtest_origins`: `version_id`, `origin_date`,
            `last_fit_date`, the newest snapshot whose label window ends by the origin, and
            `most_rows`, about how many rows a fit may have, and a judgement.
        versions: `attrition_model_artefacts`.
        dataset: `modeling_dataset`.

    Returns:
        A table of `schemas.BACKTEST`; an origin whose rows allow no fit has none.
    """
    tables: list[pa.Table] = []
    wanted = origins.rows()
    for version_id in sorted({row["version_id"] for row in wanted}):
        chosen = [row for row in wanted if row["version_id"] == version_id]
        for row in versions.rows([[("version_id", "==", version_id)]]):
            tables.extend(_backtest(row, chosen, dataset))
    return schemas.concatenate(tables, schemas.BACKTEST)


def _backtest(
    version: Mapping[str, Any], origins: Sequence[Mapping[str, Any]], dataset: Relation
) -> Iterator[pa.Table]:
    try:
        preprocessing = Preprocessing.from_json(version["preprocessing"])
    except ValueError as error:
        raise AttritionError(f"version {version['version_id']} cannot be read: {error}") from error
    dates = sorted((row["origin_date"], row["last_fit_date"]) for row in origins)
    most_rows = origins[0]["most_rows"]
    columns = {**FRAME_COLUMNS, **preprocessing.types()}
    # one read for the fits of all origins, the newest of which learns from the most rows
    newest = max(last_fit for _, last_fit in dates)
    labelled = dataset.select(
        columns, cap(dataset, most_rows, [("as_of_date", "<=", newest)]), ORDER
    )
    for number, (origin, last_fit) in enumerate(dates, start=1):
        learnt = _learnt(labelled, last_fit, preprocessing)
        labels = learnt.is_attrition[~learnt.flag("is_calibration_customer")]
        if int(np.sum(labels)) in (0, len(labels)):
            logger.info("backtest %s: one outcome only by then, left out", origin)
            continue
        text = "backtest %d/%d: fitted on snapshots up to %s, judged at %s"
        logger.info(text, number, len(dates), last_fit, origin)
        where = _judged_rows(dataset, origin, most_rows)
        judged = Frame.of(dataset.select(columns, where, ORDER), learnt.preprocessing)
        yield _predict(version, origin, last_fit, learnt, judged)


def _learnt(labelled: pa.Table, last_fit: dt.date, preprocessing: Preprocessing) -> Frame:
    """Return the rows up to a date; preprocessing learns from those that are fitted on."""
    table = labelled.filter(pc.less_equal(labelled["as_of_date"], last_fit))
    fitted_on = table.filter(pc.invert(table["is_calibration_customer"]))
    return Frame.of(table, fit_preprocessing(fitted_on, preprocessing.rules()))


def _judged_rows(dataset: Relation, origin: dt.date, most_rows: int) -> Where:
    """Return which customers of an origin to predict: those with the smallest hashes."""
    where: list[Condition] = [("is_attrition", "is not", None), ("as_of_date", "==", origin)]
    return [[*where, *below_hash(*dataset.rows_by_hash([where]), most_rows)]]


def _predict(
    version: Mapping[str, Any], origin: dt.date, last_fit: dt.date, learnt: Frame, judged: Frame
) -> pa.Table:
    settings = Recipe.from_json(version["settings"])
    is_calibration = learnt.flag("is_calibration_customer")
    fit_rows = balance(learnt.rows(~is_calibration), settings.sampling, settings.random_seed)
    parameters, num_round = json.loads(version["hyperparameters"]), version["num_round"]
    booster = fit_booster(fit_rows, parameters, num_round, settings.random_seed)
    blend = Blend(booster, _linears(version, learnt, fit_rows), json.loads(version["weights"]))
    rule = fit_calibration(
        json.loads(version["judged_calibration"])["method"],
        blend.margin(learnt.matrix[is_calibration]),
        learnt.is_attrition[is_calibration],
        learnt.customers[is_calibration],
        learnt.as_of_dates[is_calibration],
    )
    margin = blend.margin(judged.matrix)
    probability = apply_calibration(rule, margin, judged.as_of_dates)
    count = len(probability)
    return schemas.table_of_columns(
        {
            "version_id": [version["version_id"]] * count,
            "origin_date": [origin] * count,
            "last_label_date": [last_fit] * count,
            "customer_id": judged.table["customer_id"].combine_chunks(),
            "as_of_date": judged.table["as_of_date"].combine_chunks(),
            "is_attrition": judged.table["is_attrition"].combine_chunks(),
            "probability": probability,
            "decision": (probability >= version["decision_threshold"]).astype(np.int32),
            "fit_row_count": [int(np.sum(~is_calibration))] * count,
        },
        schemas.BACKTEST,
    )


def _linears(version: Mapping[str, Any], learnt: Frame, rows: Rows) -> dict[str, LinearModel]:
    """Fit the version's linear models; a category may have had other levels by then."""
    names = learnt.preprocessing.column_names
    fitted: dict[str, LinearModel] = {}
    for name, written in json.loads(version["baselines"]).items():
        features = names if name == LINEAR else written["features"]
        columns = [names.index(feature) for feature in features]
        fitted[name] = fit_linear(rows, columns, written["judged"]["strength"])
    return fitted
