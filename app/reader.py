"""What the pages ask: the published copy on DuckDB, or a build in a Snowflake account."""

import os
from collections.abc import Hashable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from attrition.errors import AttritionError
from attrition.report.source import Row, Source

if TYPE_CHECKING:
    import pyarrow as pa

    from app.what_if import Value, WhatIf

FILE_VARIABLE = "ATTRITION_APP_FILE"
"""Names another published copy than that of the project's profile."""
TARGET_VARIABLE = "ATTRITION_APP_TARGET"
"""Names an output of the profile; without it, the profile's default."""
SESSION = "(session)"
"""In place of an output: the session that Streamlit in Snowflake gives."""


class Reader(Protocol):
    """Answers the pages, from memory where it was asked since the last build.

    Parameters in SQL are `$name`; names of columns come in lower case.
    """

    def stamp(self) -> Hashable:
        """Return what tells one build from the next one.

        Raises:
            AttritionError: There is no build.
        """

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Return what a query finds.

        Raises:
            NotInThisBuildError: This build lacks a table or a column of the query.
            AttritionError: The build cannot be read.
        """

    def source(self, version: str | None = None) -> Source:
        """Return where parts of the report read, about a version or the champion."""

    def table(self, sql: str, values: Mapping[str, Any] | None = None) -> "pa.Table":
        """Return what a query finds as Arrow, for files to download."""

    def what_if(self, customer_id: str, changes: "Mapping[str, Value]") -> "WhatIf":
        """Return what the champion says of a customer; arguments as of `app.what_if.what_if`."""


def chosen_reader(file: str | None, target: str | None, project_dir: Path = Path()) -> Reader:
    """Return the reader of a published copy or of an output of the project's profile.

    Args:
        file: The copy; None for that of the output.
        target: The output; None for the profile's default.
        project_dir: Folder of `dbt_project.yml` and `profiles.yml`.

    Raises:
        AttritionError: There is no such output, or it cannot be read.
    """
    from attrition.project.profile import connection_of
    from attrition.warehouse.abilities import abilities_of

    from app.copy_reader import CopyReader

    if file:
        return CopyReader(Path(file))
    found = connection_of(project_dir, target)
    if target and found.target != target:
        raise AttritionError(
            f"--target {target}: profiles.yml has no such output of {found.profile}. Name one that "
            "it has, or leave --target out for its default."
        )
    if abilities_of(found.type).is_a_file:
        return CopyReader(found.published_file(project_dir))

    from attrition.snowflake.connection import open_connection, rendered_output

    from app.account_reader import AccountReader

    given = rendered_output(found.output)
    where = f"{given.get('database')}.{given.get('schema')}"
    return AccountReader(partial(open_connection, given), where)


def asked_for() -> tuple[str | None, str | None]:
    """Return the file and the output that the environment names."""
    return os.environ.get(FILE_VARIABLE) or None, os.environ.get(TARGET_VARIABLE) or None
