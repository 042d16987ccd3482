"""Whether a build could open its database now."""

import os
from collections.abc import Callable
from pathlib import Path

from attrition.doctor.finding import Finding
from attrition.errors import AttritionError
from attrition.project.profile import Connection
from attrition.publish import ensure_free
from attrition.settings.model import Settings


def check_warehouse(
    connection: Connection,
    project_dir: Path,
    settings: Settings | None,
    *,
    is_quick: bool = False,
) -> list[Finding]:
    """Look at the database that the profile names, and change nothing in it.

    On Snowflake that is all that a build needs of the account.
    """
    check = _CHECKS.get(connection.type)
    if check is None:
        text = f"The connection to {connection.type} is not looked at from here."
        return [Finding("ok", "Connection", f"{text} `dbt debug` does that.")]
    return check(connection, project_dir, settings, is_quick)


def _check_snowflake(
    connection: Connection, project_dir: Path, settings: Settings | None, is_quick: bool
) -> list[Finding]:
    from attrition.doctor.snowflake import snowflake_findings

    return snowflake_findings(connection, project_dir, settings, is_quick=is_quick)


def _check_duckdb(
    connection: Connection, project_dir: Path, _settings: Settings | None, _is_quick: bool
) -> list[Finding]:
    return [check_connection(connection, project_dir)]


def check_connection(connection: Connection, project_dir: Path) -> Finding:
    """Say whether a build could open DuckDB's file, and change nothing in it."""
    path = connection.database
    if path == ":memory:":
        text = "The profile has no path, so every build starts from nothing and is lost."
        fix = "Name a file: `path` of the output in profiles.yml."
        return Finding("warning", "Connection", text, fix)
    if path.startswith("md:"):
        return Finding("ok", "Connection", f"{path} is opened by dbt; `dbt debug` tries it.")
    return check_duckdb_file(project_dir / path)


def check_duckdb_file(database: Path) -> Finding:
    """Say whether a build can write a DuckDB file; one that is not there yet is not made."""
    if not database.exists():
        folder = next(parent for parent in database.parents if parent.exists())
        if folder.is_dir() and os.access(folder, os.W_OK):
            return Finding("ok", "Connection", f"{database} will be made by the first build.")
        text = f"{database} cannot be made: {folder} cannot be written."
        return Finding("problem", "Connection", text, "Name another path in profiles.yml.")
    try:
        ensure_free(database)
    except AttritionError as error:
        text, _, fix = str(error).partition(" If another build")
        return Finding("problem", "Connection", text, f"If another build{fix}")
    return Finding("ok", "Connection", f"{database} can be opened, and nobody else holds it.")


_CHECKS: dict[str, Callable[[Connection, Path, Settings | None, bool], list[Finding]]] = {
    "duckdb": _check_duckdb,
    "snowflake": _check_snowflake,
}
