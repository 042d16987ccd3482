"""Write what a query found as CSV, JSON, Parquet or XLSX, a piece at a time."""

import csv
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from attrition.command_line.query import answered, answered_in_arrow
from attrition.errors import AttritionError, first_line

# With the header a sheet has 1,048,576 rows, and a cell 32,767 characters; Excel keeps 15 digits.
_XLSX_ROWS, _XLSX_TEXT, _XLSX_INTEGER = 1_048_575, 32_767, 10**15
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_file(
    published: Path,
    sql: str,
    out: Path,
    file_format: str,
    limit: int | None = None,
    for_people: bool = False,
) -> int:
    """Write what a query finds to a file, whole or not at all; return how many rows it has.

    Args:
        published: The published copy.
        sql: The query.
        out: The file; one that is there is replaced when the new one is whole.
        file_format: `csv`, `json`, `parquet` or `xlsx`.
        limit: Rows at most, None for all.
        for_people: Whether a spreadsheet may open the CSV: no text is to become a formula.

    Raises:
        AttritionError: The query fails, or the place or the format does not hold what it finds.
    """
    with _replaced(out) as partial:
        if file_format == "parquet":
            with answered_in_arrow(published, sql) as reader:
                return write_parquet(partial, reader, limit)
        with answered(published, sql) as answer:
            rows = islice(answer.rows, limit)
            if file_format == "xlsx":
                return write_xlsx(partial, answer.columns, rows)
            write = write_json if file_format == "json" else write_csv
            with partial.open("w", encoding="utf-8", newline="") as stream:
                return write(stream, answer.columns, without_formulas(rows) if for_people else rows)


def write_table(table: pa.Table, out: Path, file_format: str) -> None:
    """Write a table to a file that a person may open, whole or not at all; raises as above."""
    rows = (tuple(row.values()) for row in table.to_pylist())
    with _replaced(out) as partial:
        if file_format == "parquet":
            write_parquet(partial, table.to_reader())
        elif file_format == "xlsx":
            write_xlsx(partial, table.column_names, rows)
        else:
            with partial.open("w", encoding="utf-8", newline="") as stream:
                write_csv(stream, table.column_names, without_formulas(rows))


def write_csv(stream: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows as CSV with a header and return how many there were."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    return _counted(rows, writer.writerow)


def write_json(stream: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows as a JSON array of objects, one a line, and return how many there were.

    Raises:
        AttritionError: Two columns have the same name.
    """
    repeated = {name for name in columns if columns.count(name) > 1}
    if repeated:
        raise AttritionError(
            f"The query has more than one column {min(repeated)}, and JSON holds one of each "
            "name: give them names with `as`."
        )
    separator = "["

    def write(row: Sequence[Any]) -> None:
        nonlocal separator
        record = dict(zip(columns, map(json_value, row), strict=True))
        stream.write(f"{separator}\n{json.dumps(record, ensure_ascii=False, allow_nan=False)}")
        separator = ","

    count = _counted(rows, write)
    stream.write("\n]\n" if count else "[]\n")
    return count


def json_value(value: Any) -> Any:
    """Return a value as JSON has it: dates as ISO texts, decimals as numbers, no number as null."""
    if isinstance(value, list | tuple):
        return [json_value(item) for item in value]
    if isinstance(value, dict):
        return {str(key): json_value(item) for key, item in value.items()}
    return _json_scalar(value)


def _json_scalar(value: Any) -> bool | int | float | str | None:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case None | bool() | int() | str():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case date() | time():
            return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


def write_parquet(path: Path, reader: pa.RecordBatchReader, limit: int | None = None) -> int:
    """Write the rows, at most `limit`, with the types of the query; return how many."""
    count = 0
    try:
        with pq.ParquetWriter(path, reader.schema) as writer:
            for batch in reader:
                piece = batch if limit is None else batch.slice(0, limit - count)
                writer.write_batch(piece)
                count += piece.num_rows
                if count == limit:
                    break
    except pa.ArrowException as error:
        raise AttritionError(f"This result does not fit Parquet: {first_line(error)}") from error
    return count


def write_xlsx(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows as the only sheet of a workbook and return how many there were.

    A text is written as a text: no formula, no link, whatever it begins with.

    Raises:
        AttritionError: A sheet does not hold so many rows, or a cell so long a text.
    """
    with xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "tmpdir": str(path.parent)}
    ) as workbook:
        sheet = workbook.add_worksheet("attrition")
        formats = {
            date: workbook.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        bold = workbook.add_format({"bold": True})
        for position, name in enumerate(columns):
            sheet.write_string(0, position, name, bold)
        sheet.freeze_panes(1, 0)
        count = 0
        for count, row in enumerate(rows, start=1):
            if count > _XLSX_ROWS:
                raise AttritionError(
                    f"A sheet of XLSX holds {_XLSX_ROWS:,} rows and there are more: write .csv or "
                    ".parquet, or fewer rows with --limit."
                )
            for position, value in enumerate(row):
                _write_cell(sheet, count, position, value, formats)
        return count


def _write_cell(sheet: Any, row: int, column: int, value: Any, formats: dict[type, Any]) -> None:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, float | Decimal) or (
        isinstance(value, int) and abs(value) < _XLSX_INTEGER
    ):
        sheet.write_number(row, column, value)
    elif type(value) in formats and value.year > 1900 and getattr(value, "tzinfo", None) is None:
        sheet.write_datetime(row, column, value, formats[type(value)])
    else:
        text = str(value)
        if len(text) > _XLSX_TEXT:
            raise AttritionError(
                f"Row {row:,} has a text of {len(text):,} characters, and a cell of XLSX holds "
                f"{_XLSX_TEXT:,}: write .csv or .parquet."
            )
        sheet.write_string(row, column, text)


def without_formulas(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Put an apostrophe before texts that a spreadsheet would run as a formula; not before numbers.

    See https://owasp.org/www-community/attacks/CSV_Injection.
    """
    for row in rows:
        yield tuple(
            f"'{value}"
            if isinstance(value, str) and value.startswith(_FORMULA_STARTS) and not _number(value)
            else value
            for value in row
        )


def _number(text: str) -> bool:
    digits = text.removeprefix("-").removeprefix("+")
    return digits.replace(".", "", 1).isdecimal() and digits.isascii()


@contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    """Give a place beside `path` to write to, and rename it over `path` when all went well.

    Raises:
        AttritionError: The folder is not there or cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    if path.is_dir():
        raise AttritionError(f"--out: {path} is a folder; name a file in it.")
    if not path.parent.is_dir():
        raise AttritionError(f"--out: the folder {path.parent} is not there; make it first.")
    try:
        yield partial
        partial.replace(path)
    except (OSError, XlsxWriterException) as error:
        raise AttritionError(f"--out: {path} cannot be written: {first_line(error)}") from error
    finally:
        partial.unlink(missing_ok=True)


def _counted(rows: Iterable[Sequence[Any]], write: Callable[[Sequence[Any]], Any]) -> int:
    count = 0
    for row in rows:
        write(row)
        count += 1
    return count
