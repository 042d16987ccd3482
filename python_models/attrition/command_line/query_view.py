"""Show what a query found on a terminal, whatever its width."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from attrition.command_line.query import Answer

_TABLE_ROWS = 50
_RECORDS = 5
# beyond it a value is cut, in a table and in a record
_WIDEST_CELL, _LONGEST_VALUE = 60, 400
# a text of several words is not broken into lines narrower than this
_NARROWEST_TEXT = 20


def show_answer(console: Console, answer: Answer, limit: int | None = None) -> None:
    """Print the first rows: a table where it fits, else the columns of each row below each other.

    Args:
        console: Where to.
        answer: What was found.
        limit: Rows to show; None means 50 of a table, 5 where each takes many lines.
    """
    shown = list(islice(answer.rows, _TABLE_ROWS if limit is None else limit))
    unread = sum(1 for _ in answer.rows)
    cells = [[shown_value(value) for value in row] for row in shown]
    widths = [_narrowest(values) for values in zip(answer.columns, *cells, strict=True)]
    # a column has a border and a space on each side
    if sum(widths) + 3 * len(widths) + 1 <= console.width:
        _show_table(console, answer.columns, cells, widths)
    else:
        if limit is None:
            unread += max(0, len(shown) - _RECORDS)
            shown = shown[:_RECORDS]
        _show_records(console, answer.columns, shown)
    noun = "row" if len(shown) == 1 else "rows"
    more = f", {unread:,} more with a larger --limit or with --format csv" if unread else ""
    console.print(f"{len(shown):,} {noun}{more}", soft_wrap=True)


def _show_table(
    console: Console, columns: Sequence[str], cells: Sequence[Sequence[str]], widths: Sequence[int]
) -> None:
    table = Table()
    for column, width in zip(columns, widths, strict=True):
        table.add_column(Text(column), min_width=width)
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _show_records(console: Console, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    is_filled = [any(row[place] is not None for row in rows) for place in range(len(columns))]
    for number, row in enumerate(rows, start=1):
        console.rule(f"row {number}", align="left")
        pairs = zip(columns, row, strict=True)
        show_pairs(console, [pair for pair, filled in zip(pairs, is_filled, strict=True) if filled])
    empty = [name for name, filled in zip(columns, is_filled, strict=True) if not filled]
    if empty and rows:
        console.print(f"empty in all of them: {', '.join(empty)}", soft_wrap=True, markup=False)


def show_pairs(console: Console, pairs: Sequence[tuple[str, Any]]) -> None:
    """Print names and values as two columns; long values go on in the next line."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold", max_width=max(8, console.width // 2))
    grid.add_column(overflow="fold")
    for name, value in pairs:
        grid.add_row(Text(name, style="bold"), Text(shown_value(value, _LONGEST_VALUE)))
    console.print(grid)


def _narrowest(values: Sequence[str]) -> int:
    """Return how narrow a column may get, of its name and its values."""
    lines = [line for value in values for line in value.splitlines()]
    widest = max((cell_len(line) for line in lines), default=0)
    has_words = any(" " in value for value in values)
    longest_word = max((cell_len(word) for line in lines for word in line.split()), default=0)
    return min(widest, max(_NARROWEST_TEXT, longest_word)) if has_words else widest


def shown_value(value: Any, longest: int = _WIDEST_CELL) -> str:
    """Return a value as a person reads it.

    Six digits of a fraction, no zeros that a column's type puts at its end, nothing for null.
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, float):
        return str(round(value, 6)) if abs(value) >= 0.001 or value == 0 else f"{value:.4g}"
    text = str(value)
    return text if len(text) <= longest else text[: longest - 3] + "..."
