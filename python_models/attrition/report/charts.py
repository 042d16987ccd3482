"""Figures: Altair charts whose colours and width are those of the page.

A colour is a variable of the style sheet (`var(--risk)`), so that light, dark and print are one
figure. Where colour tells things apart, a shape, a dash or a label does too.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    import altair as alt

INK, MUTED, GRID, PAPER = "var(--ink)", "var(--muted)", "var(--grid)", "var(--paper)"
RISK, CALM, THIRD, SOFT = "var(--risk)", "var(--calm)", "var(--third)", "var(--soft)"
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_CONFIG: dict[str, Any] = {
    "font": _FONT,
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED, "titleColor": MUTED, "gridColor": GRID, "domainColor": GRID,
        "tickColor": GRID, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
        "labelLimit": 220, "titlePadding": 8, "labelPadding": 5, "domain": False, "ticks": False,
    },
    "axisX": {"labelSeparation": 8, "labelOverlap": True, "tickCount": {"expr": "ceil(width/80)"}},
    "legend": {
        "labelColor": INK, "titleColor": MUTED, "labelFontSize": 12, "titleFontSize": 12,
        "titleFontWeight": "normal", "orient": "top", "direction": "horizontal", "offset": 8,
        "labelLimit": 320, "columnPadding": 14,
    },
    "text": {"color": INK, "fontSize": 12},
    "bar": {"color": CALM},
    "line": {"color": CALM, "strokeWidth": 2.25},
    "point": {"color": CALM, "filled": True, "size": 70},
    "rule": {"color": MUTED},
    "tick": {"color": INK},
}  # fmt: skip


def figure(
    chart: "alt.Chart | alt.LayerChart", label: str, height: int | None = 260, axes: int = 40
) -> Markup:
    """Return a figure for the page.

    Args:
        chart: Chart of one view; its width becomes that of the page.
        label: What a screen reader says: the sentence of the part.
        height: Pixels of the plot; None where the chart has its own.
        axes: Pixels kept free for axes and legend until it is drawn.
    """
    given = {} if height is None else {"height": height}
    spec = chart.properties(width="container", **given).to_dict()
    spec.pop("$schema", None)
    spec["config"] = _CONFIG
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    text = json.dumps(_shortened(spec), default=str, ensure_ascii=False, separators=(",", ":"))
    # within a script element nothing may look like the end of one
    safe = Markup(text.replace("<", "\\u003c"))
    return Markup(
        '<div class="plot" role="img" aria-label="{}" style="min-height:{}px">'
        '<script type="application/json">{}</script></div>'
    ).format(label, (height or 60) + axes, safe)


def _shortened(value: Any) -> Any:
    """Round what is drawn to five digits, larger numbers to whole ones: a page shows no more."""
    if isinstance(value, float):
        return round(value) if 1e5 <= abs(value) < 1e15 else float(f"{value:.5g}")
    if isinstance(value, Mapping):
        return {key: _shortened(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(item) for item in value]
    return value


def data(rows: Sequence[Mapping[str, Any]]) -> "alt.InlineData":
    """Return rows as the data of a chart; dates as text."""
    import altair as alt

    return alt.InlineData(values=[
        {key: value.isoformat() if hasattr(value, "isoformat") else value
         for key, value in row.items()}
        for row in rows
    ])  # fmt: skip


def named_rows(
    base: "alt.Chart", layers: "Sequence[alt.Chart]", count: int, height: int
) -> "alt.LayerChart":
    """Return layers with one row per name, which stands above what is drawn for it.

    Names beside the plot would be cut off on a phone.

    Args:
        base: Chart whose y is the name, without an axis.
        layers: What is drawn in each row.
        count: Rows.
        height: Pixels of a row.
    """
    import altair as alt

    label = base.mark_text(align="left", baseline="bottom", dy=-6, fontSize=12).encode(
        x=alt.value(0), text="name:N", color=alt.value(INK)
    )
    return alt.layer(*layers, label).properties(height=count * height)


def row_of() -> "alt.Y":
    """Return the y of `named_rows`: as ordered in the data, without an axis."""
    import altair as alt

    return alt.Y("name:N", sort=None, axis=None, scale=alt.Scale(paddingOuter=0.3))
