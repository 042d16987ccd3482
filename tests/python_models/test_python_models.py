import importlib.util
from pathlib import Path

import pyarrow as pa
import pytest
import training_fixture as fixture
from attrition import schemas

MODELS = Path(__file__).parents[2] / "python_models"
PATHS = sorted((MODELS / "training").glob("*.py")) + sorted((MODELS / "scoring").glob("*.py"))


class FakeConfig:
    """The configuration of a model, which it adds to and reads `meta` of."""

    def __init__(self):
        self.configured = {}

    def __call__(self, **options):
        self.configured |= options

    def meta_get(self, name):
        return {"package_source": "pypi"}[name]


class FakeDbt:
    """What a dbt Python model sees: references to tables and a place for its configuration."""

    def __init__(self, connection):
        self.connection = connection
        self.config = FakeConfig()

    def ref(self, name):
        return self.connection.query(f"select * from {name}")


def run(name, connection):
    """Execute a model file as dbt does and write its result as a table of its name."""
    path = next(path for path in PATHS if path.stem == name)
    specification = importlib.util.spec_from_file_location(f"thin_{name}", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    dbt = FakeDbt(connection)
    table = module.model(dbt, connection)
    if isinstance(table, pa.RecordBatchReader):
        # it queries the connection, which nothing else may use meanwhile
        table = table.read_all()
    assert dbt.config.configured == {"materialized": "kept_table"}
    fixture.store(connection, name, table)
    return table


def test_the_models_run_one_after_the_other_on_a_connection():
    connection = fixture.connect()
    assert run("ml_candidate", connection).schema.equals(schemas.CANDIDATE)
    connection.execute("create table attrition_model_artefacts as select * from ml_candidate")
    connection.execute("create view attrition_champion as select * from attrition_model_artefacts")
    connection.execute(
        "create view int_evaluation__backtest_origins as select version_id, "
        "date '2024-06-01' as origin_date, date '2024-04-01' as last_fit_date, "
        "1000000 as most_rows from ml_candidate"
    )
    connection.execute(
        "create view int_evaluation__contenders as "
        "select version_id, 'challenger' as role, true as needs_judging from ml_candidate"
    )
    assert run("ml_test_predictions", connection).num_rows > 0
    assert run("ml_backtest", connection).num_rows == fixture.CUSTOMERS
    assert run("ml_predictions", connection).num_rows == fixture.CUSTOMERS
    assert run("ml_shadow_predictions", connection).num_rows == 0
    assert run("ml_contributions", connection).num_rows > fixture.CUSTOMERS
    parts = run("ml_champion", connection)["part"].to_pylist()
    assert {"trees", "encoding", "calibration"} <= set(parts)
    versions = connection.sql(
        "select distinct version_id from ml_predictions union "
        "select distinct version_id from ml_test_predictions union "
        "select version_id from ml_candidate"
    )
    assert versions.fetchall() == [(fixture.trained()["version_id"],)]


def test_models_of_nothing_are_empty_tables_of_the_declared_types():
    connection = fixture.connect(is_due=False)
    run("ml_candidate", connection)
    connection.execute("create table attrition_model_artefacts as select * from ml_candidate")
    connection.execute("create view attrition_champion as select * from ml_candidate")
    contenders = {"version_id": pa.string(), "role": pa.string(), "needs_judging": pa.bool_()}
    fixture.store(connection, "int_evaluation__contenders", pa.schema(contenders).empty_table())
    assert run("ml_test_predictions", connection).schema.equals(schemas.TEST_PREDICTIONS)
    assert run("ml_predictions", connection).schema.equals(schemas.PREDICTIONS)
    assert run("ml_contributions", connection).schema.equals(schemas.CONTRIBUTIONS)
    assert run("ml_champion", connection).schema.equals(schemas.CHAMPION)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_model_is_thin(path):
    lines = path.read_text().splitlines()
    assert len(lines) < 25
    assert lines[0].startswith('"""')
    for line in lines:
        assert line.count("dbt.ref(") <= 1
        if "dbt.ref(" in line:
            assert line.strip().split(" = ")[0].isidentifier()
