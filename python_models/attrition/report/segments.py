"""Segments as small figures, one for each kind, and all of them as a table."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from attrition.report import charts, words
from attrition.report.tables import Column, table

if TYPE_CHECKING:
    import altair as alt

SHOWN = 5
"""Segments in the figure of a kind."""

Row = Mapping[str, Any]


def named(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return rows with the segment's `name`, and `value_name`, which tells it from its kind."""
    made = []
    for row in rows:
        name = words.segment(row["segment"], row["segment_value"])
        made.append({**row, "name": name, "value_name": name.split(": ", 1)[1]})
    return made


def small_figures(
    rows: Sequence[Row],
    weight: Callable[[Row], float],
    draw: Callable[[list[Row]], "alt.LayerChart"],
    label: str,
) -> Markup:
    """Return a small figure of each kind of segment.

    Args:
        rows: As `named` returns them.
        weight: Which of a kind are shown: those with the largest, in this order.
        draw: Makes the chart of some rows; its y is `value_axis`.
        label: What a screen reader says before the kind.
    """
    made = []
    for kind in dict.fromkeys(row["segment"] for row in rows):
        of_kind = [row for row in rows if row["segment"] == kind]
        shown = sorted(of_kind, key=weight, reverse=True)[:SHOWN]
        left_out = len(of_kind) - len(shown)
        title = words.words(kind) + (f", {SHOWN} of {len(of_kind)}" if left_out else "")
        made.append(_figure(draw(shown), title, len(shown), label))
    return Markup('<div class="small-multiples">{}</div>').format(Markup("").join(made))


def _figure(chart: "alt.LayerChart", title: str, count: int, label: str) -> Markup:
    return Markup("<div><h4>{}</h4>{}</div>").format(
        title.capitalize(), charts.figure(chart, f"{label}: {title}.", 24 * count, 12)
    )


def value_axis() -> "alt.Y":
    """Return the y of a small figure: the segments in the order of the rows."""
    import altair as alt

    # one width of all, so that figures compare
    axis = alt.Axis(grid=False, labelLimit=125, minExtent=130, maxExtent=130, labelColor=charts.INK)
    return alt.Y("value_name:N", sort=None, title=None, axis=axis)


def all_of_them(rows: Sequence[Row], columns: Sequence[Column], label: str) -> Markup:
    """Return all segments as a table that opens on demand."""
    return Markup("<details><summary>All {}</summary>{}</details>").format(
        words.counted(len(rows), "segment"),
        table(rows, [Column("name", "Segment"), *columns], label),
    )
