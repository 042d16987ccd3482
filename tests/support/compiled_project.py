"""The SQL up to the modeling dataset and its profile, compiled by dbt, over any raw tables.

dbt compiles each variation of the settings once in a session. The compiled models then run in an
in-memory DuckDB, in the order of the graph, over whatever raw tables a test brings: thousands of
rows in a second, and never a file of the project's own.
"""

from __future__ import annotations

import datetime as dt
import functools
import graphlib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
from attrition.settings.raw_names import read_raw_tables
from awkward_customers import awkward_tables
from dbt_project import ROOT, Project, new_project

DATABASE = "scratch"
ENDS = ("modeling_dataset", "attrition_rejected_records", "attrition_feature_profile")

# What happened when, and what is learnt about the record later.
HAPPENED_ON = {table["name"]: table["config"]["meta"]["date"] for table in read_raw_tables(ROOT)}
TABLES = tuple(HAPPENED_ON)
LEARNT_LATER = {"complaint": "closed_on"}

RawTables = Mapping[str, pa.Table]


@dataclass(frozen=True)
class Model:
    """One compiled model: its name and its SQL."""

    name: str
    sql: str


@dataclass(frozen=True)
class Built:
    """The tables of one run of the compiled models."""

    connection: duckdb.DuckDBPyConnection

    def query(self, sql: str) -> pa.Table:
        """Return the answer to a query as an Arrow table."""
        return self.connection.sql(sql).to_arrow_table()

    def table(self, name: str) -> pa.Table:
        """Return all rows of one model, in any order."""
        return self.query(f'select * from "{name}"')

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Return the answer to a query as a list of rows."""
        return self.query(sql).to_pylist()


@dataclass(frozen=True)
class CompiledProject:
    """Models in the order of the graph, and the vars they were compiled with."""

    models: tuple[Model, ...]
    variables: Mapping[str, Any]

    def sql_of(self, name: str) -> str:
        """Return the compiled SQL of one model."""
        return next(model.sql for model in self.models if model.name == name)

    def run(self, raw: RawTables | None = None, until: str | None = None) -> Built:
        """Run the models, all or up to one of them, over raw tables.

        Args:
            raw: Arrow tables by name of the raw contract; none where the SQL reads files.
            until: The last model to run; all by default.
        """
        connection = duckdb.connect(config={"threads": 2})
        connection.execute(f"attach ':memory:' as \"{DATABASE}\"")
        connection.execute(f'use "{DATABASE}".main')
        for table, rows in (raw or {}).items():
            connection.register("rows_to_load", rows)
            connection.execute(f"create table raw_{table} as select * from rows_to_load")
            connection.unregister("rows_to_load")
        definitions = ROOT / "seeds" / "attrition_feature_definitions.csv"
        connection.execute(
            "create table attrition_feature_definitions as "
            f"from read_csv('{definitions}', types = {{'windows': 'varchar'}})"
        )
        for model in self.models:
            connection.execute(f'create table "{model.name}" as {model.sql}')
            if model.name == until:
                break
        return Built(connection)


def compile_project(
    folder: Path, variables: Mapping[str, Any], ends: Iterable[str] = ENDS
) -> CompiledProject:
    """Compile the models up to some last ones with dbt.

    Args:
        folder: An empty folder for the profile, the target, the logs and a database.
        variables: dbt vars that replace the defaults.
        ends: The last models; by default the modeling dataset, its profile and what is rejected.

    Raises:
        AssertionError: dbt refuses to compile; holds what dbt said.
    """
    done = Project(new_project(folder).folder, database=DATABASE).dbt(
        "compile", "--quiet", "--vars", json.dumps(dict(variables)),
        "--select", *(f"+{name}" for name in ends),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    nodes = {result.node.unique_id: result.node for result in done.results}
    return CompiledProject(tuple(_ordered_models(nodes)), dict(variables))


def _ordered_models(nodes: Mapping[str, Any]) -> Iterable[Model]:
    compiled = {
        key: node
        for key, node in nodes.items()
        if node.resource_type == "model" and node.compiled_code
    }
    graph = {
        key: [parent for parent in node.depends_on.nodes if parent in compiled]
        for key, node in compiled.items()
    }
    for key in graphlib.TopologicalSorter(graph).static_order():
        yield Model(compiled[key].name, compiled[key].compiled_code)


def cut(raw: RawTables, date: dt.date) -> dict[str, pa.Table]:
    """Return the raw tables as they stood before `date`.

    Records on or after the date are gone, and what was learnt on or after it is unknown.
    """
    then: dict[str, pa.Table] = {}
    with duckdb.connect() as connection:
        for table, rows in raw.items():
            connection.register("rows_to_cut", rows)
            learnt = LEARNT_LATER.get(table)
            unknown = (
                f"replace (case when {learnt} < $date then {learnt} end as {learnt})"
                if learnt
                else ""
            )
            then[table] = connection.sql(
                f"select * {unknown} from rows_to_cut where {HAPPENED_ON[table]} < $date",
                params={"date": date},
            ).to_arrow_table()
            connection.unregister("rows_to_cut")
    return then


def row_differences(one: pa.Table, other: pa.Table) -> int:
    """Return how many rows, of all columns and exactly, are in one table and not in the other."""
    with duckdb.connect() as connection:
        connection.register("one", one)
        connection.register("other", other)
        return connection.sql(
            "select (select count(*) from (from one except all from other))"
            " + (select count(*) from (from other except all from one))"
        ).fetchall()[0][0]


def with_rows(table: pa.Table, rows: list[dict[str, Any]]) -> pa.Table:
    """Return an Arrow table with rows added; columns that a row leaves out are null."""
    return pa.concat_tables([table, pa.Table.from_pylist(rows, schema=table.schema)])


@functools.cache
def sample_tables(share: float = 0.12) -> RawTables:
    """Return raw tables of a share of the seeds' customers, and of made-up awkward ones.

    Which customers of the seeds is a matter of their identifiers alone.
    """
    tables: dict[str, pa.Table] = {}
    awkward = awkward_tables(*sample_bounds())
    for table in TABLES:
        schema = awkward[table].schema
        seeds = pa_csv.read_csv(
            ROOT / "seeds" / f"raw_{table}.csv",
            convert_options=pa_csv.ConvertOptions(
                column_types=schema, strings_can_be_null=True, include_columns=schema.names
            ),
        )
        chosen = [_is_chosen(name.as_py(), share) for name in seeds["customer_id"]]
        tables[table] = pa.concat_tables([seeds.filter(pa.array(chosen)), awkward[table]])
    return tables


def _is_chosen(customer_id: str, share: float) -> bool:
    digest = hashlib.sha1(customer_id.encode(), usedforsecurity=False).hexdigest()
    return int(digest[:6], 16) < share * 16**6


@functools.cache
def sample_bounds() -> tuple[dt.date, dt.date]:
    sold_on = pa_csv.read_csv(ROOT / "seeds" / "raw_sales.csv")["sold_on"].to_pylist()
    return min(sold_on), max(sold_on)


@dataclass(frozen=True)
class Variation:
    """A compiled project, the raw tables it ran over and what it made of them."""

    project: CompiledProject
    raw: RawTables
    built: Built


def sample_variation(folder: Path, **variables: Any) -> Variation:
    """Compile the project with some dbt vars and run it over the sample tables."""
    project = compile_project(folder, variables)
    raw = sample_tables()
    return Variation(project, raw, project.run(raw))


def sample_month(place: int) -> str:
    """Return a month of the sample as YYYY-MM, counted from its first or, below 0, its last."""
    first, last = sample_bounds()
    start = first if place >= 0 else last
    count = start.year * 12 + start.month - 1 + place + (place < 0)
    return f"{count // 12}-{count % 12 + 1:02d}"
