"""Where the report reads: the published copy, or the schema of a build on Snowflake.

Every query is a file of `sql/`, run as it stands there and shown under what was made from it.
"""

import importlib.resources
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrition.errors import AttritionError

if TYPE_CHECKING:
    import duckdb

_NO_SUCH_COLUMN = 904  # Snowflake's "invalid identifier"

Row = dict[str, Any]
Run = Callable[[str], list[Row]]


class NotInThisBuildError(Exception):
    """A query names a table or a column that this build does not have."""


@dataclass(frozen=True)
class Found:
    """What a query found.

    Attributes:
        name: File of the query, without its ending.
        sql: The query as it was run.
        rows: By column name; none where `is_known` is false.
        is_known: Whether the build has the tables and columns of the query.
    """

    name: str
    sql: str
    rows: tuple[Row, ...]
    is_known: bool = True

    @property
    def first(self) -> Row:
        """The only row, or the first one; empty where there is none."""
        return self.rows[0] if self.rows else {}


class Source:
    """Runs the queries of the report by name, each once."""

    def __init__(self, run: Run, where: str, version: str | None = None) -> None:
        """Make a source; `version` is judged in place of the champion."""
        self.where = where
        self._run = run
        self._found: dict[str, Found] = {}
        self._version = version

    def read(self, name: str) -> Found:
        """Return what the file `sql/<name>.sql` finds.

        `$version` in it stands for the version that is judged: the champion, or where there is
        none the newest version that answers the question of the settings.
        """
        if name not in self._found:
            sql = query_text(name)
            if "$version" in sql:
                version = self._version or self.read("version").first.get("version_id")
                # an id is made of letters and digits
                sql = sql.replace("$version", str(version))
            try:
                rows = tuple(_plain(row) for row in self._run(sql))
                self._found[name] = Found(name, sql, rows)
            except NotInThisBuildError:
                self._found[name] = Found(name, sql, (), is_known=False)
        return self._found[name]


def query_text(name: str) -> str:
    """Return a query as it stands in its file."""
    files = importlib.resources.files("attrition.report")
    return files.joinpath("sql", f"{name}.sql").read_text(encoding="utf-8").strip()


def _plain(row: Row) -> Row:
    return {
        name.lower(): float(value) if isinstance(value, Decimal) else value
        for name, value in row.items()
    }


@contextmanager
def source_of(project_dir: Path, target: str | None = None) -> Iterator[Source]:
    """Give what an output of the profile built: its published copy, or its schema on Snowflake.

    Raises:
        AttritionError: Nothing is published yet, or the warehouse cannot be reached.
    """
    from attrition.project.profile import connection_of
    from attrition.warehouse.abilities import abilities_of

    connection = connection_of(project_dir, target)
    if abilities_of(connection.type).is_a_file:
        with published_source(connection.published_file(project_dir)) as source:
            yield source
    else:
        with account_source(connection.output) as source:
            yield source


@contextmanager
def published_source(published: Path) -> Iterator[Source]:
    """Give the published copy; raise AttritionError where it is missing."""
    from attrition.command_line.summary import connect_published

    with connect_published(published) as connection:
        yield Source(partial(published_rows, connection), str(published))


def published_rows(
    connection: "duckdb.DuckDBPyConnection", sql: str, values: Mapping[str, Any] | None = None
) -> list[Row]:
    """Return what a query finds in the published copy.

    Args:
        connection: To the copy.
        sql: One query.
        values: What its parameters stand for, by name.

    Raises:
        NotInThisBuildError: A table or a column is missing.
        AttritionError: The copy cannot be read.
    """
    import duckdb

    try:
        cursor = connection.execute(sql, values)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise NotInThisBuildError(str(error)) from error
    except duckdb.Error as error:
        raise AttritionError(f"The published copy could not be read: {error}") from error
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def account_source(output: Mapping[str, Any]) -> Iterator[Source]:
    """Give the schema that an output of the profile builds into on Snowflake."""
    from attrition.snowflake.connection import open_connection, rendered_output

    given = rendered_output(output)
    with closing(open_connection(given)) as connection:
        yield Source(account_run(connection), f"{given.get('database')}.{given.get('schema')}")


def account_run(connection: Any) -> Run:
    """Return how queries are run on a connection of Snowflake."""
    from attrition.snowflake.connection import MissingObjectError, rows_of

    rows = rows_of(connection)

    def run(sql: str) -> list[Row]:
        try:
            return rows(sql)
        except AttritionError as error:
            errno = getattr(error.__cause__, "errno", None)
            if isinstance(error, MissingObjectError) or errno == _NO_SUCH_COLUMN:
                raise NotInThisBuildError(str(error)) from error
            raise

    return run
