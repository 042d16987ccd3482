"""The raw contract as the sources of the project declare it: tables, columns, types, defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attrition.errors import AttritionError
from attrition.settings.raw_names import read_raw_tables


@dataclass(frozen=True)
class Column:
    """A column of the raw contract.

    Attributes:
        name: Name in the contract.
        type: `identifier` (whole number or text), `text`, `category`, `date`, `number`, `boolean`.
        is_required: Whether a table without the column stops the build.
        default: What holds where it is absent: `row` the record's position, `today` the day of
            the run, None nothing.
        choices: Allowed texts of a category.
        aliases: Other usual names, in lower case; they help to propose a mapping.
    """

    name: str
    type: str
    is_required: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def absence(self) -> str:
        """What holds where no column of a file is this one, in words."""
        if self.default is None:
            return "not there, which is allowed"
        return "made from the row" if self.default == "row" else f"{self.default} for all rows"


@dataclass(frozen=True)
class Table:
    """A table of the raw contract.

    Attributes:
        name: Name of the table, and of the file without its ending.
        columns: Its columns in order.
        any_of: Columns of which at least one is required.
    """

    name: str
    columns: tuple[Column, ...]
    any_of: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """Return the column of that name; raise KeyError when there is none."""
        return next(column for column in self.columns if column.name == name)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(column.name for column in self.columns)


def read_raw_contract(project_dir: Path) -> dict[str, Table]:
    """Return {name: table} of the project, or of its installed package.

    Raises:
        AttritionError: Neither declares the raw tables.
    """
    tables = {table["name"]: _table(table) for table in read_raw_tables(project_dir)}
    if not tables:
        raise AttritionError(
            f"{project_dir} declares no raw tables: models/staging/_staging__sources.yml is "
            "missing. Run this in the project's folder, or name it with --project-dir."
        )
    return tables


def _table(declared: Mapping[str, Any]) -> Table:
    any_of = declared["config"]["meta"].get("any_of", ())
    return Table(declared["name"], tuple(map(_column, declared["columns"])), tuple(any_of))


def _column(declared: Mapping[str, Any]) -> Column:
    meta = declared["config"]["meta"]
    return Column(
        declared["name"],
        meta["type"],
        is_required="default" not in meta,
        default=meta.get("default"),
        choices=tuple(meta.get("choices", ())),
        aliases=tuple(meta.get("aliases", ())),
    )
