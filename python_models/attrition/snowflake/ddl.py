"""The public tables and the grants on them as SQL, for teams whose administrators make objects."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attrition.errors import AttritionError
from attrition.snowflake.library import LIBRARY_STAGE
from attrition.snowflake.names import AccountNames
from attrition.snowflake.privileges import privileges, render

_HEAD = """\
-- The public tables of the project, the grants for who builds them, and for who reads them.
-- Run it as a role that may make objects in the schema and has manage grants, such as accountadmin.
-- The building role comes to own the tables: dbt replaces most of them, which only an owner can.
"""
_GRANTS_ARE_LOST = """\
-- dbt makes these tables anew in each build, and what was granted on them is lost, unless their
-- models have `copy_grants: true`: {names}.
"""


@dataclass(frozen=True)
class Column:
    """A column of a contract."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class PublicTable:
    """A public model with an enforced contract.

    Attributes:
        name: The table with its database and schema.
        description: What the table is.
        columns: In the order of the contract.
        keys: Columns that are unique together, as the model's tests say.
        never_null: Columns that the model's tests hold to be never null.
        loses_grants: Whether a build makes it anew without what was granted on it.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    keys: tuple[tuple[str, ...], ...] = ()
    never_null: frozenset[str] = frozenset()
    loses_grants: bool = False


def ddl_sql(
    tables: Sequence[PublicTable],
    names: AccountNames,
    reader: str | None = None,
    reads_raw_tables: bool = False,
) -> str:
    """Return the SQL for tables and for who builds and reads them.

    Args:
        tables: What to make.
        names: The building role and the places that it needs.
        reader: Role that may read; None for nobody.
        reads_raw_tables: Whether the raw records are tables, on which the builder needs grants.
    """
    needed = [one for one in privileges(names) if reads_raw_tables or one.section != "raw"]
    places = [f"{database}.{names.schema}" for database in names.databases]
    parts = [
        _HEAD,
        *map(create_table, tables),
        "-- The library of the Python models travels on this stage.\n"
        + "".join(f"create stage if not exists {place}.{LIBRARY_STAGE};\n" for place in places),
        *render(names, "schema_parameters"),
        *(f"-- {one.why}\n{one.grant(names.role)}\n" for one in needed),
    ]
    if reader:
        parts.append(_reader_grants(tables, reader))
    parts.append(
        "".join(
            f"grant ownership on table {table.name} to role {names.role} copy current grants;\n"
            for table in tables
        )
    )
    return "\n".join(parts)


def create_table(table: PublicTable) -> str:
    """Return `create table if not exists` with the columns of the contract and its keys.

    Snowflake does not enforce keys; they tell readers and tools what a row is.
    """
    lines = [
        f"    {column.name} {column.type} comment {_quoted(column.description)}"
        for column in table.columns
    ]
    primary = next((key for key in table.keys if table.never_null.issuperset(key)), None)
    for key in table.keys:
        kind = "primary key" if key == primary else "unique"
        lines.append(f"    {kind} ({', '.join(key)}) not enforced")
    return (
        f"create table if not exists {table.name} (\n"
        + ",\n".join(lines)
        + f"\n)\ncomment = {_quoted(table.description)};\n"
    )


def public_tables(manifest: Mapping[str, Any]) -> tuple[PublicTable, ...]:
    """Return the public models with enforced contracts of a manifest, by name.

    Raises:
        AttritionError: The manifest was made for another warehouse, whose types are others.
    """
    adapter = manifest.get("metadata", {}).get("adapter_type")
    if adapter != "snowflake":
        raise AttritionError(
            f"The manifest was made for {adapter}, not snowflake: run dbt parse --target prod, or "
            "leave out --manifest."
        )
    nodes = manifest["nodes"]
    tests = [node for node in nodes.values() if node["resource_type"] == "test"]
    tables = [
        _table(node, [test for test in tests if test.get("attached_node") == key])
        for key, node in nodes.items()
        if node["resource_type"] == "model"
        and node["access"] == "public"
        and node["config"]["contract"]["enforced"]
        and node["config"]["materialized"] != "view"
    ]
    return tuple(sorted(tables, key=lambda table: table.name))


def _table(node: Mapping[str, Any], tests: Iterable[Mapping[str, Any]]) -> PublicTable:
    # a test of some rows, or one that only warns, says nothing about every row
    strict = [
        test
        for test in tests
        if not test["config"].get("where")
        and str(test["config"].get("severity", "error")).lower() == "error"
        and (test.get("test_metadata") or {}).get("name") == "rules_hold"
    ]
    columns = node["columns"].values() if strict else []
    keys = [test["test_metadata"]["kwargs"].get("key") for test in strict]
    keys += [[column["name"]] for column in columns if "unique" in _rules(column)]
    config = node["config"]
    return PublicTable(
        name=node["relation_name"],
        description=node["description"],
        columns=tuple(
            Column(_column_name(column), column["data_type"], column["description"])
            for column in node["columns"].values()
        ),
        keys=tuple(sorted(tuple(key) for key in keys if key)),
        never_null=frozenset(column["name"] for column in columns if "not_null" in _rules(column)),
        loses_grants=config["materialized"] in ("table", "kept_table")
        and not config.get("copy_grants"),
    )


def _rules(column: Mapping[str, Any]) -> list[Any]:
    """Return what the data test `rules_hold` asks of a column."""
    return list(column.get("meta", {}).get("rules", []))


def _column_name(column: Mapping[str, Any]) -> str:
    return f'"{column["name"]}"' if column.get("quote") else str(column["name"])


def _reader_grants(tables: Iterable[PublicTable], reader: str) -> str:
    listed = tuple(tables)
    schemas = dict.fromkeys(table.name.rpartition(".")[0] for table in listed)
    databases = dict.fromkeys(schema.partition(".")[0] for schema in schemas)
    lines = [f"-- {reader} reads the public tables, and nothing else.\n"]
    lines += [f"grant usage on database {name} to role {reader};\n" for name in databases]
    lines += [f"grant usage on schema {name} to role {reader};\n" for name in schemas]
    lines += [f"grant select on table {table.name} to role {reader};\n" for table in listed]
    lost = [table.name.rpartition(".")[2] for table in listed if table.loses_grants]
    return "".join(lines) + (_GRANTS_ARE_LOST.format(names=", ".join(lost)) if lost else "")


def _quoted(text: str) -> str:
    """Return the first paragraph of a description as a literal on one line."""
    first = " ".join(text.strip().split("\n\n")[0].split())
    return "'" + first.replace("\\", "\\\\").replace("'", "''") + "'"
