"""Check one's own files against the raw contract before anything is built from them."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from attrition.errors import AttritionError
from attrition.own_data.column_match import likely_column
from attrition.own_data.raw_contract import RAW_TABLES, Column, Table
from attrition.own_data.readable import literal, read_as, text_of
from attrition.settings.model import Settings
from attrition.settings.problems import did_you_mean

logger = logging.getLogger(__name__)

_SHOWN_COLUMNS = 12


class RawDataError(AttritionError):
    """Files do not fit the raw contract; the text has one line per problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        noun = "problem" if len(self.problems) == 1 else "problems"
        lines = "".join(f"\n  - {problem}" for problem in self.problems)
        super().__init__(f"{len(self.problems)} {noun} in the raw data:{lines}")


@dataclass(frozen=True)
class RawFile:
    """A file that was found, and its columns as they are spelled."""

    path: str
    columns: tuple[str, ...]
    row_count: int

    @property
    def name(self) -> str:
        """Name of the file without its folder."""
        return self.path.rsplit("/", 1)[-1]


def check_raw_files(settings: Settings, project_dir: Path) -> dict[str, RawFile]:
    """Look at the files of every domain that is switched on.

    Args:
        settings: Checked settings; nothing is looked at unless `raw_data` is `source`.
        project_dir: Folder that a relative `raw_location` starts from.

    Returns:
        {table: file}, empty for the sample and for a location in the cloud, which
        `dbt build` checks itself because it has the credentials.

    Raises:
        RawDataError: With one line for each missing file, missing column and column in which
            nothing can be read.
    """
    if settings.raw_data != "source" or not settings.raw_location or "://" in settings.raw_location:
        return {}
    folder = project_dir / settings.raw_location
    problems: list[str] = []
    files: dict[str, RawFile] = {}
    if not folder.is_dir():
        raise RawDataError([f"raw_location: the folder {settings.raw_location} does not exist."])
    with duckdb.connect() as connection:
        for name in settings.feature_domains:
            try:
                files[name] = _open(connection, RAW_TABLES[name], folder)
                problems += _column_problems(
                    connection, RAW_TABLES[name], files[name], settings.raw_columns.get(name, {})
                )
            except AttritionError as error:
                problems.append(str(error))
    if problems:
        raise RawDataError(problems)
    return files


def relation_of(path: str) -> str:
    """Return the DuckDB table function that reads a file as the project's staging reads it."""
    if path.endswith(".parquet"):
        return f"read_parquet({literal(path)})"
    return f"read_csv({literal(path)}, header = true, all_varchar = true, null_padding = true)"


def _open(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> RawFile:
    """Find the file of a table and read its columns; raise AttritionError when it has none."""
    candidates = [folder / f"{table.name}{ending}" for ending in (".parquet", ".csv")]
    path = next((str(candidate) for candidate in candidates if candidate.is_file()), None)
    if path is None:
        raise AttritionError(_missing_file(table, folder))
    try:
        columns = tuple(connection.sql(f"from {relation_of(path)}").columns)
        count = connection.sql(f"select count(*) from {relation_of(path)}").fetchall()[0][0]
    except duckdb.Error as error:
        first_line = str(error).splitlines()[0]
        name = Path(path).name
        raise AttritionError(
            f"{name} cannot be read as {Path(path).suffix[1:]}: {first_line}"
        ) from error
    return RawFile(path, columns, count)


def _missing_file(table: Table, folder: Path) -> str:
    present = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    text = f"{table.name}.parquet or {table.name}.csv is missing in {folder}"
    text += f"; it has {', '.join(present[:_SHOWN_COLUMNS])}." if present else "; it is empty."
    near = did_you_mean(f"{table.name}.csv", present)
    if table.name != "sales":
        text += f" Put it there, or take {table.name} out of feature_domains."
    return text + near


def _column_problems(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    file: RawFile,
    mapping: Mapping[str, str],
) -> list[str]:
    """Return one line for each column that is missing or wholly unreadable."""
    if file.row_count == 0:
        return [f"{file.name} has a header and no rows."]
    problems = []
    found: dict[str, str] = {}
    for column in table.columns:
        wanted = mapping.get(column.name, column.name)
        spelling = spelled(wanted, file.columns)
        if spelling is not None:
            found[column.name] = spelling
        elif column.name in mapping:
            problems.append(_mapped_to_nothing(table, column, wanted, file))
        elif column.is_required:
            problems.append(_missing_column(connection, table, column, file))
    if table.one_of and not any(name in found for name in table.one_of):
        problems.append(_missing_choice(connection, table, file))
    return problems + _unreadable(connection, table, file, found)


def spelled(wanted: str, available: Sequence[str]) -> str | None:
    """Return the spelling of a column: exactly as wanted, else without regard to case."""
    if wanted in available:
        return wanted
    return next((name for name in available if name.lower() == wanted.lower()), None)


def _mapped_to_nothing(table: Table, column: Column, wanted: str, file: RawFile) -> str:
    text = f"raw_columns.{table.name}.{column.name}: {file.name} has no column `{wanted}`"
    return f"{text}; it has {_list(file.columns)}." + did_you_mean(wanted, file.columns)


def _missing_column(
    connection: duckdb.DuckDBPyConnection, table: Table, column: Column, file: RawFile
) -> str:
    text = f"`{column.name}` is missing from {file.name}; it has {_list(file.columns)}."
    likely = likely_column(connection, relation_of(file.path), column, file.columns)
    return f"{text} Map it: raw_columns: {{{table.name}: {{{column.name}: {likely or '...'}}}}}"


def _missing_choice(connection: duckdb.DuckDBPyConnection, table: Table, file: RawFile) -> str:
    names = " and ".join(f"`{name}`" for name in table.one_of)
    text = f"{names} are missing from {file.name}, and one of them is required"
    for name in table.one_of:
        likely = likely_column(connection, relation_of(file.path), table.column(name), file.columns)
        if likely:
            break
    else:
        name, likely = table.one_of[0], "..."
    return (
        f"{text}; it has {_list(file.columns)}. "
        f"Map it: raw_columns: {{{table.name}: {{{name}: {likely}}}}}"
    )


def _unreadable(
    connection: duckdb.DuckDBPyConnection, table: Table, file: RawFile, found: Mapping[str, str]
) -> list[str]:
    """Return one line for each column that holds values and not one of its type."""
    typed = {
        name: spelling
        for name, spelling in found.items()
        if table.column(name).type in {"date", "number", "boolean"}
        or table.column(name).is_required
    }
    if not typed:
        return []
    parts = []
    for name, spelling in typed.items():
        text = text_of(spelling)
        parts += [
            f"count({text})",
            f"count({read_as(spelling, table.column(name).type)})",
            f"min({text})",
        ]
    row = connection.sql(f"select {', '.join(parts)} from {relation_of(file.path)}").fetchall()[0]
    problems = []
    for position, (name, spelling) in enumerate(typed.items()):
        filled, readable, example = row[3 * position : 3 * position + 3]
        column = table.column(name)
        if filled == 0 and column.is_required:
            problems.append(f"`{spelling}` of {file.name} is empty, and {name} is required.")
        elif filled and not readable:
            problems.append(
                f"`{spelling}` of {file.name} holds no {column.type} at all (for example "
                f"{example!r}), and {name} must be one; map another column or correct the file."
            )
    return problems


def _list(columns: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in columns[:_SHOWN_COLUMNS])
    more = len(columns) - _SHOWN_COLUMNS
    return f"{shown} and {more} more" if more > 0 else shown
