"""What dbt's Python models call, each by its model's name: the one place that chooses a warehouse.

All below is handed what it needs and asks nobody which warehouse it is. A warehouse says how a
relation is read, how a table is given back to dbt, and where customers are scored.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import reduce, wraps
from itertools import chain
from typing import Any, Protocol

import pyarrow as pa

from attrition import schemas
from attrition.errors import AttritionError
from attrition.relation import Relation
from attrition.scoring import predictions
from attrition.scoring.champion_sql import champion_in_rows
from attrition.scoring.predictions import Scoring
from attrition.snowflake.package_source import PYPI
from attrition.training.backtest import backtests
from attrition.training.candidate import Fit, train
from attrition.training.search import fit_booster
from attrition.warehouse.duckdb import DuckDBRelation
from attrition.warehouse.snowflake import SnowparkRelation, dataframe_of, heard


class Warehouse(Protocol):
    """What differs between warehouses; relations and results are as dbt has them there."""

    def read(self, relation: Any) -> Relation:
        """Return a relation of `dbt.ref` as the library reads it."""

    def give_back(self, table: pa.Table) -> Any:
        """Return a table as dbt takes it."""

    def give_back_all(self, tables: Iterable[pa.Table], schema: pa.Schema) -> Any:
        """Return tables of one schema, or none, as dbt takes them."""

    def score(
        self, scoring: Scoring, dataset: Any, metrics: Any, package_source: str | None
    ) -> Any:
        """Score with a version.

        Args:
            scoring: What is to be scored.
            dataset: `modeling_dataset`.
            metrics: `attrition_model_metrics`, or none for a shadow.
            package_source: Where a registered version takes its packages from.
        """

    def stack(self, scored: Iterable[Any], schema: pa.Schema) -> Any:
        """Return what `score` returned, several times or not at all, as dbt takes it."""

    def hearing(self, model: str, relations: Iterable[Any]) -> AbstractContextManager[None]:
        """Keep what a model logs meanwhile, where no terminal shows it."""


@dataclass(frozen=True)
class _DuckDB:
    """DuckDB: this process scores."""

    def read(self, relation: Any) -> Relation:
        return DuckDBRelation(relation)

    def give_back(self, table: pa.Table) -> Any:
        return table

    def give_back_all(self, tables: Iterable[pa.Table], schema: pa.Schema) -> Any:
        # dbt writes on a cursor of its own while these are still read
        return schemas.reader(tables, schema)

    def score(
        self, scoring: Scoring, dataset: Any, metrics: Any, package_source: str | None
    ) -> Any:
        return predictions.score(scoring, DuckDBRelation(dataset))

    def stack(self, scored: Iterable[Any], schema: pa.Schema) -> Any:
        return self.give_back_all(chain.from_iterable(scored), schema)

    def hearing(self, model: str, relations: Iterable[Any]) -> AbstractContextManager[None]:
        return nullcontext()


@dataclass(frozen=True)
class _Snowflake:
    """Snowflake: a registered version scores in the warehouse."""

    session: Any

    def read(self, relation: Any) -> Relation:
        return SnowparkRelation(relation)

    def give_back(self, table: pa.Table) -> Any:
        return dataframe_of(table, self.session)

    def give_back_all(self, tables: Iterable[pa.Table], schema: pa.Schema) -> Any:
        return self.give_back(schemas.concatenate(tables, schema))

    def score(
        self, scoring: Scoring, dataset: Any, metrics: Any, package_source: str | None
    ) -> Any:
        from attrition.snowflake import registry

        judged = [] if metrics is None else SnowparkRelation(metrics).rows()
        kept = registry.metrics_of(judged, scoring.version.version_id)
        relation = SnowparkRelation(dataset)
        return registry.score(scoring, relation, kept, package_source or PYPI)

    def stack(self, scored: Iterable[Any], schema: pa.Schema) -> Any:
        frames = list(scored)
        if not frames:
            return self.give_back(schema.empty_table())
        return reduce(lambda left, right: left.union_all(right), frames)

    def hearing(self, model: str, relations: Iterable[Any]) -> AbstractContextManager[None]:
        table = next(one for one in relations if getattr(one, "table_name", None))
        return heard(model, SnowparkRelation(table).place, self.session)


def warehouse_for(session: Any) -> Warehouse:
    """Return the warehouse of a session that dbt passes to a Python model.

    Raises:
        AttritionError: It is of a warehouse that the library does not know.
    """
    kind = type(session)
    # on DuckDB dbt wraps the connection
    packages = kind.__module__.split(".")
    if "duckdb" in packages or "_duckdb" in packages:
        return _DuckDB()
    if "snowflake" in packages:
        return _Snowflake(session)
    raise AttritionError(
        f"The session is a {kind.__module__}.{kind.__qualname__}, expected DuckDB's connection or "
        "Snowpark's session: add a module to attrition/warehouse and name it in "
        "attrition/dbt_models.py."
    )


def _heard(model: Callable[..., Any]) -> Callable[..., Any]:
    """Have the warehouse keep what a model logs while it runs."""
    signature = inspect.signature(model)

    @wraps(model)
    def run(*relations: Any) -> Any:
        session = signature.bind(*relations).arguments["session"]
        with warehouse_for(session).hearing(model.__name__, relations):
            return model(*relations)

    return run


@_heard
def ml_candidate(plan: Any, catalog: Any, dataset: Any, session: Any) -> Any:
    """Train where the setting `engine` says, when the plan says so; one row or none.

    Args:
        plan: `training_plan`, one row.
        catalog: `attrition_feature_catalog`.
        dataset: `modeling_dataset`.
        session: What dbt passes to the model.
    """
    warehouse = warehouse_for(session)
    row, planned = None, warehouse.read(plan).rows()
    if planned and planned[0]["is_due"]:
        settings = json.loads(planned[0]["settings"])
        if settings.get("engine") == "snowflake_ml_job":
            from attrition.snowflake.jobs import train_in_job

            row = train_in_job(plan, catalog, dataset, planned[0], session)
        else:
            with _fitting(settings) as fit:
                relations = warehouse.read(catalog), warehouse.read(dataset)
                row = train(planned[0], *relations, fit=fit)
    return warehouse.give_back(schemas.table_of_rows([row] if row else [], schemas.CANDIDATE))


def _fitting(settings: Mapping[str, Any]) -> AbstractContextManager[Fit]:
    """Return what fits the judged and the serving booster: XGBoost here, or a cluster."""
    if settings.get("engine") == "ray":
        from attrition.ray_engine import cluster

        return cluster(settings["num_workers"], settings["ray_address"], settings["ray_storage"])
    return nullcontext(fit_booster)


@_heard
def ml_backtest(origins: Any, versions: Any, dataset: Any, session: Any) -> Any:
    """Predict past snapshots; arguments as of `backtests`, with the session."""
    warehouse = warehouse_for(session)
    relations = map(warehouse.read, (origins, versions, dataset))
    return warehouse.give_back(backtests(*relations))


@_heard
def ml_test_predictions(
    plan: Any, contenders: Any, versions: Any, dataset: Any, session: Any
) -> Any:
    """Predict what SQL judges by; arguments as of `contender_predictions`, with the session."""
    warehouse = warehouse_for(session)
    relations = map(warehouse.read, (plan, contenders, versions, dataset))
    predicted = predictions.contender_predictions(*relations)
    return warehouse.give_back_all(predicted, schemas.TEST_PREDICTIONS)


@_heard
def ml_predictions(
    champion: Any,
    versions: Any,
    metrics: Any,
    catalog: Any,
    plan: Any,
    dataset: Any,
    session: Any,
    package_source: str | None = None,
) -> Any:
    """Score and explain each customer of the newest snapshot with the champion.

    Arguments are as of `champion_scoring`, with the session, and `attrition_model_metrics`, which
    a registry keeps beside the champion, as well as where its packages come from.
    """
    warehouse = warehouse_for(session)
    relations = map(warehouse.read, (champion, versions, catalog, plan, dataset))
    scoring = predictions.champion_scoring(*relations)
    scored = [warehouse.score(scoring, dataset, metrics, package_source)] if scoring else []
    return warehouse.stack(scored, schemas.PREDICTIONS)


@_heard
def ml_shadow_predictions(
    versions: Any, plan: Any, dataset: Any, session: Any, package_source: str | None = None
) -> Any:
    """Score the same customers with the shadows; arguments of `shadow_scorings`, then as above."""
    warehouse = warehouse_for(session)
    scorings = predictions.shadow_scorings(*map(warehouse.read, (versions, plan, dataset)))
    scored = [warehouse.score(scoring, dataset, None, package_source) for scoring in scorings]
    return warehouse.stack(scored, schemas.SHADOW_PREDICTIONS)


@_heard
def ml_contributions(
    champion: Any, versions: Any, catalog: Any, plan: Any, dataset: Any, session: Any
) -> Any:
    """Explain a sample of customers whole; arguments as of `champion_scoring`, with the session."""
    warehouse = warehouse_for(session)
    relations = map(warehouse.read, (champion, versions, catalog, plan, dataset))
    explained = predictions.sampled_contributions(*relations)
    return warehouse.give_back_all(explained, schemas.CONTRIBUTIONS)


@_heard
def ml_champion(champion: Any, versions: Any, session: Any) -> Any:
    """Write the champion as rows; arguments as of `champion_in_rows`, with the session."""
    warehouse = warehouse_for(session)
    return warehouse.give_back(champion_in_rows(*map(warehouse.read, (champion, versions))))
