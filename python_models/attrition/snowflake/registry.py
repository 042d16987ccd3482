"""The champion in Snowflake's Model Registry, and scoring with it where the data is.

A model version is logged once with its boosters, its preprocessing and this library beside it, and
run as a function of the warehouse over a Snowpark DataFrame: no customer leaves Snowflake, and each
node scores its part. The alias `champion` follows `attrition_champion`.

Annotations are evaluated here: snowflake-ml checks those of the function it registers.
"""

import base64
import hashlib
import json
import logging
import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from snowflake.ml.model import custom_model
from snowflake.ml.model.model_signature import DataType, FeatureSpec, ModelSignature

from attrition import schemas
from attrition.relation import ARROW_TYPES
from attrition.scoring.artefact import ModelVersion, ReasonRules
from attrition.scoring.predictions import Scoring, score_rows
from attrition.snowflake.library import copy_library, library_hash
from attrition.snowflake.package_source import CONDA, REPOSITORIES, XGBOOST
from attrition.training.preprocessing import CATEGORY
from attrition.warehouse.snowflake import SnowparkRelation, kinds_of

logger = logging.getLogger(__name__)

MODEL_NAME = "ATTRITION"
CHAMPION = "CHAMPION"
KEYS = ("customer_id", "as_of_date")
OUTPUTS = [name for name in schemas.PREDICTIONS.names if name not in ("version_id", *KEYS)]
VERSION_FILE = "version"
REGISTERED_METRICS = (
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier_score",
    "ece",
    "lift_top_decile",
)
_FEATURE_TYPES = {
    CATEGORY: DataType.STRING,
    "boolean": DataType.BOOL,
    "numeric": DataType.DOUBLE,
}
_OUTPUT_TYPES = {
    pa.string(): DataType.STRING,
    pa.float64(): DataType.DOUBLE,
    pa.int32(): DataType.INT64,
}


class AttritionModel(custom_model.CustomModel):
    """A model version as the registry runs it: features in, probability and reasons out."""

    def __init__(self, context: custom_model.ModelContext) -> None:
        super().__init__(context)
        content = json.loads(Path(context[VERSION_FILE]).read_text(encoding="utf-8"))
        boosters = {name: base64.b64decode(text) for name, text in content["boosters"].items()}
        self.version = ModelVersion.from_row(content["row"] | boosters)
        self.reason_rules = content["reason_rules"]

    @custom_model.inference_api
    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Score and explain rows; columns as in `signature_of`."""
        table = table_of_frame(self.version, rows)
        scored = score_rows(self.version, table, self.reason_rules)
        return scored.select(OUTPUTS).to_pandas()


def table_of_frame(version: ModelVersion, rows: pd.DataFrame) -> pa.Table:
    """Return rows of the warehouse as the table that a model version reads.

    `customer_id` is not needed to score and left empty.
    """
    columns = {"as_of_date": "date", **version.preprocessing.types()}
    arrays = {"customer_id": pa.nulls(len(rows), pa.string())}
    for name, kind in columns.items():
        values = rows[name]
        wanted = ARROW_TYPES[kind]
        if values.isna().all():
            arrays[name] = pa.nulls(len(rows), wanted)
        elif kind == "date":
            arrays[name] = pa.array(values.to_numpy("datetime64[D]"))
        elif kind == "text":
            arrays[name] = pa.array(values, wanted, from_pandas=True)
        else:
            numbers = values.to_numpy(np.float64, na_value=np.nan)
            arrays[name] = pa.array(numbers.astype(np.float32), from_pandas=True)
    return pa.table(arrays)


def signature_of(version: ModelVersion) -> ModelSignature:
    """Return the names and types of what a version's function takes and gives.

    The registry finds the columns of a DataFrame that are called so in upper case.
    """
    inputs = [FeatureSpec("as_of_date", DataType.TIMESTAMP_NTZ)]
    for feature in version.preprocessing.features:
        inputs.append(FeatureSpec(feature.name, _FEATURE_TYPES[feature.data_type]))
    outputs = [
        FeatureSpec(name, _OUTPUT_TYPES[schemas.PREDICTIONS.field(name).type]) for name in OUTPUTS
    ]
    return ModelSignature(inputs, outputs)


def score(
    scoring: Scoring, dataset: SnowparkRelation, metrics: Mapping[str, float], package_source: str
) -> Any:
    """Score rows with a registered version, which is logged first where it is not there yet.

    Alias and default come to point to a champion.

    Args:
        scoring: What is to be scored.
        dataset: `modeling_dataset`.
        metrics: What is kept beside a version that is logged.
        package_source: Where a version that is logged takes its packages from.

    Returns:
        A DataFrame with the columns of `scoring.schema`, evaluated when it is saved.
    """
    from snowflake.ml.registry import Registry
    from snowflake.snowpark.functions import lit

    database, schema = dataset.place
    registry = Registry(dataset.frame.session, database_name=database, schema_name=schema)
    registered = _registered(registry, scoring, metrics, package_source)
    if scoring.is_champion:
        _point_alias(registry.get_model(MODEL_NAME), registered)
    scored = registered.run(_inputs(scoring, dataset), function_name="predict")
    whole = scored.with_column("VERSION_ID", lit(scoring.version.version_id))
    return SnowparkRelation(whole).project(kinds_of(scoring.schema))


def version_name(row: Mapping[str, Any], reason_rules: ReasonRules) -> str:
    """Return the name under which a version is registered.

    It holds what scores beside the booster, the library and the rules of reasons, so that a newer
    library is registered anew instead of scoring as the old one.
    """
    beside = json.dumps([library_hash(), sorted(reason_rules.items())]).encode()
    return f"{row['version_id']}_{hashlib.sha256(beside).hexdigest()[:8]}".upper()


def _registered(
    registry: Any, scoring: Scoring, metrics: Mapping[str, float], package_source: str
) -> Any:
    row, reason_rules = scoring.row, scoring.reason_rules
    name = version_name(row, reason_rules)
    try:
        # the registry answers what is not there with a ValueError
        return registry.get_model(MODEL_NAME).version(name)
    except ValueError:
        logger.info("logging %s to the registry as version %s of %s", row["version_id"], name,
                    MODEL_NAME)  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        package = copy_library(Path(folder))
        file = Path(folder) / f"{VERSION_FILE}.json"
        file.write_text(_content(row, reason_rules), encoding="utf-8")
        model = AttritionModel(custom_model.ModelContext(artifacts={VERSION_FILE: str(file)}))
        return registry.log_model(
            model,
            model_name=MODEL_NAME,
            version_name=name,
            comment=f"attrition {row['version_id']}, labels up to {row['newest_label_date']}",
            metrics=dict(metrics),
            target_platforms=["WAREHOUSE"],
            signatures={"predict": signature_of(scoring.version)},
            code_paths=[str(package)],
            # by default 3.2.0 would become "at least 3.2"
            options={"relax_version": False},
            **dependencies(package_source),
        )


def dependencies(package_source: str) -> dict[str, Any]:
    """Return what `log_model` is told of the packages that the registered function imports.

    They are those that run here, from where they come from here.
    """
    import xgboost

    modules = {"numpy": np, "pandas": pd, "pyarrow": pa, XGBOOST[package_source]: xgboost}
    packages = [f"{name}=={module.__version__}" for name, module in modules.items()]
    if package_source == CONDA:
        return {"conda_dependencies": packages}
    repository = REPOSITORIES[package_source]
    return {"pip_requirements": packages, "artifact_repository_map": {"pip": repository}}


def metrics_of(rows: Sequence[Mapping[str, Any]], version_id: str) -> dict[str, float]:
    """Return a version's test metrics, as it was judged last, by their names.

    Args:
        rows: Rows of `attrition_model_metrics`.
        version_id: The version.
    """
    judged = [one for one in rows if one["version_id"] == version_id and one["split"] == "test"]
    if not judged:
        return {}
    newest = max(judged, key=lambda one: one["newest_label_date"])
    values = {f"test_{name}": newest[name] for name in REGISTERED_METRICS}
    return {
        name: float(value)
        for name, value in values.items()
        if value is not None and math.isfinite(value)
    }


def _content(row: Mapping[str, Any], reason_rules: ReasonRules) -> str:
    boosters = {name: value for name, value in row.items() if isinstance(value, bytes)}
    texts = {name: value for name, value in row.items() if name not in boosters}
    encoded = {name: base64.b64encode(value).decode() for name, value in boosters.items()}
    return json.dumps(
        {"row": texts, "boosters": encoded, "reason_rules": dict(reason_rules)}, default=str
    )


def _point_alias(model: Any, registered: Any) -> None:
    """Let the alias and the default be this version; a version has one alias, an alias one."""
    try:
        current = model.version(CHAMPION)
    except ValueError:
        current = None
    if current is not None and current.version_name == registered.version_name:
        return
    if current is not None:
        current.unset_alias(CHAMPION)
    registered.set_alias(CHAMPION)
    model.default = registered
    logger.info("the alias %s of %s is version %s", CHAMPION, MODEL_NAME, registered.version_name)


def _inputs(scoring: Scoring, dataset: SnowparkRelation) -> Any:
    columns = {
        "customer_id": "text",
        "as_of_date": "timestamp",
        **scoring.version.preprocessing.types(),
    }
    return dataset.project(columns, scoring.where)
