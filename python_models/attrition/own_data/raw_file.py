"""Open a file of sales as somebody has it: Parquet, CSV, JSON, blank-separated, or a folder."""

import codecs
import csv
import gzip
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import duckdb

from attrition.errors import AttritionError, first_line
from attrition.own_data.contract_sql import ContractSql
from attrition.project.quoting import identifier, literal

# What a file starts with: what it is, and what to do with it.
_OTHER_KINDS = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "Unpack it, or save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook", "Save the sheet as CSV"),
    (b"\x1f\x8b", "packed by gzip", "Unpack it, or end its name in .gz"),
    (b"BZh", "packed by bzip2", "Unpack it"),
    (b"(\xb5/\xfd", "packed by zstd", "Unpack it"),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it"),
    (b"ARROW1", "an Arrow file", "Write it as Parquet"),
    (b"Obj\x01", "an Avro file", "Write it as Parquet"),
    (b"ORC", "an ORC file", "Write it as Parquet"),
    (b"SQLite format 3", "a SQLite database", "Write the table of sales as CSV"),
    (b"%PDF", "a PDF", "Bring the table as CSV"),
)
_MARKUP = re.compile(rb"\s*<(\?xml|!doctype|html|table|meta|workbook)", re.IGNORECASE)
_SEPARATORS = (",", ";", "\t", "|")
_SEPARATOR_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_SNIFFED_LINES = 200
_CHUNK = 1_000_000
_BLANKS = "blanks"
_WINDOWS = "windows-1252"
# Excel's own first line, which says how the others are separated.
_HINT = re.compile(r'"?sep=.?"?[,;\t|]*', re.IGNORECASE)
# Western letters with accents stand alone or in twos; other scripts are made of nothing else.
_OTHER_SCRIPT = re.compile(rb"[\x80-\xff]{3,}")
_HALF = 0.5
_FEW = 0.02


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
        raw_csv: The setting of that name, empty where the file is no CSV or is not read as it is.
        folder: Holds the file as UTF-8 for as long as this object lives, where DuckDB cannot read
            its characters.
    """

    path: Path
    relation: str
    columns: tuple[str, ...]
    row_count: int
    form: str
    is_readable_as_is: bool
    raw_csv: dict[str, str] = field(default_factory=dict)
    folder: tempfile.TemporaryDirectory[str] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class _Form:
    """How a file is read: SQL, and what `SourceFile` says of it."""

    relation: str
    words: str
    raw_csv: dict[str, str] = field(default_factory=dict)
    folder: tempfile.TemporaryDirectory[str] | None = None


def spelled(wanted: str, available: Sequence[str]) -> str | None:
    """Return the spelling of a column: exactly as wanted, else without regard to case."""
    if wanted in available:
        return wanted
    return next((name for name in available if name.lower() == wanted.lower()), None)


def open_raw_file(
    connection: duckdb.DuckDBPyConnection, path: Path, sql: ContractSql
) -> SourceFile:
    """Open a file for `connection`, every column of a text file as text.

    Args:
        connection: What is to read it.
        path: Where it lies.
        sql: How the project reads files.

    Raises:
        AttritionError: When the file is missing, empty, of a kind that is not read, or not a table
            of at least two columns.
    """
    if not path.exists():
        raise AttritionError(f"There is no file {path}.")
    try:
        form = _folder_form(connection, path) if path.is_dir() else _form(connection, path, sql)
        columns = tuple(connection.sql(f"from {form.relation}").columns)
        row_count = connection.sql(f"select count(*) from {form.relation}").fetchall()[0][0]
    except (duckdb.Error, UnicodeDecodeError, OSError) as error:
        why = first_line(error)
        if "sniffing" in why:
            # DuckDB's advice is for those who call it themselves
            why = "its lines fall into different columns; a quote in it may not be closed."
        raise AttritionError(f"{path.name} cannot be read: {why}") from error
    if row_count == 0:
        raise AttritionError(f"{path.name} has a header and no rows.")
    is_parquet = form.words == "Parquet" and path.name == "sales.parquet"
    is_csv = bool(form.raw_csv) and path.name == "sales.csv"
    return SourceFile(
        path, form.relation, columns, row_count, form.words, is_parquet or is_csv,
        form.raw_csv if is_csv else {}, form.folder,
    )  # fmt: skip


def _form(connection: duckdb.DuckDBPyConnection, path: Path, sql: ContractSql) -> _Form:
    with path.open("rb") as file:
        start = file.read(1000)
    if start.startswith(b"PAR1"):
        return _Form(f"read_parquet({literal(str(path))})", "Parquet")
    _refuse_other_kinds(path, start)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
        return _json_form(connection, path)
    encoding = find_encoding(path)
    lines = _first_lines(path, encoding)
    has_hint = len(lines) > 1 and bool(_HINT.fullmatch(lines[0]))
    lines = lines[has_hint:]
    separator = sniff_separator(lines)
    rows = (
        list(csv.reader(lines, delimiter=separator))
        if separator != _BLANKS
        else [line.split() for line in lines]
    )
    if separator != _BLANKS:
        _refuse_title(path.name, lines[0], rows)
    if len(rows[0]) < 2:
        raise AttritionError(
            f"{path.name} is not a table: its first line holds no comma, semicolon, tab, "
            "vertical bar or blank between columns."
        )
    header = has_header(rows)
    if header:
        _refuse_repeated(path.name, rows[0])
    if separator == _BLANKS:
        relation = _read_blanks(connection, path, rows, header, encoding)
        return _Form(relation, "blank-separated text")
    name = path.name
    words = f"text separated by {_SEPARATOR_WORDS[separator]}, {encoding}"
    folder = None
    if encoding == _WINDOWS or has_hint:
        folder = tempfile.TemporaryDirectory(prefix="attrition_utf8_")
        path = _as_utf8(path, Path(folder.name), encoding, has_hint)
        encoding = "utf-8"
    _refuse_misread(
        connection, name, sql.misread(path, separator, encoding, _width(rows[0]), header)
    )
    if header:
        written = {} if folder else {"delimiter": separator, "encoding": encoding}
        return _Form(sql.csv(path, separator, encoding), words, written, folder)
    names = _column_names(len(rows[0]))
    relation = sql.csv(path, separator, encoding).replace(
        "header = true", f"header = false, names = {names}"
    )
    return _Form(relation, f"{words}, without a header", folder=folder)


def _width(first: Sequence[str]) -> int:
    """Return the number of columns; a line may end in separators."""
    return max((place for place, cell in enumerate(first, 1) if cell.strip()), default=0)


def _refuse_title(name: str, line: str, rows: Sequence[Sequence[str]]) -> None:
    """Refuse a first line that is shorter than the others, as a title is."""
    widths = Counter(width for row in rows if (width := _width(row)))
    usual = widths.most_common(1)[0][0]
    if _width(rows[0]) < usual:
        raise AttritionError(
            f"{name}: its first line, `{line[:60]}`, does not name the columns: it holds "
            f"{_width(rows[0])} of them, and most lines hold {usual}. Delete what stands above the "
            "names, or give each column one."
        )


def _refuse_misread(connection: duckdb.DuckDBPyConnection, name: str, problems: str) -> None:
    for (problem,) in connection.execute(problems).fetchall():
        raise AttritionError(f"{name}: {problem}")


def _refuse_other_kinds(path: Path, start: bytes) -> None:
    for magic, what, fix in _OTHER_KINDS:
        if start.startswith(magic) and not (magic == b"\x1f\x8b" and path.suffix == ".gz"):
            raise AttritionError(f"{path.name} is {what}, which is not read. {fix}, and name that.")
    if _MARKUP.match(start):
        raise AttritionError(
            f"{path.name} is HTML or XML, as some programs write for Excel, which is not read. "
            "Save the table as CSV, and name that."
        )


def _json_form(connection: duckdb.DuckDBPyConnection, path: Path) -> _Form:
    """Read one object per row; what is nested in it stays JSON text."""
    records = f"read_json_auto({literal(str(path))}, sample_size = -1, maximum_depth = 2)"
    found = connection.sql(f"from {records} limit 2")
    kinds = [str(kind) for kind in found.types]
    nested = [kind == "JSON" or "[]" in kind or "(" in kind for kind in kinds]
    is_one = len(found.fetchall()) == 1 and any(nested)
    if found.columns == ["json"] or is_one:
        raise AttritionError(
            f"{path.name} is JSON and no list of records. Write an object for each sale, one a "
            "line or in one list."
        )
    columns = ", ".join(
        # text within JSON has quotes around it
        f"cast({identifier(name)} as json) ->> '$' as {identifier(name)}"
        if is_nested
        else identifier(name)
        for name, is_nested in zip(found.columns, nested, strict=True)
    )
    return _Form(f"(select {columns} from {records})", "JSON")


def _folder_form(connection: duckdb.DuckDBPyConnection, folder: Path) -> _Form:
    """Read the Parquet files of a folder as one table, which they are if their columns agree."""
    files = sorted(folder.rglob("*.parquet"))
    if not files:
        names = ", ".join(sorted(path.name for path in folder.iterdir())[:10])
        raise AttritionError(
            f"{folder} is a folder without a Parquet file: {names or 'it is empty'}. Name the file "
            "of sales."
        )
    columns = {
        file: set(
            connection.sql(
                f"from read_parquet({literal(str(file))}, hive_partitioning = false)"
            ).columns
        )
        for file in files
    }
    for file in files:
        if columns[file] != columns[files[0]]:
            raise AttritionError(
                f"{folder} is a folder whose files are no parts of one table: {files[0].name} has "
                f"{', '.join(sorted(columns[files[0]]))}, and {file.name} has "
                f"{', '.join(sorted(columns[file]))}. Name the file of sales."
            )
    pattern = literal(str(folder / "**" / "*.parquet"))
    relation = f"read_parquet({pattern}, union_by_name = true, hive_partitioning = true)"
    noun = "file" if len(files) == 1 else "files"
    return _Form(relation, f"{len(files)} Parquet {noun}")


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return gzip.open(path, "rb")
    return path.open("rb")


def _chunks(path: Path) -> Iterator[bytes]:
    with _opened(path) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def find_encoding(path: Path) -> str:
    """Return how the characters of a file are written; the whole file is looked at.

    Raises:
        AttritionError: It is no text.
    """
    with _opened(path) as file:
        start = file.read(2)
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    try:
        _decode(path)
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    _refuse_other_scripts(path)
    # latin-1 has control characters there, which nobody writes; windows-1252 the euro sign
    has_windows = any(0x80 <= byte < 0xA0 for chunk in _chunks(path) for byte in set(chunk))
    return _WINDOWS if has_windows else "latin-1"


def _refuse_other_scripts(path: Path) -> None:
    """Refuse text in one of the many other ways to write it: names and ids would be others."""
    high = unknown = in_words = 0
    for chunk in _chunks(path):
        letters = re.sub(rb"[\x00-\x7f]+", b"", chunk)
        high += len(letters)
        # characters that windows-1252 does not have
        unknown += sum(letters.count(byte) for byte in b"\x81\x8d\x8f\x90\x9d")
        in_words += sum(map(len, _OTHER_SCRIPT.findall(chunk)))
    if unknown > _FEW * high or in_words > _HALF * high:
        raise AttritionError(
            f"{path.name} is text, and neither in UTF-8 nor in the Western European windows-1252: "
            "names and ids would be misread. Save it as UTF-8; if it is Japanese, for example, "
            "with `iconv -f cp932 -t utf-8`."
        )


def _decode(path: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for chunk in _chunks(path):
        if b"\x00" in chunk:
            raise AttritionError(f"{path.name} is neither text nor Parquet.")
        decoder.decode(chunk)
    decoder.decode(b"", final=True)


def _as_utf8(path: Path, folder: Path, encoding: str, has_hint: bool) -> Path:
    """Write a file anew as UTF-8, without Excel's hint; what cannot be read is marked."""
    copy = folder / "as_utf8.csv"
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    with copy.open("w", encoding="utf-8", newline="") as file:
        for place, chunk in enumerate(_chunks(path)):
            text = decoder.decode(chunk)
            if has_hint and place == 0:
                text = re.split("\r\n|\r|\n", text.lstrip("\ufeff\r\n"), maxsplit=1)[1]
            file.write(text)
    return copy


def _first_lines(path: Path, encoding: str) -> list[str]:
    """Return the first lines that are not empty."""
    with _opened(path) as file:
        text = file.read(_CHUNK).decode(encoding, errors="ignore").removeprefix("\ufeff")
    lines = [line for line in text.splitlines() if line.strip()][:_SNIFFED_LINES]
    if not lines:
        raise AttritionError(f"{path.name} is empty.")
    return lines


def _refuse_repeated(name: str, header: Sequence[str]) -> None:
    counts = Counter(cell.strip().lower() for cell in header)
    twice = [cell for cell in header if counts[cell.strip().lower()] > 1]
    if twice:
        raise AttritionError(
            f"{name} has the column `{twice[0]}` more than once; give each a name of its own."
        )


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
    """Say whether the first row names the columns: all but the first filled, no number or date.

    pandas writes no name above its index, and a line may end in separators.
    """
    first = [cell.strip() for cell in rows[0][: _width(rows[0])]]
    is_value = re.compile(r"[-+$€£]?[0-9][0-9.,:/ T-]*")
    return len(first) > 1 and all(first[1:]) and not any(is_value.fullmatch(cell) for cell in first)


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
