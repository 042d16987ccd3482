"""Each dbt Python model as Snowflake runs it: the text that dbt sends, in Snowpark's local testing.

A name in lower case that Snowpark quotes is another column than the one SQL reads, a column with no
declared type becomes text, and what is pulled into the procedure has to fit its memory.
"""

import contextlib
import datetime as dt
import re
from importlib.metadata import distribution
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pyarrow as pa
import pytest
import training_fixture as fixture
from account import DATABASE, SCHEMA
from attrition import schemas
from dbt_project import QUICK
from dialect import SCHEMAS
from local_session import local_session, put_table
from macro_harness import Macros
from registry_emulator import MODELS, EmulatedVersion, emulated_registry
from snowflake.snowpark import DataFrame, types

pytestmark = pytest.mark.xdist_group("snowflake")

CUSTOMERS = 300
ROWS = CUSTOMERS * len(fixture.MONTHS)
MACROS = "dbt/include/snowflake/macros/relations/table/create.sql"
SHADOW = "vbbbbbbbbbbbb"
# without one there is no procedure for them
WITH_SHADOW = QUICK.removesuffix("}") + f", shadow_versions: [{SHADOW}]}}"
SNOWPARK_TYPES = {
    pa.string(): types.StringType(),
    pa.timestamp("us"): types.TimestampType(types.TimestampTimeZone.NTZ),
    pa.date32(): types.DateType(),
    pa.int32(): types.LongType(),
    pa.int64(): types.LongType(),
    pa.float64(): types.DoubleType(),
    pa.bool_(): types.BooleanType(),
    pa.binary(): types.BinaryType(),
}


def relations():
    """Return what the Python models read, by the names of the models that write it."""
    version = fixture.trained()
    version_id = version["version_id"]
    origin = {
        "version_id": version_id,
        "origin_date": dt.date(2024, 6, 1),
        "last_fit_date": dt.date(2024, 4, 1),
        "most_rows": 1_000_000,
    }
    contender = {"version_id": version_id, "role": "challenger", "needs_judging": True}
    champion = {"version_id": version_id, "decided_by": "gate"}
    metric = {"version_id": version_id, "split": "test", "newest_label_date": dt.date(2024, 8, 1)}
    names = ("roc_auc", "average_precision", "log_loss", "brier_score", "ece", "lift_top_decile")
    plan = fixture.plan(shadow_versions=[SHADOW], num_tuning_rounds=2)
    versions = [version, version | {"version_id": SHADOW}]
    return {
        "training_plan": pa.Table.from_pylist([plan]),
        "attrition_feature_catalog": fixture.catalog(),
        "modeling_dataset": fixture.dataset().slice(0, ROWS),
        "attrition_model_artefacts": schemas.table_of_rows(versions, schemas.CANDIDATE),
        "attrition_model_metrics": pa.Table.from_pylist([metric | dict.fromkeys(names, 0.25)]),
        "attrition_champion": pa.Table.from_pylist([champion]),
        "int_evaluation__contenders": pa.Table.from_pylist([contender]),
        "int_evaluation__backtest_origins": pa.Table.from_pylist([origin]),
    }


@pytest.fixture(scope="module")
def texts(account):
    """Each Python model's text, by name, as dbt-snowflake puts it into a procedure."""
    nodes = account.compiled(WITH_SHADOW)["nodes"].values()
    path = Path(distribution("dbt-snowflake").locate_file(MACROS))
    catalog = SimpleNamespace(is_transient=True)
    macros = Macros(names={
        "adapter": SimpleNamespace(build_catalog_relation=lambda _: catalog),
        "config": SimpleNamespace(model=None),
        "resolve_model_name": lambda relation: relation,
    })  # fmt: skip
    return {
        node["name"]: macros.call(
            path, "py_write_table", node["compiled_code"], _relation(node["name"])
        )
        for node in nodes
        if node.get("language") == "python"
    }


def _relation(name):
    return f"{DATABASE}.{SCHEMA}.{name}"


class Reads:
    """What was pulled out of the warehouse: how many rows of which columns, and how."""

    def __init__(self):
        self.seen, self.is_registry = [], False

    def take(self, how, frame, row_count):
        if not self.is_registry:
            self.seen.append((how, row_count, set(frame.columns)))

    @contextlib.contextmanager
    def watching(self):
        with contextlib.ExitStack() as stack:
            for how in ("to_pandas", "to_pandas_batches", "collect", "to_local_iterator"):
                stack.enter_context(mock.patch.object(DataFrame, how, self._spy(how)))
            stack.enter_context(mock.patch.object(EmulatedVersion, "run", self._in_registry()))
            yield self

    def _spy(self, how):
        real = getattr(DataFrame, how)

        def spy(frame, *arguments, **named):
            result = real(frame, *arguments, **named)
            if how in ("to_pandas_batches", "to_local_iterator"):
                result = list(result)
                self.take(how, frame, sum(map(len, result)))
            else:
                self.take(how, frame, len(result))
            return result

        return spy

    def _in_registry(self):
        """Leave out what the emulated registry reads: the real one scores in the warehouse."""
        real = EmulatedVersion.run

        def run(version, *arguments, **named):
            self.is_registry = True
            try:
                return real(version, *arguments, **named)
            finally:
                self.is_registry = False

        return run


def run_text(text, name):
    """Run a procedure's `main` and return the fields of what it saved, its rows, and the reads."""
    MODELS.clear()
    with local_session() as session, emulated_registry(), Reads().watching() as reads:
        for relation, table in relations().items():
            upper = table.rename_columns([column.upper() for column in table.column_names])
            put_table(session, _relation(relation), upper)
        names = {"__name__": "procedure"}
        exec(compile(text, name, "exec"), names)
        assert names["main"](session) == "OK"
        seen = list(reads.seen)
        saved = session.table(_relation(name))
        fields = [(field.name, field.datatype) for field in saved.schema.fields]
        return fields, saved.count(), seen


def assert_declared(fields, schema):
    """Hold saved columns against a schema: names in upper case, order, types."""
    quoted = [name for name, _ in fields if name != name.upper()]
    assert not quoted, f"not in upper case, so SQL does not find it: {', '.join(quoted)}"
    expected = [(field.name.upper(), SNOWPARK_TYPES[field.type]) for field in schema]
    assert [name for name, _ in fields] == [name for name, _ in expected]
    for (name, kind), (_, wanted) in zip(fields, expected, strict=True):
        assert type(kind) is type(wanted), f"{name} is {kind}, not {wanted}"
        if isinstance(wanted, types.TimestampType):
            assert kind.tz == wanted.tz, name


def assert_bounded(reads):
    """No read takes every row of the dataset, or a column that nothing asked for."""
    for how, row_count, columns in reads:
        if "CUSTOMER_ID" in columns:
            assert row_count < ROWS, f"{how} reads every row of the dataset"
            assert "NOT_SELECTED" not in columns, f"{how} reads columns that were not asked for"
            assert how == "to_pandas_batches", f"{how} holds rows of customers all at once"


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_python_model_saves_its_declared_columns_and_reads_only_what_it_needs(texts, name):
    fields, row_count, reads = run_text(texts[name], name)
    assert_declared(fields, SCHEMAS[name])
    assert row_count > 0
    assert_bounded(reads)
    # what is fitted, judged or explained in the procedure is read there, what is scored is not
    is_read = any("CUSTOMER_ID" in columns for _, _, columns in reads)
    read_there = ("ml_candidate", "ml_test_predictions", "ml_backtest", "ml_contributions")
    assert is_read == (name in read_there)


def test_every_python_model_has_a_declared_schema(texts):
    assert texts.keys() == SCHEMAS.keys()


def test_a_column_in_lower_case_is_refused(texts):
    lowered = (
        "result = {}\n    return result.to_df([f'\"{{one.lower()}}\"' for one in result.columns])"
    )
    text = re.sub(
        r"return (ml_backtest\(.*\))", lambda found: lowered.format(found[1]),
        texts["ml_backtest"],
    )  # fmt: skip
    fields, _, _ = run_text(text, "ml_backtest")
    told = 'not in upper case, so SQL does not find it: "version_id", "origin_date"'
    with pytest.raises(AssertionError, match=told):
        assert_declared(fields, schemas.BACKTEST)


def test_a_column_of_another_type_is_refused(texts):
    text = texts["ml_backtest"].replace(
        "return ml_backtest(origins, versions, dataset, session)",
        "from snowflake.snowpark.functions import col\n"
        "    found = ml_backtest(origins, versions, dataset, session)\n"
        "    return found.with_column('FIT_ROW_COUNT', col('FIT_ROW_COUNT').cast('string'))",
    )
    fields, _, _ = run_text(text, "ml_backtest")
    with pytest.raises(AssertionError, match=r"FIT_ROW_COUNT is StringType.*, not LongType"):
        assert_declared(fields, schemas.BACKTEST)


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        ("dataset.to_pandas()", "to_pandas reads every row of the dataset"),
        (
            "list(dataset.filter(dataset['SPLIT'] == 'test').to_pandas_batches())",
            "to_pandas_batches reads columns that were not asked for",
        ),
        (
            "dataset.filter(dataset['SPLIT'] == 'test').select('CUSTOMER_ID').collect()",
            "collect holds rows of customers all at once",
        ),
    ],
)
def test_a_model_that_reads_too_much_is_refused(texts, planted, told):
    text = re.sub(
        r"(?m)^( +)return ml_backtest", rf"\1{planted}\n\1return ml_backtest", texts["ml_backtest"]
    )
    _, _, reads = run_text(text, "ml_backtest")
    with pytest.raises(AssertionError, match=told):
        assert_bounded(reads)
