"""Publish the public tables of a build as a file of its own that readers open.

A reader of the build file would make the next build fail (DuckDB lets one process
write), so people read a copy. It is written beside its place and renamed over it:
whoever has the old file open keeps reading the old file.
"""

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import duckdb

from attrition.errors import AttritionError, first_line
from attrition.scoring import score_customers

PUBLISHED = "warehouse/attrition.duckdb"
"""Where a profile that names no `publish_to` publishes."""
_ALIAS = "attrition_published_copy"
_READ_ONLY = 0o444
_REJECTED, _CATALOG = "attrition_rejected_records", "attrition_feature_catalog"
_WITH_FEATURES = ("modeling_dataset", "attrition_scored_features")
_OF_A_RECORD = ("record_key", "customer_id", "record_json")


def publish_tables(
    connection: duckdb.DuckDBPyConnection,
    tables: Sequence[Sequence[str]],
    published: Path,
    choice: Mapping[str, str] | None = None,
) -> list[str]:
    """Copy tables and views of the connected database into a new file, then swap it in.

    Beside the rows of the champion goes the table macro that scores with them.

    The copy is opened and looked at before and after the swap. It is published read-only: a
    program that opens it for writing and dies would leave a log behind that makes the next copy
    unreadable.

    Args:
        connection: open on the build; a cursor of it is used, so a query may be under way.
        tables: schema and name of each; views are published as tables, all in one schema.
        published: path of the copy; its folder is made where it is missing.
        choice: the setting `publish`; its default where nothing is given.

    Returns:
        The names that were copied, in order.

    Raises:
        AttritionError: the copy cannot be written, or cannot be read afterwards; up to the swap
            the last copy stays as it is.
    """
    refuse_build_as_copy(_database_of(connection), published)
    if published.is_dir():
        raise AttritionError(f"{published} is a folder: name a file as `publish_to`.")
    partial = published.with_name(f".{published.name}.{os.getpid()}.partial")
    names = [table for _, table in tables]
    try:
        published.parent.mkdir(parents=True, exist_ok=True)
        _clear_partials(published)
        _write(connection, tables, partial, choice or {})
        _verify(partial, names)
        partial.chmod(_READ_ONLY)
        # of a program that had the last copy open for writing: not a part of this one
        published.with_name(published.name + ".wal").unlink(missing_ok=True)
        partial.replace(published)
        _verify(published, names)
    except (OSError, duckdb.Error) as error:
        raise AttritionError(f"{published} could not be published: {first_line(error)}") from error
    finally:
        _remove(partial)
    return names


def is_a_file(path: str) -> bool:
    """Say whether DuckDB keeps a database of this path as a file here."""
    return path != ":memory:" and not path.startswith("md:")


def ensure_free(database: Path) -> None:
    """Make the folder of the build file, and make sure that nobody else has the file open.

    Raises:
        AttritionError: Another process has it open, or it cannot be written.
    """
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        duckdb.connect(str(database)).close()
    except (OSError, duckdb.Error) as error:
        raise AttritionError(
            f"{database} cannot be written: {str(error).splitlines()[0]} If another build or a "
            "program that reads this file is running, wait for it or close it; to read, open "
            "the published copy instead."
        ) from error


def refuse_build_as_copy(build: Path, published: Path) -> None:
    """Raise AttritionError when the copy would be written over the build."""
    if build.absolute().resolve() == published.absolute().resolve():
        raise AttritionError(
            f"{published} is the build itself: give `path` and `publish_to` in profiles.yml two "
            "different files."
        )


def _database_of(connection: duckdb.DuckDBPyConnection) -> Path:
    found = connection.cursor().execute(
        "select coalesce(path, '') from duckdb_databases() where database_name = current_database()"
    )
    return Path(found.fetchall()[0][0])


def _write(
    connection: duckdb.DuckDBPyConnection,
    tables: Sequence[Sequence[str]],
    partial: Path,
    choice: Mapping[str, str],
) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute(f"attach '{_quoted(str(partial))}' as {_ALIAS}")
        try:
            cursor.execute("begin transaction")
            left_out = _left_out(cursor, tables, choice)
            for schema, table in tables:
                columns = left_out.get(table, "*")
                cursor.execute(
                    f'create table {_ALIAS}.main."{table}" as '
                    f'select {columns} from "{schema}"."{table}"'
                )
                _copy_comments(cursor, schema, table)
            if set(score_customers.TABLES) <= {table for _, table in tables}:
                cursor.execute(score_customers.score_customers_sql(f"{_ALIAS}.main"))
            cursor.execute("commit")
        except duckdb.Error:
            cursor.execute("rollback")
            raise
        finally:
            cursor.execute(f"detach {_ALIAS}")
    finally:
        cursor.close()


def _left_out(
    cursor: duckdb.DuckDBPyConnection, tables: Sequence[Sequence[str]], choice: Mapping[str, str]
) -> dict[str, str]:
    """Return {table: what is selected of it} where that is not everything."""
    schema_of = {table: schema for schema, table in tables}
    selections = {}
    if _REJECTED in schema_of and choice.get("rejected_records") != "records":
        nothing = ", ".join(f"null::varchar as {column}" for column in _OF_A_RECORD)
        selections[_REJECTED] = f"* replace ({nothing})"
    if _CATALOG in schema_of and choice.get("sensitive_features") != "all":
        for table in schema_of.keys() & set(_WITH_FEATURES):
            unused = cursor.execute(
                f'''
                select column_name
                from duckdb_columns()
                inner join "{schema_of[_CATALOG]}".{_CATALOG} as catalog
                    on lower(column_name) = lower(catalog.feature)
                where
                    catalog.is_sensitive and not catalog.is_selected
                    and table_name = $1 and schema_name = $2 and database_name = current_database()
                order by column_index
                ''',
                [table, schema_of[table]],
            ).fetchall()
            if unused:
                names = ", ".join(f'"{name}"' for (name,) in unused)
                selections[table] = f"* exclude ({names})"
    return selections


def _verify(copy: Path, names: Sequence[str]) -> None:
    """Open a copy as a reader does, and read of every table."""
    with duckdb.connect(str(copy), read_only=True) as reader:
        for name in names:
            reader.execute(f'from "{name}" limit 1').fetchall()


def _clear_partials(published: Path) -> None:
    """Remove what publications left that were killed; one that runs keeps its own."""
    for path in published.parent.glob(f".{published.name}.*.partial"):
        process = path.name.removesuffix(".partial").rpartition(".")[2]
        if not process.isdigit() or not _is_running(int(process)):
            _remove(path)


def _is_running(process: int) -> bool:
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _remove(partial: Path) -> None:
    for path in (partial, partial.with_name(partial.name + ".wal")):
        # where it cannot be removed it could not be written, which is said
        with suppress(OSError):
            path.unlink(missing_ok=True)


def publish(build: Path, published: Path, choice: Mapping[str, str] | None = None) -> list[str]:
    """Publish every public table of a build file, without dbt.

    Args:
        build: the build file.
        published: path of the copy.
        choice: the setting `publish`; its default where nothing is given.

    Raises:
        AttritionError: the build file is missing, damaged or being written, holds no public
            table, or was left by a build that did not get to the scores of its champion.
    """
    refuse_build_as_copy(build, published)
    if not build.is_file():
        raise AttritionError(f"{build}: no build is there to publish. Run `make build` first.")
    if not build.stat().st_size:
        raise AttritionError(f"{build} is empty. Remove it and run `make build`.")
    try:
        connection = duckdb.connect(str(build))
    except duckdb.Error as error:
        is_busy = "lock" in str(error).lower()
        raise AttritionError(
            f"{build} cannot be opened: {first_line(error)} "
            + (
                "A build is probably running; try again when it is over."
                if is_busy
                else "If it is damaged, take a copy of it from before, or remove it and build anew."
            )
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
        return publish_tables(connection, tables, published, choice)


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
            # what the build was made from is no matter of its readers
            said = _quoted(re.sub(r"(?:^|\n)made from \w+(?: \S+=\w+)*$", "", comment))
            cursor.execute(f"comment on table {target} is '{said}'")


def _quoted(text: str) -> str:
    return text.replace("'", "''")
