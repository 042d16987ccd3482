"""Snowflake's side of a training job, as far as it can be here: a session, jobs, the runtime.

What is faked has the signatures of the installed package or, for what only the container runtime
has, of its documentation; a call with a wrong argument fails.
"""

import runpy
import sys
from types import ModuleType, SimpleNamespace
from typing import ClassVar
from unittest.mock import create_autospec

import pandas as pd
import training_fixture as fixture
import xgboost
from snowflake.ml.data.data_connector import DataConnector
from snowflake.ml.jobs import MLJob, submit_file
from snowflake.snowpark import types

JOB_SETTINGS = {"engine": "snowflake_ml_job", "compute_pool": "a_pool", "num_workers": 1}
TABLES = ("training_plan", "attrition_feature_catalog", "modeling_dataset")
KINDS = {
    "string": types.StringType,
    "date32[day]": types.DateType,
    "bool": types.BooleanType,
    "int32": types.LongType,
    "int64": types.LongType,
    "float": types.DoubleType,
}


class Named:
    """A relation of DuckDB with the name that a Snowpark table has."""

    def __init__(self, relation, name):
        self.relation, self.table_name = relation, name

    def __getattr__(self, name):
        return getattr(self.relation, name)


class DuckSession:
    """A session as the job uses it, over the small warehouse of `training_fixture`."""

    def __init__(self, connection):
        self.connection = connection

    def table(self, name):
        return Named(self.connection.table(name), name)

    def tables(self):
        """Return plan, catalog and dataset as dbt.ref does."""
        return [self.table(name) for name in TABLES]


def session_on_duckdb(monkeypatch, **settings):
    """Return a session that the job finds, too; both read it as they read DuckDB."""
    from attrition import dbt_models
    from attrition.warehouse.duckdb import DuckDBRelation

    session = DuckSession(fixture.connect(**settings))
    on_duckdb = dbt_models.warehouse_for(session.connection)
    monkeypatch.setattr(dbt_models, "warehouse_for", lambda _: on_duckdb)
    monkeypatch.setattr("attrition.warehouse.snowflake.SnowparkRelation", DuckDBRelation)
    builder = SimpleNamespace(getOrCreate=lambda: session)
    monkeypatch.setattr("snowflake.snowpark.Session.builder", builder)
    return session


def snowpark_tables(session, customers, **settings):
    """Write plan, catalog and dataset into a local-testing session; return them as dbt.ref does."""
    few = fixture.dataset().slice(0, customers * len(fixture.MONTHS))
    connection = fixture.connect(few, **settings)
    return [_stored(session, name, connection.table(name).arrow().read_all()) for name in TABLES]


def _stored(session, name, table):
    fields = [
        types.StructField(field.name.upper(), KINDS[str(field.type)]()) for field in table.schema
    ]
    rows = [tuple(row.values()) for row in table.to_pylist()]
    frame = session.create_dataframe(rows, schema=types.StructType(fields))
    frame.write.save_as_table(name, mode="overwrite")
    return session.table(name)


def job(status="DONE", result=None, log=()):
    """Return a job that has ended, with the interface of the installed package."""
    fake = create_autospec(MLJob, instance=True)
    fake.id = "ATTRITION.DEV.ATTRITION_TRAINING_1"
    fake.status = status
    fake.wait.side_effect = lambda timeout=-1: status
    fake.result.side_effect = lambda timeout=-1: result
    fake.get_logs.side_effect = lambda *arguments, **options: list(log)
    return fake


def running_jobs(monkeypatch):
    """Let submitted jobs run here, at once, as the launcher runs their script; return the spy."""

    def run(file_path, compute_pool, *, args, **options):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", [file_path, *args])
            returned = runpy.run_path(file_path, run_name="__main__")["__return__"]
        return job(result=returned)

    spy = create_autospec(submit_file, side_effect=run)
    monkeypatch.setattr("snowflake.ml.jobs.submit_file", spy)
    monkeypatch.setattr("snowflake.ml.jobs.delete_job", lambda job, session=None: None)
    return spy


class XGBScalingConfig:
    def __init__(self, num_workers=-1, num_cpu_per_worker=-1, use_gpu=None):
        self.num_workers = num_workers
        self.num_cpu_per_worker = num_cpu_per_worker
        self.use_gpu = use_gpu


class XGBEstimator:
    """The documented signature over xgboost.train, on one machine."""

    made: ClassVar[list["XGBEstimator"]] = []

    def __init__(
        self,
        n_estimators=100,
        objective="reg:squarederror",
        params=None,
        scaling_config=None,
        callbacks=None,
    ):
        self.n_estimators = n_estimators
        self.params = {"objective": objective, **(params or {})}
        self.scaling_config = scaling_config
        self.made.append(self)

    def fit(self, dataset, input_cols=None, label_col=None, eval_set=None, verbose_eval=None):
        data = dataset.to_ray_dataset().to_pandas()
        matrix = xgboost.QuantileDMatrix(data[input_cols], data[label_col])
        return xgboost.train(self.params, matrix, num_boost_round=self.n_estimators)


class RayDataset:
    def __init__(self, blocks):
        self.blocks = blocks

    def to_pandas(self):
        return pd.concat(self.blocks, ignore_index=True)


class RayIngestor:
    """What the container runtime puts in the place of the wheel's ingestor."""

    def __init__(self, dataset):
        self.to_ray_dataset = lambda: dataset

    @classmethod
    def from_ray_dataset(cls, ray_ds, **options):
        return cls(ray_ds)


def container_runtime(monkeypatch, estimator=XGBEstimator):
    """Install what only the container runtime has."""
    ray, data = ModuleType("ray"), ModuleType("ray.data")
    ray.data, data.from_pandas = data, RayDataset
    distributor = ModuleType("snowflake.ml.modeling.distributors.xgboost")
    distributor.XGBEstimator, distributor.XGBScalingConfig = estimator, XGBScalingConfig
    parent = ModuleType("snowflake.ml.modeling.distributors")
    parent.xgboost = distributor
    for module in (ray, data, parent, distributor):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(DataConnector, "DEFAULT_INGESTOR_CLASS", RayIngestor)
    monkeypatch.setattr(estimator, "made", [])
    return estimator.made
