"""Tables: Great Tables writes them, the style sheet of the page dresses them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from markupsafe import Markup, escape

from attrition.report import words

_OWN_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_HEAD_OF_CELL = re.compile(r' headers="table-c(\d+)"')
_ID_OR_STYLE = re.compile(r' (?:id|style)="[^"]*"')
_SHOWN = {
    "percent": words.percent,
    "score": words.score,
    "count": words.number,
    "tenths": partial(words.number, digits=1),
    "amount": words.amount,
    "day": words.day,
}


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        key: Name in the rows.
        label: Head.
        kind: text; right for text that stands right; day; or how a number is shown: percent,
            score, count, tenths, amount.
    """

    key: str
    label: str
    kind: str = "text"


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column], label: str) -> Markup:
    """Return rows as an HTML table whose rows become lists where there is no room."""
    import pandas as pd
    from great_tables import GT

    names = [f"c{place}" for place in range(len(columns))]
    shown = pd.DataFrame(
        [[_cell(row.get(column.key), column.kind) for column in columns] for row in rows],
        columns=names,
        dtype="object",
    )
    numbers = [
        name
        for name, column in zip(names, columns, strict=True)
        if column.kind not in {"text", "day"}
    ]
    made = (
        GT(shown, id="table")
        .cols_label({name: column.label for name, column in zip(names, columns, strict=True)})
        .cols_align("left")
        .cols_align("right", columns=numbers)
    )

    def plain(tag: re.Match[str]) -> str:
        # ids would repeat from table to table; on a phone each cell shows the head of its column
        text = _HEAD_OF_CELL.sub(
            lambda head: f' data-label="{escape(columns[int(head[1])].label)}"', tag[0]
        )
        return _ID_OR_STYLE.sub("", text)

    html = _TAG.sub(plain, _OWN_STYLE.sub("", made.as_raw_html()))
    return Markup('<div class="rows" role="region" tabindex="0" aria-label="{}">{}</div>').format(
        label, Markup(html)
    )


def _cell(value: Any, kind: str) -> str:
    if value is None:
        return words.UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _SHOWN[kind](value) if kind in _SHOWN else str(value)
