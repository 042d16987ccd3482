"""Take a customer out of all that a build has made, files included."""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import duckdb

from attrition.errors import AttritionError, first_line
from attrition.project.dbt_process import run_dbt
from attrition.project.profile import Connection
from attrition.project.quoting import identifier, literal
from attrition.publish import ensure_free, publish
from attrition.warehouse.abilities import abilities_of

_LEFT = (
    "Not looked at: logs/, target/, files that were exported, backups, and the copy that "
    "`attrition init` made (docs/privacy.md)."
)


def erase_customer(
    project_dir: Path,
    connection: Connection,
    customer_id: str,
    choice: Mapping[str, str],
    variables: str = "",
    say: Callable[[str], None] = print,
) -> None:
    """Remove a customer from the tables of a build and, on DuckDB, from its files.

    Args:
        project_dir: Folder of `dbt_project.yml`.
        connection: Where the build is.
        customer_id: Whom.
        choice: The setting `publish`.
        variables: Settings of this run, as YAML.
        say: Gets each sentence.

    Raises:
        AttritionError: There is no build, another process has it open, dbt failed, or a file
            could not be written; the sentence says what was done by then.
    """
    is_a_file = abilities_of(connection.type).is_a_file
    if is_a_file:
        build, published = (
            connection.build_file(project_dir),
            connection.published_file(project_dir),
        )
        if not build.is_file():
            raise AttritionError(f"{build}: there is no build, so nobody is in it.")
        ensure_free(build)
    arguments = ["run-operation", "erase_customer", "--target", connection.target]
    arguments += ["--args", json.dumps({"customer_id": customer_id})]
    if variables.strip():
        arguments += ["--vars", variables]
    if run_dbt(project_dir, arguments, verbose=False) != 0:
        raise AttritionError(
            f"dbt did not finish: rows of {customer_id} that it lists as removed are gone, others "
            "are not. Set right what it says and run this command again."
        )
    if not is_a_file:
        say(
            "Time Travel and Fail-safe of the account keep removed rows for their days. Drop what "
            "was cloned, too."
        )
        return
    before = rows_of_customer(published, customer_id)
    try:
        write_anew(build)
        say(f"{build}: written anew, so that no removed row is left in its blocks.")
        if published.is_file():
            publish(build, published, choice)
    except AttritionError as error:
        raise AttritionError(
            f"The rows are gone from the tables of the build. {error} Run this command again then."
        ) from error
    after = rows_of_customer(published, customer_id)
    lines = [
        f"  {table}: {count} before, {after.get(table, 0)} after" for table, count in before.items()
    ]
    if lines:
        say("\n".join([f"Rows of {customer_id} in the published copy:", *lines]))
    say(_LEFT)


def rows_of_customer(database: Path, customer_id: str) -> dict[str, int]:
    """Return how many rows of each table are a customer's; tables without any are left out."""
    if not database.is_file():
        return {}
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_columns() inner join duckdb_tables() "
            "using (database_name, schema_name, table_name) "
            "where lower(column_name) = 'customer_id' order by table_name"
        ).fetchall()
        counts = {
            table: connection.execute(
                f"select count(*) from {identifier(schema)}.{identifier(table)} "
                "where trim(customer_id::varchar) = trim($1)",
                [customer_id],
            ).fetchall()[0][0]
            for schema, table in tables
        }
    return {table: count for table, count in counts.items() if count}


def write_anew(build: Path) -> None:
    """Write a database file anew and put it in the place of the old one.

    DuckDB marks deleted rows: their values stay in the blocks of the file, also after a
    checkpoint. What is copied is what a query finds.

    Raises:
        AttritionError: Another process writes the file, or there is no room for the new one; the
            old one stays.
    """
    partial = build.with_name(f".{build.name}.{os.getpid()}.partial")
    try:
        with duckdb.connect(str(build)) as writer:
            writer.execute("checkpoint")
        # read-only, as whoever closes a file that was open for writing removes its log by name
        with duckdb.connect() as connection:
            connection.execute(f"attach {literal(str(build))} as old (read_only)")
            connection.execute(f"attach {literal(str(partial))} as new")
            connection.execute("copy from database old to new")
            if _sizes(connection, "old") != _sizes(connection, "new"):
                raise AttritionError(f"{build} could not be written anew: tables differ.")
            connection.execute("detach new")
            partial.chmod(build.stat().st_mode)
            partial.replace(build)
    except (OSError, duckdb.Error) as error:
        raise AttritionError(f"{build} could not be written anew: {first_line(error)}") from error
    finally:
        for path in (partial, partial.with_name(partial.name + ".wal")):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _sizes(connection: duckdb.DuckDBPyConnection, database: str) -> dict[tuple[str, str], int]:
    """Return the rows of each table, and each view with none."""
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = $1", [database]
    ).fetchall()
    views = connection.execute(
        "select schema_name, view_name from duckdb_views() "
        "where database_name = $1 and not internal",
        [database],
    ).fetchall()
    counts = {
        (schema, table): connection.execute(
            f"select count(*) from {database}.{identifier(schema)}.{identifier(table)}"
        ).fetchall()[0][0]
        for schema, table in tables
    }
    return {**counts, **dict.fromkeys(views, 0)}
