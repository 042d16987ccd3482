"""The whole project through the Snowflake adapter, twice, beside the same two builds on DuckDB.

In the second build a month of sales and some broken records have been added: new labels mature, a
version is trained, judged against the first and promoted or kept, and state is appended to.
"""

import csv
import datetime as dt
import importlib.util
import json
import os
import subprocess
import sys

import duckdb
import pytest
from account import (
    DATABASE,
    SCHEMA,
    Account,
    keep_some_customers,
    live_account,
    running_account,
)
from attrition.report.files import write_report
from attrition.report.source import Source, account_run, published_source
from dbt_project import NO_TESTS, QUICK, copied_project
from parity import OF_THE_RUN, compare

from app.copy_reader import CopyReader
from app.gather import gather
from app.reader import TARGET_VARIABLE, chosen_reader

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("snowflake_build")]

LIVE = "SNOWFLAKE_ACCOUNT"
PAGES = ("overview", "customers", "customer", "contacts", "forecast", "quality", "promotions")
needs_streamlit = pytest.mark.skipif(
    importlib.util.find_spec("streamlit") is None,
    reason="streamlit is not installed: make .venv/.app-installed",
)
# What Streamlit in Snowflake does with the folder that is gathered for it.
DRAW = """
import json, os, sys
sys.path.insert(0, os.getcwd())
from streamlit.testing.v1 import AppTest
page = AppTest.from_file(os.path.abspath("streamlit_app.py"), default_timeout=120).run()
import attrition
faults = [one.value for one in (*page.exception, *page.error)]
print(json.dumps({"faults": faults, "title": page.title[0].value, "library": attrition.__file__}))
"""
SECRETS = """
[connections.snowflake]
account = "fakesnow"
user = "fake"
password = "snow"
host = "127.0.0.1"
port = {port}
protocol = "http"
database = "{database}"
schema = "{schema}"
"""
STATE = (
    "attrition_model_artefacts", "attrition_promotions", "attrition_score_history",
    "attrition_contact_list",
)  # fmt: skip
BROKEN = [
    ("X1", "", "2025-01-02", "consumable", "SET-12", "1", "10.00", "false"),
    ("X2", "C000470", "2199-01-01", "consumable", "SET-12", "1", "10.00", "false"),
    ("X3", "C000470", "2025-01-02", "hat", "SET-12", "1", "10.00", "false"),
]


def add_a_month(root):
    """Append the sales of January 2024 a year later, as new sales, and records that break rules."""
    path = root / "seeds" / "raw_sales.csv"
    with path.open(newline="") as file:
        _, *sales = csv.reader(file)
    added = [
        ["N" + sale[0], sale[1], f"2025{sale[2][4:]}", *sale[3:]]
        for sale in sales
        if sale[2].startswith("2024-01")
    ]
    with path.open("a", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([*added, *BROKEN])


class Builds:
    """Two builds on DuckDB and in an account, and what the public tables held after each."""

    def __init__(self, account: Account, duck):
        self.account, self.duck = account, duck
        self.told, self.here, self.there, self.registered = [], [], [], []

    def build(self, *less):
        # what dbt tests on DuckDB is tested in tests/project
        self.duck.build("--vars", QUICK, *NO_TESTS)
        self.told.append(self.account.run("build", "--vars", QUICK, *less))
        with duckdb.connect(str(self.duck.build_path), read_only=True) as connection:
            self.here.append({
                name: (columns, connection.sql(self._query(name, columns)).fetchall())
                for name, columns in self.columns(connection).items()
            })  # fmt: skip
        with self.account.connection() as connection:
            self.there.append({
                name: connection.cursor().execute(self._query(name, columns)).fetchall()
                for name, (columns, _) in self.here[-1].items()
            })  # fmt: skip
        self.registered.append(self.account.registered())

    def columns(self, connection):
        """Return the columns of each public table as DuckDB has them."""
        return {
            name: [row[0] for row in connection.sql(f"describe {name}").fetchall()]
            for name in self.public_tables()
        }

    def public_tables(self):
        return sorted(
            node["alias"]
            for node in self.manifest()["nodes"].values()
            if node["resource_type"] == "model" and node["config"]["access"] == "public"
        )

    def keys(self, table):
        """Return the columns that dbt tests to name a row in both warehouses, or none."""
        nodes = self.manifest()["nodes"].values()
        found = [
            node["test_metadata"]["kwargs"].get("key") or []
            for node in nodes
            if (node.get("attached_node") or "").endswith(f".{table}")
            and (node.get("test_metadata") or {}).get("name") == "rules_hold"
        ]
        [columns] = [
            node["columns"].values()
            for node in nodes
            if node["resource_type"] == "model" and node["alias"] == table
        ]
        found += [[one["name"]] for one in columns if "unique" in one["meta"].get("rules", [])]
        found = [keys for keys in found if keys]
        return next((keys for keys in found if not set(keys) & set(OF_THE_RUN)), None)

    def manifest(self):
        return json.loads((self.account.target / "manifest.json").read_text())

    def comparisons(self, number):
        for table, (columns, rows) in self.here[number].items():
            keys = self.keys(table) or [name for name in columns if name not in OF_THE_RUN]
            yield compare(table, columns, keys, rows, self.there[number][table])

    @staticmethod
    def _query(table, columns):
        return f"select {', '.join(columns)} from {table}"


@pytest.fixture(scope="module", params=["emulator", "live"])
def builds(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "live" and not os.environ.get(LIVE):
        pytest.skip(f"not run: there is no account ({LIVE} is not set)")
    open_account = running_account if request.param == "emulator" else live_account
    with open_account(folder / "snowflake") as account:
        done = Builds(account, copied_project(folder / "duckdb"))
        for root in (account.root, done.duck.root):
            keep_some_customers(root, "036")
        account.upload()
        # unit tests do not look at the data, and test_dialect.py reads their SQL
        without = ("--exclude-resource-type", "unit_test")
        done.build(*without)
        for root in (account.root, done.duck.root):
            add_a_month(root)
        done.build(*without)
        yield done


@pytest.mark.parametrize("number", [0, 1], ids=["first", "second"])
def test_both_warehouses_build_the_same_public_tables(builds, number, report):
    comparisons = list(builds.comparisons(number))
    if number == 1:
        report(comparisons)
    assert len(comparisons) > 20
    problems = [f"{one.table}: {problem}" for one in comparisons for problem in one.problems]
    assert not problems, "\n".join(problems)
    assert sum(one.rows for one in comparisons) > 20_000


@pytest.mark.parametrize("number", [0, 1], ids=["first", "second"])
def test_every_test_passes_and_a_version_is_promotable(builds, number):
    told = builds.told[number]
    # the broken records of the second build are warned of
    assert f"WARN={number} ERROR=0 SKIP=0" in told
    # of data tests
    assert told.count(" PASS ") > 60
    assert len(builds.there[number]["attrition_scores"]) > 300


def test_the_report_says_the_same_of_both(builds, tmp_path):
    told = {}
    with (
        builds.account.connection() as connection,
        published_source(builds.duck.published_path) as here,
    ):
        for name, source in {"here": here, "there": Source(account_run(connection), "x")}.items():
            page, evaluation, _ = write_report(source, tmp_path / name)
            assert "Not in this build" not in page.read_text()
            told[name] = json.loads(evaluation.read_text())
    assert told["here"].keys() == told["there"].keys()
    for part in ("scores", "systems", "lift", "segments", "splits", "gaps", "rejected_records"):
        assert shown(told["there"][part]) == shown(told["here"][part]), part


def shown(value):
    """Return what a reader would see of a value: numbers to six digits."""
    if isinstance(value, dict):
        return {key: shown(one) for key, one in value.items() if key not in OF_THE_RUN}
    if isinstance(value, list):
        return [shown(one) for one in value]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:.6g}" if is_number else value


@needs_streamlit
@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_the_dashboard_is_drawn_over_an_account(builds, page, monkeypatch):
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("DBT_PROFILES_DIR", str(builds.account.folder))
    monkeypatch.setenv(TARGET_VARIABLE, "prod")
    made = AppTest.from_string(f"from app.views import {page}\n{page}.show()", default_timeout=120)
    made = made.run()
    assert not made.exception
    assert not made.error
    assert made.title[0].value
    said = "\n".join(part.value for part in (*made.markdown, *made.info))
    assert "does not have the tables" not in said
    if page == "customer":
        metrics = {metric.label: metric.value for metric in made.metric}
        assert metrics["The model would say"] == metrics["Likely to leave"]
        slider = made.slider[0]
        moved = slider.set_value(slider.max).run()
        assert not moved.exception
        assert "Changed alone" in moved.table[-1].value.columns


def test_what_if_says_the_same_of_both(builds, monkeypatch):
    monkeypatch.setenv("DBT_PROFILES_DIR", str(builds.account.folder))
    here, there = CopyReader(builds.duck.published_path), chosen_reader(None, "prod")
    asked = "select customer_id from attrition_scores order by customer_id limit 5"
    customers = [row["customer_id"] for row in there.rows(asked)]
    assert len(customers) == 5
    changes = {"days_since_last_order": 150.0, "is_auto_reorder": 0.0, "payer_type": "MEDICARE",
               "order_gap_days_std": None}  # fmt: skip
    for customer_id in customers:
        one, two = (reader.what_if(customer_id, changes) for reader in (here, there))
        said = [
            [said.probability for said in (made.now, made.changed, *made.alone.values())]
            for made in (one, two)
        ]
        assert said[0] == pytest.approx(said[1], abs=1e-6)
        assert one.changed != one.now


@needs_streamlit
def test_what_is_gathered_for_streamlit_in_snowflake_runs_in_its_session(builds, tmp_path):
    if not builds.account.port:
        pytest.skip("the session is the emulator's")
    folder = tmp_path / "gathered"
    gather(folder)
    secrets = SECRETS.format(port=builds.account.port, database=DATABASE, schema=SCHEMA)
    (folder / ".streamlit" / "secrets.toml").write_text(secrets)
    done = subprocess.run(
        [sys.executable, "-c", DRAW], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["faults"] == []
    assert said["title"] == "Overview"
    assert said["library"].startswith(str(folder))


def test_no_procedure_runs_for_shadows_that_nobody_asked_for(builds):
    assert "ml_predictions" in builds.told[0]
    assert "ml_shadow_predictions" not in builds.told[0]


@pytest.mark.parametrize("number", [0, 1], ids=["first", "second"])
def test_what_python_says_ends_in_a_table_and_in_what_dbt_prints(builds, number):
    assert builds.told[number].count("ml_candidate, INFO: trained version v") == 1
    said = builds.account.query("select said from attrition_python_log where level = 'INFO'")
    assert sum(text.startswith("trained version v") for (text,) in said) == 2


def test_the_second_build_trains_on_the_labels_that_matured(builds):
    first, second = (rows["attrition_model_versions"] for rows in builds.there)
    columns = builds.here[1]["attrition_model_versions"][0]
    newest = columns.index("newest_label_date")
    assert len(first) == 1
    assert len(second) == 2
    assert {row[newest] for row in second} == {dt.date(2024, 7, 1), dt.date(2024, 8, 1)}


def test_state_is_appended_to_and_nothing_in_it_changes(builds):
    for table in STATE:
        before, after = (set(map(repr, rows[table])) for rows in builds.there)
        assert before < after, table


def test_the_broken_records_of_the_second_build_are_rejected(builds):
    columns = builds.here[1]["attrition_rejected_records"][0]
    rules = {
        row[columns.index("rule")] for row in builds.there[1]["attrition_rejected_records"]
    } - {row[columns.index("rule")] for row in builds.there[0]["attrition_rejected_records"]}
    assert rules == {"no_identifier", "sold_on_beyond_today", "unknown_product_type"}


def test_the_alias_follows_the_champion(builds):
    for registered, rows, (columns, _) in zip(
        builds.registered,
        (build["attrition_champion"] for build in builds.there),
        (build["attrition_champion"] for build in builds.here),
        strict=True,
    ):
        [champion] = rows
        version = champion[columns.index("version_id")].upper()
        assert registered["aliases"]["CHAMPION"].startswith(version)
        assert registered["default"] == registered["aliases"]["CHAMPION"]
    assert all(
        metrics["test_roc_auc"] > 0.5 for metrics in builds.registered[1]["versions"].values()
    )


def test_a_promotion_by_hand_moves_the_alias_with_the_next_build(builds):
    account = builds.account
    versions = [row[0] for row in account.query("select version_id from attrition_model_versions")]
    [(champion,)] = account.query("select version_id from attrition_champion")
    [other] = [version for version in versions if version != champion]
    told = account.run(
        "run-operation", "promote_model", "--args", f"{{version: {other}, reason: a test}}",
        "--vars", QUICK,
    )  # fmt: skip
    assert f"{other} is promoted in place of {champion}" in told
    account.run("run", "--vars", QUICK, "--select", "training_plan+")
    assert account.query("select version_id from attrition_champion") == [(other,)]
    scored = account.query("select distinct model_version from attrition_scores")
    assert scored == [(other,)]
    assert account.registered()["aliases"]["CHAMPION"].startswith(other.upper())


def test_sql_scores_as_the_procedure_does_once_it_has_the_champions_rows(builds):
    account, in_sql = builds.account, f"{QUICK[:-1]}, score_with: sql}}"
    ask = "select customer_id, attrition_probability, model_version from attrition_scores"
    by_procedure = account.query(ask)
    told = account.run("run", "--vars", in_sql, "--selector", "score_in_sql")
    assert "python model" not in told
    by_sql = {
        customer: (probability, version) for customer, probability, version in account.query(ask)
    }
    assert len(by_sql) == len(by_procedure) > 300
    for customer, probability, version in by_procedure:
        assert by_sql[customer] == (pytest.approx(probability, abs=1e-6), version)
    account.query("update attrition_champion_calibration set version_id = 'v0'")
    done = account.dbt("run", "--vars", in_sql, "--select", "int_scoring__predictions")
    assert done.returncode != 0
    assert "attrition_champion_* hold v0" in done.stdout


@pytest.mark.parametrize(
    ("named", "other", "told"),
    [
        ("/attrition_", "/attrition_0", "which the Python models import, is not on the stage"),
        (".attrition_library/", ".nowhere/", "nowhere is not there, or role attrition may not"),
    ],
    ids=["file", "stage"],
)
def test_a_library_that_was_never_uploaded_stops_the_build_first(builds, named, other, told):
    account = builds.account
    path = account.root / "dbt_project.yml"
    text = path.read_text()
    path.write_text(text.replace(named, other))
    try:
        done = account.dbt("run", "--vars", QUICK, "--select", "stg_sales__records", "ml_candidate")
        other = account.dbt("run", "--vars", QUICK, "--select", "stg_sales__records")
    finally:
        path.write_text(text)
    assert done.returncode != 0
    assert told in done.stdout
    assert "Run `make snowflake-upload` first" in done.stdout
    assert "stg_sales__records" not in done.stdout.split("Concurrency")[-1]
    assert other.returncode == 0, "what needs no library is built without it"
