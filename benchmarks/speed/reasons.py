"""Exact reasons against XGBoost's own, and scoring against its bare prediction.

`python -m benchmarks.speed.reasons [rows to score]`.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import duckdb
import numpy as np
import xgboost
from attrition import schemas
from attrition.scoring.artefact import FITS, ModelVersion
from attrition.scoring.predictions import Scoring, score
from attrition.training.blend import Blend
from attrition.training.preprocessing import Feature, FeatureRule, Preprocessing
from attrition.training.tree_shap import TreeShap
from attrition.warehouse.duckdb import DuckDBRelation

from benchmarks.speed import Measured, interleaved, peak_mb

WIDTH = 40
MISSING = 0.05
SNAPSHOT = "2024-09-01"
EXPLAINED_SHAPES = ((3, 300), (6, 100), (6, 300))
"""Depth and number of trees."""
SCORED_SHAPES = ((3, 300), (6, 300))
EXPLAINED, EXPLAINED_BY_XGBOOST = 50_000, 500
REASONS_GOAL, SCORING_GOAL = 1 / 5, 1.25


def numbers(rows: int, seed: int = 0) -> np.ndarray:
    """Draw a matrix, float32, shape (rows, `WIDTH`)."""
    rng = np.random.default_rng(seed)
    drawn = rng.standard_normal((rows, WIDTH), dtype=np.float32)
    drawn[rng.random(drawn.shape, dtype=np.float32) < MISSING] = np.nan
    return drawn


def trained(depth: int, trees: int) -> xgboost.Booster:
    """Train on rows whose outcome depends on a few columns."""
    matrix = numbers(20_000)
    known = np.nan_to_num(matrix)
    log_odds = known[:, 0] + known[:, 1] * known[:, 2] - 1
    left = np.random.default_rng(1).random(len(matrix)) < 1 / (1 + np.exp(-log_odds))
    parameters = {"objective": "binary:logistic", "max_depth": depth, "eta": 0.1}
    return xgboost.train(parameters, xgboost.QuantileDMatrix(matrix, left), trees)


def measured(scored: int = 1_000_000) -> Iterator[Measured]:
    """Measure reasons and scoring.

    Args:
        scored: How many customers are scored.
    """
    explained = numbers(EXPLAINED, seed=2)
    for depth, trees in EXPLAINED_SHAPES:
        yield _explained(depth, trees, explained)
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Path(folder) / "scored.duckdb"
        store(warehouse, scored)
        for depth, trees in SCORED_SHAPES:
            yield _scored(depth, trees, warehouse, scored)


def _explained(depth: int, trees: int, matrix: np.ndarray) -> Measured:
    booster = trained(depth, trees)
    few = xgboost.DMatrix(matrix[:EXPLAINED_BY_XGBOOST])
    seconds, own = interleaved(
        # the tables are worked out each time
        lambda: TreeShap.of(booster).contributions(matrix),
        lambda: booster.predict(few, pred_contribs=True),
    )
    value, against = seconds / EXPLAINED * 1000, own / EXPLAINED_BY_XGBOOST * 1000
    return Measured(
        f"exact reasons, {trees} trees of depth {depth} on {WIDTH} features",
        EXPLAINED,
        round(value, 4),
        "seconds per 1,000 rows",
        "pred_contribs",
        round(value / against, 3),
        None,
        REASONS_GOAL,
        value <= REASONS_GOAL * against,
    )


def _scored(depth: int, trees: int, warehouse: Path, rows: int) -> Measured:
    booster = trained(depth, trees)
    content = bytes(booster.save_raw("ubj"))
    matrix = numbers(rows, seed=2)
    seconds, own = interleaved(
        lambda: score_warehouse(warehouse, content),
        lambda: booster.inplace_predict(matrix, predict_type="margin"),
    )
    return Measured(
        f"scoring with read and write, {trees} trees of depth {depth} on {WIDTH} features",
        rows,
        round(seconds, 2),
        "seconds",
        "inplace_predict",
        round(seconds / own, 3),
        round(peak_mb(score_warehouse, warehouse, content)),
        SCORING_GOAL,
        seconds <= SCORING_GOAL * own,
    )


def store(warehouse: Path, rows: int) -> None:
    """Write `modeling_dataset` with these customers at one snapshot to a new file."""
    columns = [f"f{position}" for position in range(WIDTH)]
    with duckdb.connect(str(warehouse)) as connection:
        drawn = dict(zip(columns, numbers(rows, seed=2).T, strict=True))
        connection.register("drawn", drawn)
        known = ", ".join(f"nullif({name}, 'nan'::float) as {name}" for name in columns)
        connection.execute(
            "create table modeling_dataset as select printf('c%08d', row_number() over ()) as "
            f"customer_id, date '{SNAPSHOT}' as as_of_date, {known} from drawn"
        )


def score_warehouse(warehouse: Path, booster: bytes) -> None:
    """Score all customers without reasons, and write them as dbt does."""
    version = version_of(booster)
    where = [[("as_of_date", "==", SNAPSHOT)]]
    scoring = Scoring(version, {}, where, {}, is_champion=False)
    with duckdb.connect(str(warehouse)) as connection:
        dataset = DuckDBRelation(connection.table("modeling_dataset"))
        stream = schemas.reader(score(scoring, dataset), scoring.schema)
        with connection.cursor() as cursor:
            cursor.register("stream", stream)
            cursor.execute("create or replace table scores as select * from stream")


def version_of(booster: bytes) -> ModelVersion:
    """Return a version that is these trees alone."""
    rule = FeatureRule("numeric")
    features = tuple(Feature(f"f{position}", rule) for position in range(WIDTH))
    blend = Blend(booster, {}, {"boosted_trees": 1.0})
    return ModelVersion(
        version_id="v000000000000",
        preprocessing=Preprocessing(features),
        fits=dict.fromkeys(FITS, blend),
        calibrations={name: {"method": "none"} for name in FITS},
        decision_threshold=0.5,
        split_rule={},
        baseline_thresholds={},
    )


if __name__ == "__main__":
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    for one in measured(rows):
        print(json.dumps(asdict(one)), flush=True)
