"""The project's quality SQL without dbt: macros and models rendered with Jinja alone.

They run in an in-memory DuckDB over frames that a test makes, so that no project build is needed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date, datetime
from hashlib import md5
from pathlib import Path
from types import SimpleNamespace

import duckdb
import jinja2
import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
PROMOTION = {
    "metric": "roc_auc",
    "min_gain": 0.0,
    "min_rows": 200,
    "min_attritions": 30,
    "evidence": "gain",
    "beat_baselines": True,
}
SETTINGS = {
    "promotion": PROMOTION,
    "feature_domains": ["sales", "demographics"],
    "lookback_windows": [3, 12, 6],
}
SNAPSHOT = date(2024, 1, 1)
DBT = SimpleNamespace(hash=lambda expression: f"md5(cast({expression} as varchar))")


@functools.cache
def template(path: Path) -> jinja2.Template:
    """Return the template of a macro or model."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])
    return environment.from_string(path.read_text())


class Returned(Exception):
    """Carries what a macro returns, as dbt's `return` does."""


def _return(value: object) -> None:
    raise Returned(value)


class Package:
    """The project's macros, as `attrition.<name>`, in place of dbt."""

    def __init__(self, **names: object) -> None:
        self.context = {
            "attrition": self, "return": _return, "ref": lambda name: name, "dbt": DBT,
            "adapter": self,
        } | names  # fmt: skip

    def __getattr__(self, name: str) -> Callable[..., str]:
        if name in self.context:
            return self.context[name]
        return self.macro(name, name)

    def macro(self, file: str, name: str) -> Callable[..., str]:
        """Return a macro of a file."""
        [path] = (ROOT / "macros").glob(f"*/{file}.sql")
        module = template(path).make_module(self.context)
        called = getattr(module, name)

        def answer(*args: object, **kwargs: object) -> object:
            try:
                return called(*args, **kwargs)
            except Returned as returned:
                return returned.args[0]

        return answer

    def dispatch(self, name: str, _package: str) -> Callable[..., str]:
        """Choose what dbt's adapter for DuckDB would."""
        return self.macro(name, f"duckdb__{name}")


def metrics_sql(relation: str, group_columns: list[str]) -> str:
    """Render the query of `binary_metrics`."""
    return Package(is_incremental=lambda: False).binary_metrics(relation, group_columns)


def model_sql(name: str, made: str | None = None, **settings: object) -> str:
    """Render a model; `made` names the table that an append continues."""
    package = Package(
        config=lambda **_: "",
        is_incremental=lambda: made is not None,
        this=made,
        setting=(SETTINGS | settings).__getitem__,
        settings_fingerprint=lambda names: md5(
            repr([(SETTINGS | settings)[name] for name in names]).encode()
        ).hexdigest(),
        window_suffix=lambda buckets: f"{buckets}m",
        run_started_at=datetime(2024, 8, 1, 12),
        invocation_id="run-1",
    )
    [path] = (ROOT / "models").glob(f"**/{name}.sql")
    return template(path).render(package.context)


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
