"""Publish the public tables of a build as a file of its own that readers open.

A reader of the build file would make the next build fail (DuckDB lets one process
write), so people read a copy. It is written beside its place and renamed over it:
whoever has the old file open keeps reading the old file.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb

from attrition.errors import AttritionError

_ALIAS = "attrition_published_copy"


def publish_tables(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[Sequence[str]], published: Path
) -> list[str]:
    """Copy tables and views of the connected database into a new file, then swap it in.

    Args:
        connection: open on the build; a cursor of it is used, so a query may be under way.
        tables: schema and name of each; views are published as tables, all in one schema.
        published: path of the copy; its folder is made where it is missing.

    Returns:
        The names that were copied, in order.
    """
    published.parent.mkdir(parents=True, exist_ok=True)
    partial = published.with_name(f".{published.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    cursor = connection.cursor()
    try:
        cursor.execute(f"attach '{_quoted(str(partial))}' as {_ALIAS}")
        try:
            cursor.execute("begin transaction")
            for schema, table in tables:
                cursor.execute(f'create table {_ALIAS}.main."{table}" as from "{schema}"."{table}"')
                _copy_comments(cursor, schema, table)
            cursor.execute("commit")
        except duckdb.Error:
            cursor.execute("rollback")
            raise
        finally:
            cursor.execute(f"detach {_ALIAS}")
        partial.replace(published)
    finally:
        cursor.close()
        partial.unlink(missing_ok=True)
        partial.with_name(partial.name + ".wal").unlink(missing_ok=True)
    return [table for _, table in tables]


def publish(build: Path, published: Path) -> list[str]:
    """Publish every public table of a build file, without dbt.

    Raises:
        AttritionError: the build file is missing, is being written, holds no public table, or
            was left by a build that did not get to the scores of its champion.
    """
    if not build.exists():
        raise AttritionError(f"{build}: no build is there to publish. Run `make build` first.")
    try:
        connection = duckdb.connect(str(build))
    except duckdb.IOException as error:
        raise AttritionError(
            f"{build}: cannot be opened, probably because a build is running. "
            f"Try again when it is over. ({error})"
        ) from error
    with connection:
        tables = connection.execute(
            """
                select table_schema, table_name
                from information_schema.tables
                where
                    table_catalog = current_database()
                    and (table_name like 'attrition\\_%' escape '\\'
                        or table_name in ('modeling_dataset', 'training_plan'))
                    and table_name != 'attrition_feature_definitions'
                order by table_name
                """
        ).fetchall()
        if not tables:
            raise AttritionError(f"{build}: holds no public table. Run `make build` first.")
        _require_whole(connection, tables)
        return publish_tables(connection, tables, published)


def _require_whole(connection: duckdb.DuckDBPyConnection, tables: Sequence[Sequence[str]]) -> None:
    """Refuse scores that are not those of the champion beside them."""
    schema_of = {table: schema for schema, table in tables}
    if not {"attrition_scores", "attrition_champion"} <= schema_of.keys():
        return
    strangers = connection.execute(
        f"""
        select distinct model_version
        from "{schema_of["attrition_scores"]}".attrition_scores
        where model_version not in (
            select version_id from "{schema_of["attrition_champion"]}".attrition_champion
        )
        """
    ).fetchall()
    if strangers:
        raise AttritionError(
            f"attrition_scores were made by {strangers[0][0]}, which is not the champion: the "
            "last build did not finish. Run `make build`; the published copy stays as it is."
        )


def _copy_comments(cursor: duckdb.DuckDBPyConnection, schema: str, table: str) -> None:
    """Carry descriptions over: `create table as` leaves them behind."""
    described = cursor.execute(
        """
        select null, comment from duckdb_tables()
        where table_name = $1 and schema_name = $2 and database_name = current_database()
        union all
        select null, comment from duckdb_views()
        where view_name = $1 and schema_name = $2 and database_name = current_database()
        union all
        select column_name, comment from duckdb_columns()
        where table_name = $1 and schema_name = $2 and database_name = current_database()
        """,
        [table, schema],
    ).fetchall()
    for column, comment in described:
        if comment is None:
            continue
        target = f'{_ALIAS}.main."{table}"'
        if column is not None:
            cursor.execute(f"comment on column {target}.\"{column}\" is '{_quoted(comment)}'")
        else:
            cursor.execute(f"comment on table {target} is '{_quoted(comment)}'")


def _quoted(text: str) -> str:
    return text.replace("'", "''")
