"""The champion as rows: trees, linear terms, encoding and calibration, for SQL to score with."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from attrition import schemas
from attrition.errors import AttritionError
from attrition.relation import Relation
from attrition.scoring.artefact import ModelVersion
from attrition.scoring.score_customers import LEVELS
from attrition.training.blend import TREES
from attrition.training.preprocessing import NUMBER, RANK, Preprocessing

logger = logging.getLogger(__name__)

_LIKE_XGBOOST = 1e-4


def champion_in_rows(champion: Relation, versions: Relation) -> pa.Table:
    """Return the champion's serving fit as rows of `schemas.CHAMPION`, none where none is.

    Args:
        champion: `attrition_champion`: one row, or none.
        versions: `attrition_model_artefacts`.
    """
    chosen = champion.rows()
    if not chosen:
        return schemas.CHAMPION.empty_table()
    [row] = versions.rows([[("version_id", "==", chosen[0]["version_id"])]])
    try:
        return champion_rows(ModelVersion.from_row(row))
    except AttritionError as error:
        # customers are scored without these rows
        logger.warning("score_customers has no champion: %s", error)
        return schemas.CHAMPION.empty_table()


def champion_rows(version: ModelVersion, which: str = "serving") -> pa.Table:
    """Return one of a version's fits as rows of `schemas.CHAMPION`.

    Raises:
        UnreadableVersionError: XGBoost cannot read its trees.
        AttritionError: Its trees are of a kind that this library does not train.
    """
    version.check()
    blend = version.fits[which]
    trees, base_margin = [], 0.0
    if TREES in blend.weights:
        trees, base_margin = _trees(version.version_id, blend.trees, blend.weights[TREES])
    linear = list(_linear(version, which))
    base_margin += sum(
        weight * blend.linears[name].intercept
        for name, weight in blend.weights.items()
        if name != TREES
    )
    calibration = _calibration(version.calibrations[which]) | {
        "part": "calibration",
        "base_margin": base_margin,
        "node_count": len(trees),
        "term_count": len(linear),
        "column_count": version.preprocessing.width,
    }
    rows = [*trees, *linear, *_encoding(version.preprocessing), calibration]
    return schemas.table_of_rows(
        [{"version_id": version.version_id} | row for row in rows], schemas.CHAMPION
    )


def _trees(version_id: str, booster: Any, weight: float) -> tuple[list[dict[str, Any]], float]:
    """Return each node of each tree, and what the trees start from, times the trees' weight."""
    model = json.loads(booster.save_raw("json"))["learner"]
    written = model["gradient_booster"]
    trees = written["model"]["trees"] if written["name"] == "gbtree" else []
    if not trees or any(any(tree["split_type"]) for tree in trees):
        raise AttritionError(
            f"model version {version_id} has trees of another kind than the library trains, and "
            "SQL cannot score with it: promote another version."
        )
    probability = float(str(model["learner_model_param"]["base_score"]).strip("[]"))
    base_margin = math.log(probability / (1 - probability))
    known = np.full((1, booster.num_features()), np.nan, dtype=np.float32)
    own = float(booster.inplace_predict(known, predict_type="margin")[0])
    if abs(base_margin + sum(map(_all_missing, trees)) - own) > _LIKE_XGBOOST * max(1, abs(own)):
        raise AttritionError(
            f"the trees of model version {version_id} add up to another margin than XGBoost's, so "
            "SQL cannot score with it: install the XGBoost that wrote it, or promote another."
        )
    rows = []
    for number, tree in enumerate(trees):
        rows += _nodes(version_id, number, tree, weight)
    return rows, weight * base_margin


def _all_missing(tree: Mapping[str, Any]) -> float:
    node = 0
    while tree["left_children"][node] >= 0:
        side = "left_children" if tree["default_left"][node] else "right_children"
        node = tree[side][node]
    return float(tree["split_conditions"][node])


def _nodes(
    version_id: str, number: int, tree: Mapping[str, Any], weight: float
) -> Iterator[dict[str, Any]]:
    """Yield each node, numbered so that below `n` lies `2 * n`, and `2 * n + 1` on the other side.

    A walk down then needs no table of children.
    """
    conditions = np.array(tree["split_conditions"], dtype=np.float32)
    thresholds = separating(conditions)
    waiting = [(0, 1)]
    while waiting:
        at, node = waiting.pop()
        row = {"part": "trees", "tree": number, "node": node}
        left = tree["left_children"][at]
        if left < 0:
            yield row | {"leaf": weight * float(conditions[at])}
            continue
        if node >= 2**LEVELS:
            raise AttritionError(
                f"a tree of model version {version_id} is deeper than {LEVELS} decisions, which "
                "SQL does not follow: train with a smaller max_depth, or promote another version."
            )
        waiting += [(left, 2 * node), (tree["right_children"][at], 2 * node + 1)]
        yield row | {
            "column_number": tree["split_indices"][at] + 1,
            "threshold": float(thresholds[at]),
            "is_missing_below": bool(tree["default_left"][at]),
            "gain": float(tree["loss_changes"][at]),
        }


def separating(thresholds: np.ndarray) -> np.ndarray:
    """Return the doubles below which are just the doubles that float32 rounds below thresholds."""
    before = np.nextafter(thresholds, np.float32(-np.inf))
    middle = (before.astype(np.float64) + thresholds.astype(np.float64)) / 2
    rounds_up = middle.astype(np.float32) >= thresholds
    return np.where(rounds_up, middle, np.nextafter(middle, np.inf))


def _linear(version: ModelVersion, which: str) -> Iterator[dict[str, Any]]:
    """Return each term of each linear part, its coefficients times the part's weight."""
    blend = version.fits[which]
    for name, weight in blend.weights.items():
        if name == TREES:
            continue
        model = blend.linears[name]
        for place, column in enumerate(model.columns):
            yield {
                "part": "linear",
                "model": name,
                "column_number": column + 1,
                "fill": model.fills[place],
                "lowest": model.lows[place],
                "highest": model.highs[place],
                "mean": model.means[place],
                "scale": model.scales[place],
                "coefficient": weight * model.coefficients[place],
                "missing_mean": model.unknown_means[place],
                "missing_scale": model.unknown_scales[place],
                "missing_coefficient": weight * model.unknown_coefficients[place],
            }


def _encoding(preprocessing: Preprocessing) -> Iterator[dict[str, Any]]:
    """Return each column of the matrix, with a row for each level of a rank."""
    slices = preprocessing.slices()
    for feature in preprocessing.features:
        encoding, fill = feature.rule.encoding, feature.fill
        row = {
            "part": "encoding",
            "feature": feature.name,
            "data_type": feature.data_type,
            "encoding": encoding,
            "fill_number": None if isinstance(fill, str) else fill,
            "fill_level": fill if isinstance(fill, str) else None,
        }
        first = slices[feature.name].start + 1
        if encoding == NUMBER or (encoding == RANK and not feature.levels):
            yield row | {"column_number": first}
            continue
        for place, level in enumerate(feature.levels):
            is_rank = encoding == RANK
            yield row | {
                "column_number": first if is_rank else first + place,
                "level": level,
                "level_value": float(place) if is_rank else 1.0,
            }


def _calibration(rule: Mapping[str, Any]) -> dict[str, Any]:
    method = rule["method"]
    row = {"method": method, "slope": rule.get("slope", 1.0), "intercept": rule.get("intercept", 0)}
    if method == "seasonal":
        by_month = [rule["intercepts"].get(str(m), rule["intercept"]) for m in range(1, 13)]
        row["intercepts_by_month"] = json.dumps(by_month)
    if method == "isotonic":
        row["knot_margins"] = json.dumps(list(rule["margins"]))
        row["knot_probabilities"] = json.dumps(list(rule["probabilities"]))
    return row
