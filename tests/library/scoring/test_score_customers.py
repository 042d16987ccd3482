"""The champion scored by SQL alone, against the library and XGBoost."""

import dataclasses
import functools
import json
import subprocess
import sys
from types import SimpleNamespace

import duckdb
import numpy as np
import pyarrow as pa
import pytest
import training_fixture as fixture
import xgboost
from attrition.errors import AttritionError
from attrition.publish import publish_tables
from attrition.scoring.artefact import FITS, ModelVersion
from attrition.scoring.champion_sql import champion_in_rows, champion_rows, separating
from attrition.scoring.score_customers import LEVELS, TABLES, score_customers_sql
from attrition.training.blend import Blend
from attrition.training.calibration import CALIBRATIONS
from attrition.training.preprocessing import Feature, FeatureRule, Preprocessing
from attrition.warehouse.duckdb import DuckDBRelation
from macro_harness import Macros

SIGMOID = {"method": "sigmoid", "slope": 1.3, "intercept": -0.2}
RULES = {
    "none": {"method": "none"},
    "sigmoid": SIGMOID,
    "isotonic": {
        "method": "isotonic",
        "margins": [-2.0, -0.5, 0.25, 1.5],
        "probabilities": [0.05, 0.2, 0.55, 0.9],
    },
    "seasonal": {
        "method": "seasonal",
        "slope": 0.8,
        "intercept": 0.1,
        "intercepts": {"2": -0.4, "5": 0.7},
    },
}
FORMS = {
    "all": {"boosted_trees": 0.5, "logistic_regression": 0.3, "recency": 0.2},
    "trees": {"boosted_trees": 1.0},
    "recency": {"recency": 1.0},
}
# XGBoost adds up in float32, SQL in double; a wrong turn in a tree is far more
TOLERANCE = 5e-6


@functools.cache
def trained(encoding):
    """Train with dummies, or with a rank, dummies of a number and filled values."""
    features = {
        "dummies": {},
        "ranks": {
            "payer_type": {"is_dummy": False},
            "order_count_6m": {"is_dummy": True},
            "usual_gap_days": {"imputation": "median"},
        },
        "filled": {
            "payer_type": {"imputation": "most_frequent"},
            "is_auto_reorder": {"is_dummy": True, "imputation": "most_frequent"},
        },
    }[encoding]
    return fixture.train(features=features, num_tuning_rounds=1)


def version(encoding="dummies", form="all", rule=SIGMOID):
    changes = {"weights": json.dumps(FORMS[form]), "serving_calibration": json.dumps(rule)}
    return ModelVersion.from_row(trained(encoding) | changes)


def connected(one, path=":memory:"):
    """Return a warehouse with the champion as rows, the macro and some customers."""
    connection = duckdb.connect(str(path))
    store_champion(connection, one)
    connection.execute(score_customers_sql("main"))
    fixture.store(connection, "my_table", fixture.dataset().slice(0, 900))
    return connection


def store_champion(connection, one):
    rows = champion_rows(one)
    for table in TABLES:
        part = pa.compute.equal(rows["part"], table.rpartition("_")[2])
        fixture.store(connection, table, rows.filter(part))


def scored(connection, table="my_table"):
    """Return margins and probabilities by SQL, in the order of the rows."""
    connection.execute(f"create or replace temp table numbered as select *, row_number() over () as"
                       f" place from {table}")  # fmt: skip
    out = connection.sql(
        "select place, attrition_margin, attrition_probability from score_customers('numbered')"
        " order by place"
    ).fetchnumpy()
    return out["attrition_margin"], out["attrition_probability"]


def expected(connection, one, table="my_table"):
    columns = {"as_of_date": "date", **one.preprocessing.types()}
    [batch] = DuckDBRelation(connection.table(table)).tables(columns, [[]], (), 1_000_000)
    return one.predict_margin(batch), one.predict_probability(batch)


def assert_equal(connection, one, table="my_table"):
    margin, probability = scored(connection, table)
    own_margin, own_probability = expected(connection, one, table)
    assert len(margin) == len(own_margin) > 0
    assert np.abs(margin - own_margin).max() <= TOLERANCE
    assert np.abs(probability - own_probability).max() <= TOLERANCE


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("encoding", ["dummies", "ranks", "filled"])
def test_sql_scores_as_the_library_does(encoding, form):
    one = version(encoding, form)
    connection = connected(one)
    assert_equal(connection, one)
    connection.execute(
        """
        insert into my_table by name
        select * exclude (n) replace (
            case n when 1 then 'never seen' when 2 then null else payer_type end as payer_type,
            case n when 3 then 'nan' when 4 then 'inf' when 5 then '-inf' when 6 then '-0'
                when 7 then '1e30' when 8 then null else '17' end::float as order_count_6m,
            case n when 2 then 'nan' when 3 then null else '0.5' end::float as usual_gap_days,
            case n when 4 then null else n % 2 end as is_auto_reorder,
            case n when 5 then null else -3 end as days_since_last_order
        ) from (from my_table limit 1), range(1, 10) as t(n)
        """
    )
    assert_equal(connection, one)
    # other types hold the same numbers
    connection.execute(
        "create table other_types as select * replace (cast(order_count_6m as double) as"
        " order_count_6m, is_auto_reorder = 1 as is_auto_reorder, days_since_last_order::integer"
        " as days_since_last_order), [1, 2] as a_list, {'a': 1} as a_struct,"
        ' \'x\' as "odd "" name" from my_table where not coalesce(isinf(order_count_6m), false)'
    )
    assert_equal(connection, one, "other_types")


def predicted_in_sql(connection, one, table="my_table"):
    """Return what the model of `score_with: sql` says: customer to probability and decision."""
    connection.execute(
        f"""
        create or replace table modeling_dataset as select * replace ('c' || row_number() over ()
            as customer_id, date '2024-05-01' as as_of_date) from {table};
        create or replace table attrition_champion as select '{one.version_id}' as version_id;
        create or replace table attrition_model_artefacts as
        select version_id, {one.decision_threshold} as decision_threshold from attrition_champion;
        create or replace table training_plan as select date '2024-05-01' as newest_as_of_date
        """
    )
    features = {feature.name: feature.data_type for feature in one.preprocessing.features}
    numbers = "select unnest(range(1, {0} + 1)) as generated_number"
    names = {
        "dataset_features": lambda: features,
        "dbt": SimpleNamespace(type_string=lambda: "varchar", generate_series=numbers.format),
    }
    sql = Macros({"score_with": "sql"}, names=names).model("int_scoring__predictions")
    return connection.sql(f"select customer_id, probability, decision from ({sql})").fetchall()


def assert_predicted(connection, one, table="my_table"):
    predicted = predicted_in_sql(connection, one, table)
    columns = {"customer_id": "text", "as_of_date": "date", **one.preprocessing.types()}
    dataset = DuckDBRelation(connection.table("modeling_dataset"))
    [batch] = dataset.tables(columns, [[]], (), 1_000_000)
    own = one.predict_probability(batch)
    expected = dict(zip(batch["customer_id"].to_pylist(), own, strict=True))
    assert len(predicted) == len(expected) > 0
    for customer_id, probability, decision in predicted:
        assert abs(probability - expected[customer_id]) <= TOLERANCE
        assert decision == (probability >= one.decision_threshold)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("encoding", ["dummies", "ranks", "filled"])
def test_the_model_of_both_warehouses_scores_as_the_library_does(encoding, form):
    one = version(encoding, form)
    connection = connected(one)
    connection.execute(
        """
        insert into my_table by name
        select * exclude (n) replace (
            case n when 1 then 'never seen' when 2 then null else payer_type end as payer_type,
            case n when 6 then '-0' when 7 then '1e30' when 8 then null else '17' end::float
                as order_count_6m,
            case n when 3 then null else '0.5' end::float as usual_gap_days,
            case n when 4 then null else n % 2 end as is_auto_reorder,
            case n when 5 then null else -3 end as days_since_last_order
        ) from (from my_table limit 1), range(1, 10) as t(n)
        """
    )
    assert_predicted(connection, one)


@pytest.mark.parametrize("rule", RULES)
def test_the_model_of_both_warehouses_applies_every_calibration(rule):
    one = version(rule=RULES[rule])
    connection = connected(one)
    assert_predicted(connection, one)
    connection.execute("update my_table set days_since_last_order = 1e9, usual_gap_days = null")
    assert_predicted(connection, one)


def test_the_model_of_both_warehouses_follows_thousands_of_knots():
    margins = np.linspace(-4, 4, 3000)
    rule = {"method": "isotonic", "margins": margins.tolist(),
            "probabilities": (1 / (1 + np.exp(-margins))).tolist()}  # fmt: skip
    one = version(rule=rule)
    assert_predicted(connected(one), one)


@pytest.mark.parametrize("depth", [1, 3, 4, 6, 7, LEVELS])
def test_the_model_of_both_warehouses_follows_trees_to_the_last_level(depth):
    one, matrix, _ = trees_of(depth)
    connection = connected(one)
    columns = {f"f{i}": matrix[:, i] for i in range(3)}
    keys = {"customer_id": [""] * len(matrix), "as_of_date": [""] * len(matrix)}
    fixture.store(connection, "my_table", pa.table(keys | columns))
    assert_predicted(connection, one)


def test_every_calibration_is_tried_here():
    assert set(RULES) == set(CALIBRATIONS)


@pytest.mark.parametrize("rule", RULES)
def test_every_calibration_is_applied(rule):
    one = version(rule=RULES[rule])
    connection = connected(one)
    assert_equal(connection, one)
    connection.execute("update my_table set days_since_last_order = 1e9, usual_gap_days = null")
    assert_equal(connection, one)


def test_a_value_at_a_threshold_takes_xgboosts_side():
    one = version(form="trees")
    connection = connected(one)
    column = one.preprocessing.slices()["days_since_last_order"].start + 1
    tree = json.loads(one.fits["serving"].trees.save_raw("json"))
    trees = tree["learner"]["gradient_booster"]["model"]["trees"]
    thresholds = sorted({
        condition
        for tree in trees
        for condition, split, left in zip(
            tree["split_conditions"], tree["split_indices"], tree["left_children"], strict=True
        )
        if left >= 0 and split + 1 == column
    })  # fmt: skip
    at = np.array(thresholds, np.float32)
    assert len(at)
    values = np.concatenate(
        [at, np.nextafter(at, np.float32(-np.inf)), np.nextafter(at, np.float32(np.inf))]
    )
    connection.register("edge_values", pa.table({"v": values}))
    connection.execute(
        "create table edges as select * exclude (v) replace (v as days_since_last_order)"
        " from (from my_table limit 20), edge_values"
    )
    assert_equal(connection, one, "edges")
    assert_predicted(connection, one, "edges")


def test_doubles_are_separated_as_their_float32():
    rng = np.random.default_rng(0)
    thresholds = np.concatenate(
        [rng.normal(size=2000), rng.integers(-9, 9, 200), 10.0 ** rng.integers(-30, 30, 200)]
    ).astype(np.float32)
    found = separating(thresholds)
    assert (found.astype(np.float32) >= thresholds).all()
    assert (np.nextafter(found, -np.inf).astype(np.float32) < thresholds).all()


def trees_of(depth):
    """Return a version of trees alone that are as deep as they may be."""
    rng = np.random.default_rng(depth)
    matrix = rng.normal(size=(3000, 3)).astype(np.float32)
    label = (np.sin(9 * matrix).sum(axis=1) + rng.normal(size=3000) > 0).astype(int)
    parameters = {"objective": "binary:logistic", "max_depth": depth, "min_child_weight": 0}
    booster = xgboost.train(parameters, xgboost.DMatrix(matrix, label), 3)
    features = tuple(Feature(f"f{i}", FeatureRule("numeric")) for i in range(3))
    blend = Blend(bytes(booster.save_raw("ubj")), {}, FORMS["trees"])
    return ModelVersion(
        "deep", Preprocessing(features), dict.fromkeys(FITS, blend),
        dict.fromkeys(FITS, RULES["none"]), 0.5, {}, {},
    ), matrix, booster  # fmt: skip


@pytest.mark.parametrize("depth", [1, 3, 4, 6, 7, LEVELS, LEVELS + 1])
def test_trees_are_followed_to_the_last_level_or_refused(depth):
    one, matrix, booster = trees_of(depth)
    if depth > LEVELS:
        with pytest.raises(AttritionError, match="deeper than 10 decisions"):
            champion_rows(one)
        return
    connection = connected(one)
    columns = {f"f{i}": matrix[:, i] for i in range(3)}
    fixture.store(connection, "my_table", pa.table(columns))
    margin, _ = scored(connection)
    own = booster.predict(xgboost.DMatrix(matrix), output_margin=True)
    assert np.abs(margin - own).max() <= TOLERANCE


WRONG = {
    "a feature is missing": ("exclude (noise)", "the table lacks noise"),
    "a number is text": ("replace ('1' as noise)", "noise has the type VARCHAR, expected a number"),
    "a number is a date": ("replace (date '2024-01-01' as noise)", "noise has the type DATE"),
    "a category is a fraction": ("replace (1.5::double as payer_type)", "expected text or whole"),
    "a result stands there": (", 1 as attrition_probability", "has a column attrition_probability"),
    "no date": ("exclude (as_of_date)", "the table needs as_of_date"),
    "a date in text": ("replace ('2024-01-01' as as_of_date)", "the table needs as_of_date"),
    "a date is null": ("replace (null::date as as_of_date)", "as_of_date is null"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_table_that_cannot_be_scored_is_refused_in_a_sentence(fault):
    connection = connected(version(rule=RULES["seasonal"]))
    change, said = WRONG[fault]
    connection.execute(f"create table faulty as select * {change} from my_table")
    with pytest.raises(duckdb.Error, match=said):
        connection.sql("select attrition_probability from score_customers('faulty')").fetchall()
    if "null" not in fault:
        with pytest.raises(duckdb.Error, match=said):
            connection.sql("select count(*) from score_customers('faulty')").fetchall()


def test_without_a_champion_and_with_rows_of_two_nobody_is_scored():
    connection = connected(version())
    connection.execute("delete from attrition_champion_trees where tree = 0 and node = 1")
    with pytest.raises(duckdb.Error, match="do not belong together"):
        scored(connection)
    store_champion(connection, version())
    connection.execute("update attrition_champion_linear set version_id = 'other'")
    with pytest.raises(duckdb.Error, match="do not belong together"):
        scored(connection)
    for table in TABLES:
        connection.execute(f"delete from {table}")
    with pytest.raises(duckdb.Error, match="there is no champion"):
        scored(connection)


def test_a_table_without_rows_has_no_scores():
    connection = connected(version())
    connection.execute("create table nobody as select * from my_table limit 0")
    assert connection.sql("from score_customers('nobody')").fetchall() == []


def test_the_published_macro_serves_a_process_without_this_project_and_any_champion(tmp_path):
    build, copy = tmp_path / "build.duckdb", tmp_path / "copy.duckdb"
    ask = (
        "import sys, duckdb; c = duckdb.connect(sys.argv[1], read_only=True)\n"
        'print(*c.sql("select sum(attrition_margin), any_value(model_version)'
        " from score_customers('my_table')\").fetchall()[0])\n"
        "assert 'attrition' not in sys.modules and 'xgboost' not in sys.modules"
    )
    definitions = set()
    for encoding, form in (("dummies", "all"), ("ranks", "trees")):
        one = version(encoding, form)
        with connected(one, build) as connection:
            connection.execute("drop macro table score_customers")
            publish_tables(connection, [("main", name) for name in (*TABLES, "my_table")], copy)
            own = expected(connection, one)[0].sum()
        # its name is that of the file, which may change
        moved = copy.rename(tmp_path / "moved.duckdb")
        told = subprocess.run(
            [sys.executable, "-I", "-c", ask, str(moved)],
            capture_output=True,
            text=True,
            check=True,
        )
        total, version_id = told.stdout.split()
        assert abs(float(total) - own) < 1e-3
        assert version_id == one.version_id
        with duckdb.connect(str(moved), read_only=True) as connection:
            definitions |= set(connection.sql(
                "select macro_definition from duckdb_functions()"
                " where function_name = 'score_customers'"
            ).fetchall())  # fmt: skip
    assert len(definitions) == 1


def test_no_champion_and_one_of_another_kind_are_no_rows(caplog):
    connection = fixture.connect()
    fixture.store(connection, "versions", pa.Table.from_pylist([fixture.trained()]))
    connection.execute("create view nobody as select * from versions limit 0")
    versions = DuckDBRelation(connection.table("versions"))
    assert champion_in_rows(DuckDBRelation(connection.table("nobody")), versions).num_rows == 0
    assert champion_in_rows(versions, versions).num_rows > 100
    one, matrix, _ = trees_of(2)
    dart = xgboost.train({"booster": "dart"}, xgboost.DMatrix(matrix, matrix[:, 0] > 0), 2)
    blend = dataclasses.replace(one.fits["serving"], booster=bytes(dart.save_raw("ubj")))
    with pytest.raises(Exception, match="trees of another kind"):
        champion_rows(dataclasses.replace(one, fits=dict.fromkeys(FITS, blend)))
