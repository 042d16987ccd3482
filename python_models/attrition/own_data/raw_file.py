"""Open a file of sales as somebody has it: Parquet, CSV with any separator, or blank-separated."""

import csv
import gzip
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from attrition.errors import AttritionError
from attrition.project.quoting import literal

_SEPARATORS = (",", ";", "\t", "|")
_SNIFFED_LINES = 200
_BLANKS = "blanks"


@dataclass(frozen=True)
class SourceFile:
    """A file that DuckDB can read now.

    Attributes:
        path: Where it lies.
        relation: DuckDB SQL that stands for its rows.
        columns: Its columns in order.
        row_count: Number of its rows.
        form: How it is written, in words.
        is_readable_as_is: Whether the project itself can read it where it lies.
    """

    path: Path
    relation: str
    columns: tuple[str, ...]
    row_count: int
    form: str
    is_readable_as_is: bool


def relation_of(path: str) -> str:
    """Return the DuckDB table function that reads a file as the project's staging reads it."""
    if path.endswith(".parquet"):
        return f"read_parquet({literal(path)})"
    return f"read_csv({literal(path)}, header = true, all_varchar = true, null_padding = true)"


def spelled(wanted: str, available: Sequence[str]) -> str | None:
    """Return the spelling of a column: exactly as wanted, else without regard to case."""
    if wanted in available:
        return wanted
    return next((name for name in available if name.lower() == wanted.lower()), None)


def open_raw_file(connection: duckdb.DuckDBPyConnection, path: Path) -> SourceFile:
    """Open a file for `connection`, every column of a text file as text.

    Raises:
        AttritionError: When the file is missing, empty, or not a table of at least two columns.
    """
    if not path.is_file():
        raise AttritionError(f"There is no file {path}.")
    try:
        relation, form = _relation(connection, path)
        columns = tuple(connection.sql(f"from {relation}").columns)
        row_count = connection.sql(f"select count(*) from {relation}").fetchall()[0][0]
    except (duckdb.Error, UnicodeDecodeError, OSError) as error:
        first_line = str(error).splitlines()[0]
        raise AttritionError(f"{path.name} cannot be read: {first_line}") from error
    if row_count == 0:
        raise AttritionError(f"{path.name} has a header and no rows.")
    return SourceFile(
        path,
        relation,
        columns,
        row_count,
        form,
        _is_readable_as_is(connection, path, columns, row_count),
    )


def _relation(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[str, str]:
    with path.open("rb") as file:
        is_parquet = file.read(4) == b"PAR1"
    if is_parquet:
        return f"read_parquet({literal(str(path))})", "Parquet"
    encoding, lines = _first_lines(path)
    separator = sniff_separator(lines)
    rows = (
        list(csv.reader(lines, delimiter=separator))
        if separator != _BLANKS
        else [line.split() for line in lines]
    )
    if len(rows[0]) < 2:
        raise AttritionError(
            f"{path.name} is not a table: its first line holds no comma, semicolon, tab, "
            "vertical bar or blank between columns."
        )
    header = has_header(rows)
    if separator == _BLANKS:
        return _read_blanks(connection, path, rows, header, encoding), "blank-separated text"
    names = "" if header else f", names = {_column_names(len(rows[0]))}"
    relation = (
        f"read_csv({literal(str(path))}, delim = {literal(separator)}, quote = '\"', "
        f"header = {str(header).lower()}, all_varchar = true, null_padding = true, "
        f"strict_mode = false, encoding = {literal(encoding)}{names})"
    )
    words = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}[separator]
    return relation, f"text separated by {words}" + ("" if header else ", without a header")


def _first_lines(path: Path) -> tuple[str, list[str]]:
    """Return the encoding and the first lines that are not empty."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        chunk = file.read(1_000_000)
    encoding = "utf-8"
    try:
        text = chunk.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # a character that the end of the chunk cuts in two is no sign of another encoding
        encoding = "utf-8" if error.start > len(chunk) - 4 else "latin-1"
        text = chunk.decode(encoding, errors="ignore")
    if "\x00" in text:
        raise AttritionError(f"{path.name} is neither text nor Parquet.")
    lines = [line for line in text.splitlines() if line.strip()][:_SNIFFED_LINES]
    if not lines:
        raise AttritionError(f"{path.name} is empty.")
    return encoding, lines


def sniff_separator(lines: Sequence[str]) -> str:
    """Return the separator that splits most lines into the same number (two or more) of columns."""
    best, best_score = _BLANKS, 0.0
    for separator in _SEPARATORS:
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if row)
        width, count = counts.most_common(1)[0]
        share = count / sum(counts.values())
        if width > 1 and share * width > best_score and share > 0.5:
            best, best_score = separator, share * width
    return best


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether the first row names the columns: filled, all different, and no number or date."""
    first = [cell.strip() for cell in rows[0]]
    is_value = re.compile(r"[-+$€£]?[0-9][0-9.,:/ T-]*")
    return (
        all(first)
        and len(set(first)) == len(first)
        and not any(is_value.fullmatch(cell) for cell in first)
    )


def _column_names(count: int) -> list[str]:
    return [f"column_{position}" for position in range(1, count + 1)]


def _read_blanks(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    rows: Sequence[Sequence[str]],
    header: bool,
    encoding: str,
) -> str:
    """Load a blank-separated file as text; return the name it is registered under."""
    import pandas as pd

    frame = pd.read_csv(
        path,
        sep=r"\s+",
        dtype=str,
        keep_default_na=False,
        encoding=encoding,
        header=0 if header else None,
        names=None if header else _column_names(len(rows[0])),
    )
    connection.register("blank_separated", frame)
    return "blank_separated"


def _is_readable_as_is(
    connection: duckdb.DuckDBPyConnection, path: Path, columns: tuple[str, ...], row_count: int
) -> bool:
    if path.name not in {"sales.csv", "sales.parquet"}:
        return False
    try:
        relation = relation_of(str(path))
        found = tuple(connection.sql(f"from {relation}").columns)
        count = connection.sql(f"select count(*) from {relation}").fetchall()[0][0]
    except duckdb.Error:
        return False
    return found == columns and count == row_count
