"""The project's quality SQL without dbt: macros and models rendered by `macro_harness`.

They run in an in-memory DuckDB over frames that a test makes, so that no project build is needed.
"""

from __future__ import annotations

from datetime import date, datetime
from hashlib import md5

import duckdb
import numpy as np
import pandas as pd
from macro_harness import Macros

PROMOTION = {
    "metric": "roc_auc",
    "min_gain": 0.0,
    "min_rows": 200,
    "min_attritions": 30,
    "evidence": "gain",
    "min_roc_auc": 0.6,
    "beat_baselines": False,
}
SETTINGS = {
    "promotion": PROMOTION,
    "feature_domains": ["sales", "demographics"],
    "lookback_windows": [3, 12, 6],
}
SNAPSHOT = date(2024, 1, 1)


def metrics_sql(relation: str, group_columns: list[str]) -> str:
    """Render the query of `binary_metrics`."""
    return Macros().binary_metrics(relation, group_columns)


def model_sql(name: str, made: str | None = None, **settings: object) -> str:
    """Render a model; `made` names the table that an append continues."""
    used = SETTINGS | settings
    names = {
        "setting": used.__getitem__,
        "settings_fingerprint": lambda names: md5(
            repr([used[name] for name in names]).encode()
        ).hexdigest(),
        "window_suffix": lambda buckets: f"{buckets}m",
        "run_started_at": datetime(2024, 8, 1, 12),
        "invocation_id": "run-1",
    }
    return Macros(made=made, names=names).model(name)


def scored_rows(probability: object, is_attrition: object, cut: float = 0.3) -> pd.DataFrame:
    """Return rows with `probability`, `is_attrition`, `decision` and one group column."""
    probability = np.asarray(probability, dtype=np.float64)
    return pd.DataFrame(
        {
            "split": "test",
            "is_attrition": np.asarray(is_attrition, dtype=np.int32),
            "probability": probability,
            "decision": (probability >= cut).astype(np.int32),
        }
    )


def sql_metrics(rows: pd.DataFrame, threads: int = 1) -> dict[str, float | None]:
    """Run `binary_metrics` over the rows of one group."""
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.register("given", rows)
        connection.sql("create table scored as select * from given")
        answer = connection.sql(metrics_sql("scored", ["split"]))
        [values] = answer.fetchall()
        return dict(zip(answer.columns, values, strict=True))


def random_rows(seed: int, count: int, digits: int | None = None) -> pd.DataFrame:
    """Return rows whose outcome depends on a noisy probability, rounded to make ties."""
    rng = np.random.default_rng(seed)
    risk = rng.normal(-1.5, 1.5, count)
    is_attrition = rng.random(count) < 1 / (1 + np.exp(-risk))
    probability = 1 / (1 + np.exp(-risk - rng.normal(0, 1, count)))
    return scored_rows(
        probability if digits is None else np.round(probability, digits), is_attrition
    )


def predictions(rows: pd.DataFrame, **columns: object) -> pd.DataFrame:
    """Return the rows as `int_evaluation__predictions` has them."""
    whole = {
        "version_id": "v1",
        "system": "model",
        "newest_label_date": SNAPSHOT,
        "as_of_date": SNAPSHOT,
        "customer_id": [f"c{number:06}" for number in range(len(rows))],
    }
    return rows.assign(**(whole | columns))


def store(connection: duckdb.DuckDBPyConnection, name: str, rows: pd.DataFrame) -> None:
    """Create a table from a frame; days become dates."""
    connection.register("given", rows)
    connection.sql(f"create or replace table {name} as select * from given")
    connection.unregister("given")


def frame(
    connection: duckdb.DuckDBPyConnection, name: str, made: str | None = None
) -> pd.DataFrame:
    """Run a model."""
    return connection.sql(model_sql(name, made)).df()
