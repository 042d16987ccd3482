"""Scoring with the registered champion: the same numbers as where this process scores."""

import datetime as dt
import importlib.metadata
import json
import math

import numpy as np
import pyarrow as pa
import pytest
import training_fixture as fixture
import xgboost
from attrition import dbt_models, schemas
from attrition.snowflake import registry
from attrition.warehouse.snowflake import SnowparkRelation, dataframe_of
from local_session import local_session, put_table
from registry_emulator import MODELS, EmulatedRegistry, emulated_registry

PLACE = ("ATTRITION", "MAIN", "ATTRITION")
# A fifth of the customers: the emulator scores slowly.
DATASET = fixture.dataset().slice(0, 300 * len(fixture.MONTHS))


@pytest.fixture
def session():
    MODELS.clear()
    with local_session() as session, emulated_registry():
        yield session


def metrics(version_id):
    row = dict.fromkeys(registry.REGISTERED_METRICS, 0.25)
    keys = {"version_id": version_id, "newest_label_date": dt.date(2024, 1, 1)}
    rows = [
        row | keys | {"split": "test", "roc_auc": 0.8, "ece": math.nan, "log_loss": None},
        row | keys | {"split": "train", "roc_auc": 0.9},
        row | keys | {"split": "test", "newest_label_date": dt.date(2023, 1, 1), "roc_auc": 0.7},
        row | keys | {"version_id": "another", "split": "test", "roc_auc": 0.6},
    ]
    return pa.Table.from_pylist(rows)


def relations(session, rows, **settings):
    """Return the relations of a build in the session, by name."""
    versions = schemas.table_of_rows(rows, schemas.CANDIDATE)
    catalog = fixture.catalog()
    plan = pa.Table.from_pylist([fixture.plan(**settings)])
    tables = {
        "attrition_champion": versions.slice(0, 1).select(["version_id"]),
        "attrition_model_artefacts": versions,
        "attrition_model_metrics": metrics(rows[0]["version_id"]),
        "attrition_feature_catalog": catalog,
        "training_plan": plan,
        "modeling_dataset": DATASET,
    }
    for name, table in tables.items():
        upper = table.rename_columns([column.upper() for column in table.column_names])
        put_table(session, f"ATTRITION.MAIN.{name}", upper)
    return {name: session.table(f"ATTRITION.MAIN.{name.upper()}") for name in tables}


def score(session, rows, source="pypi", **settings):
    found = relations(session, rows, **settings)
    names = ("champion", "model_artefacts", "model_metrics", "feature_catalog")
    return dbt_models.ml_predictions(
        *(found[f"attrition_{name}"] for name in names),
        found["training_plan"],
        found["modeling_dataset"],
        session,
        source,
    )


def on_duckdb(rows):
    connection = fixture.connect(DATASET)
    fixture.store(
        connection, "attrition_model_artefacts", schemas.table_of_rows(rows, schemas.CANDIDATE)
    )
    names = (
        "attrition_model_artefacts", "attrition_model_artefacts", "attrition_model_metrics",
        "attrition_feature_catalog", "training_plan", "modeling_dataset",
    )  # fmt: skip
    relations = [connection.table(name) for name in names]
    return dbt_models.ml_predictions(*relations, connection).read_all()


def by_customer(rows):
    return {row["customer_id"]: row for row in rows}


def test_the_registered_champion_scores_and_explains_as_this_process_does(session):
    rows = [fixture.trained()]
    frame = score(session, rows)
    assert frame.columns == [name.upper() for name in schemas.PREDICTIONS.names]
    found, expected = (
        by_customer(SnowparkRelation(frame).rows()),
        by_customer(on_duckdb(rows).to_pylist()),
    )
    assert found.keys() == expected.keys()
    for customer, row in expected.items():
        for name, value in row.items():
            if isinstance(value, float):
                assert np.isclose(found[customer][name], value, rtol=0, atol=1e-12), name
            else:
                assert found[customer][name] == value, name


def test_the_champion_is_logged_once_with_its_test_metrics_and_the_alias(session):
    rows = [fixture.trained()]
    score(session, rows)
    score(session, rows)
    model = MODELS[PLACE]
    [(name, version)] = model.versions_by_name.items()
    assert name.startswith(rows[0]["version_id"].upper())
    assert model.aliases == {"CHAMPION": name}
    assert model.default.version_name == name
    assert version.metrics["test_roc_auc"] == 0.8
    assert version.metrics["test_brier_score"] == 0.25
    assert not {"test_ece", "test_log_loss"} & version.metrics.keys()
    signature = version.packaged.meta.signatures["predict"]
    features = json.loads(rows[0]["preprocessing"])["features"]
    assert [one.name for one in signature.inputs] == ["as_of_date"] + [
        feature["feature"] for feature in features
    ]


def test_promotion_and_rollback_move_the_alias_and_log_nothing_twice(session):
    first = fixture.trained()
    second = first | {"version_id": "vaaaaaaaaaaaa"}
    seen = []
    for champion in (first, second, first):
        score(session, [champion])
        seen.append(MODELS[PLACE].aliases["CHAMPION"][:13])
    ids = [row["version_id"].upper() for row in (first, second, first)]
    assert seen == ids
    assert len(MODELS[PLACE].versions_by_name) == 2


def test_a_shadow_is_scored_by_the_registry_and_leaves_the_alias_alone(session):
    champion = fixture.trained()
    shadow = champion | {"version_id": "vbbbbbbbbbbbb"}
    settings = {"shadow_versions": [shadow["version_id"]]}
    score(session, [champion, shadow], **settings)
    alias = dict(MODELS[PLACE].aliases)
    found = relations(session, [champion, shadow], **settings)
    frame = dbt_models.ml_shadow_predictions(
        found["attrition_model_artefacts"],
        found["training_plan"],
        found["modeling_dataset"],
        session,
    )
    rows = SnowparkRelation(frame).rows()
    assert {row["version_id"] for row in rows} == {"vbbbbbbbbbbbb"}
    assert {row["customer_id"] for row in rows} == set(
        by_customer(on_duckdb([champion]).to_pylist())
    )
    assert MODELS[PLACE].aliases == alias


def test_another_library_or_other_reason_groups_are_another_registered_version(monkeypatch):
    row = {"version_id": "v0123456789ab"}
    names = {registry.version_name(row, {}), registry.version_name(row, {"a": ("b", 0)})}
    monkeypatch.setattr(registry, "library_hash", lambda: "0" * 12)
    names.add(registry.version_name(row, {}))
    assert len(names) == 3


def test_without_a_champion_nothing_is_scored_and_nothing_registered(session):
    found = relations(session, [fixture.trained()])
    nobody = schemas.CANDIDATE.empty_table().select(["version_id"])
    frame = dataframe_of(nobody, session)
    scored = dbt_models.ml_predictions(
        frame,
        found["attrition_model_artefacts"],
        found["attrition_model_metrics"],
        found["attrition_feature_catalog"],
        found["training_plan"],
        found["modeling_dataset"],
        session,
    )
    assert SnowparkRelation(scored).rows() == []
    assert not MODELS


@pytest.mark.parametrize("source", ["pypi", "conda"])
def test_the_registered_version_asks_for_what_trained_from_where_it_came(session, source):
    score(session, [fixture.trained()], source)
    [version] = MODELS[PLACE].versions_by_name.values()
    pinned = dict(one.split("==") for one in version.packages if "==" in one)
    name = {"pypi": "xgboost-cpu", "conda": "xgboost"}[source]
    for package in ("numpy", "pandas", "pyarrow", "snowflake-ml-python"):
        assert pinned[package] == importlib.metadata.version(package)
    assert pinned[name] == xgboost.__version__


@pytest.mark.parametrize(
    ("source", "planted", "told"),
    [
        ("conda", {"options": {}}, "not the versions that trained"),
        ("conda", {"options": {"relax_version": True}}, "not the versions that trained"),
        ("conda", {"conda_dependencies": ["numpy", "pandas", "pyarrow", "xgboost"]},
         "not the versions that trained"),
        ("conda", {"conda_dependencies": ["xgboost-cpu==3.2.0"]}, "xgboost-cpu==3.2.0 is not in"),
        ("pypi", {"pip_requirements": ["xgboost==3.2.0"]}, "xgboost==3.2.0 is not in pypi"),
        ("pypi", {"pip_requirements": ["xgboost-cpu==0.0.1"]}, "xgboost-cpu==0.0.1 is not in pypi"),
        ("pypi", {"artifact_repository_map": None}, "require an `artifact_repository_map`"),
        ("pypi", {"target_platforms": None}, "not for a warehouse"),
        ("pypi", {"target_platforms": ["SNOWPARK_CONTAINER_SERVICES"]}, "not for a warehouse"),
    ],
)  # fmt: skip
def test_a_version_that_a_warehouse_could_not_run_is_refused(
    session, monkeypatch, source, planted, told
):
    sent = EmulatedRegistry.log_model

    def log_model(self, model, **named):
        return sent(self, model, **named | planted)

    monkeypatch.setattr(EmulatedRegistry, "log_model", log_model)
    with pytest.raises(Exception, match=told):
        score(session, [fixture.trained()], source)


def test_a_wrong_argument_of_the_registry_is_refused(session):
    from snowflake.ml.registry import Registry

    opened = Registry(session, database_name="ATTRITION", schema_name="MAIN")
    with pytest.raises(TypeError, match="conda_packages"):
        opened.log_model(object(), model_name="A", version_name="B", conda_packages=[])
