"""Procedures as dbt sends them, refused by the emulated account as Snowflake refuses them."""

import json

import pytest
from account import DATABASE, SCHEMA, running_account
from dbt_project import ROOT
from emulated_packages import resolve
from packaging.requirements import Requirement
from snowflake.connector.errors import ProgrammingError

pytestmark = pytest.mark.xdist_group("snowflake")

REST = """
returns string
language python
runtime_version = '3.11'
packages = ('{packages}')
handler = 'main'
execute as caller
as $$
def main(session):
    return "ran"
$$
"""
PINNED = "numpy==2.4.6', 'xgboost-cpu==3.2.0"
COMMENT = '\n/* {"app": "dbt"} */'
RANGES = "numpy>=2,<3', 'xgboost==3.2.0', 'snowflake-snowpark-python"


@pytest.fixture(scope="module")
def conda(tmp_path_factory):
    with running_account(tmp_path_factory.mktemp("conda"), ROOT, "conda") as account:
        yield account


def anonymous(packages):
    return f"with one as procedure ()\n{REST.format(packages=packages)}\ncall one()"


def named(account, packages):
    with account.connection() as connection:
        cursor = connection.cursor()
        made = f"create or replace procedure a.b.one ()\n{REST.format(packages=packages)}"
        cursor.execute(f"{made}{COMMENT};")
        told = cursor.execute(f"call a.b.one();\n{COMMENT}").fetchall()
        cursor.execute(f"drop procedure if exists a.b.one(){COMMENT}")
        return told


def test_packages_of_pypi_want_a_procedure_with_a_name(account):
    assert named(account, PINNED) == [("ran",)]
    with pytest.raises(ProgrammingError, match="not supported in anonymous procedures"):
        account.query(anonymous(PINNED))


def test_packages_of_conda_want_none(conda):
    assert conda.query(anonymous(RANGES)) == [("ran",)]


@pytest.mark.parametrize("packages", ["xgboost==3.2.0", "xgboost-cpu==3.2.1", "xgbost-cpu"])
def test_a_package_that_pypi_has_not_is_refused(account, packages):
    with pytest.raises(ProgrammingError, match="is not in pypi"):
        named(account, packages)


@pytest.mark.parametrize("packages", ["xgboost-cpu==3.2.0", "xgboost==1.7.3"])
def test_a_package_that_conda_has_not_is_refused(conda, packages):
    with pytest.raises(ProgrammingError, match="is not in conda"):
        conda.query(anonymous(packages))


@pytest.mark.parametrize(("source", "is_anonymous"), [("pypi", False), ("conda", True)])
def test_dbt_sends_what_the_source_takes(account, monkeypatch, source, is_anonymous):
    monkeypatch.setenv("EMULATED_PACKAGE_SOURCE", source)
    monkeypatch.setenv("SNOWFLAKE_PACKAGE_SOURCE", source)
    account.run("parse", "--no-partial-parse")
    nodes = json.loads((account.target / "manifest.json").read_text())["nodes"].values()
    python = [node for node in nodes if node.get("language") == "python"]
    sent = [node["config"] for node in python]
    assert len(sent) == 6
    for config in sent:
        assert config["use_anonymous_sproc"] is is_anonymous
        assert config["meta"]["package_source"] == source
        resolve(config["packages"])
    named = {
        folder: {Requirement(one).name for one in config["packages"]}
        for folder, config in ((node["path"].split("/")[0], node["config"]) for node in python)
    }
    assert named["training"] - named["scoring"] == {"optuna", "scikit-learn"}


@pytest.fixture
def nothing_due(account):
    """What ml_candidate and ml_predictions read, where nothing is due and nobody champion."""
    made = {
        "attrition_champion": {"version_id": "varchar"},
        "attrition_model_artefacts": {"version_id": "varchar"},
        "attrition_model_metrics": {"version_id": "varchar"},
        "training_plan": {"is_due": "boolean", "settings": "varchar"},
        "attrition_feature_catalog": {"feature": "varchar"},
        "modeling_dataset": {"customer_id": "varchar"},
    }
    for name, columns in made.items():
        account.create(f"{DATABASE}.{SCHEMA}.{name}", columns)
    account.query(f"insert into {DATABASE}.{SCHEMA}.training_plan values (false, '{{}}')")
    yield
    for name in (*made, "ml_candidate", "ml_predictions", "attrition_python_log"):
        account.query(f"drop table if exists {DATABASE}.{SCHEMA}.{name}")


def test_what_dbt_sends_for_a_model_runs_and_leaves_no_procedure(account, nothing_due):
    account.run("run", "--select", "ml_candidate", "--vars", "{}")
    assert account.query(f"select count(*) from {DATABASE}.{SCHEMA}.ml_candidate") == [(0,)]
    with pytest.raises(ProgrammingError, match="Unknown user-defined function"):
        account.query(f"call {DATABASE}.{SCHEMA}.ml_candidate__dbt_sp()")


def test_what_python_logs_in_a_run_is_kept_and_told_at_its_end(account, nothing_due):
    log = f"{DATABASE}.{SCHEMA}.attrition_python_log"
    kinds = {"said_at": "timestamp_ntz", "model": "varchar", "level": "varchar", "said": "varchar"}
    account.create(log, kinds)
    account.query(f"insert into {log} values ('2020-01-01', 'ml_predictions', 'INFO', 'long ago')")
    told = account.run("run", "--select", "ml_predictions", "--vars", "{}")
    said = "there is no champion, so no customer is scored"
    kept = account.query(f"select model, level, said from {log} order by said_at")
    assert kept[1:] == [("ml_predictions", "WARNING", said)]
    assert told.count(f"ml_predictions, WARNING: {said}") == 1
    assert "long ago" not in told


def test_a_source_that_is_none_stops_the_build_first(account, monkeypatch):
    monkeypatch.setenv("SNOWFLAKE_PACKAGE_SOURCE", "Conda")
    done = account.dbt("run", "--select", "ml_candidate", "--vars", "{}")
    assert done.returncode != 0
    assert "SNOWFLAKE_PACKAGE_SOURCE is Conda, and must be pypi or conda" in done.stdout


def test_what_was_dropped_cannot_be_called(account):
    named(account, PINNED)
    with pytest.raises(ProgrammingError, match="Unknown user-defined function"):
        account.query("call a.b.one()")
