"""Figures of one customer."""

from collections.abc import Sequence

import altair as alt
from attrition.report import charts, words
from attrition.report.source import Row

SHOWN = 12
"""Most features with a bar of their own."""


def steps(rows: Sequence[Row], margin: float, shown: int = SHOWN) -> list[Row]:
    """Return the bars of a waterfall, which begin at the average customer and end at this one.

    Args:
        rows: `feature`, `feature_value`, `contribution` in log-odds, the strongest first.
        margin: Log-odds of the customer; what no feature adds is the average customer's.
        shown: Most features with a bar of their own; the rest are one bar.
    """
    at = margin - sum(row["contribution"] for row in rows)
    made = [{"name": "Average customer", "start": 0.0, "end": at, "kind": "total"}]
    parts = [
        (f"{words.feature(row['feature'])}: {row['feature_value'] or 'unknown'}",
         row["contribution"])
        for row in rows[:shown]
    ]  # fmt: skip
    if rest := rows[shown:]:
        name = words.counted(len(rest), "other feature")
        parts.append((name, sum(row["contribution"] for row in rest)))
    for name, contribution in parts:
        kind = "raises the risk" if contribution > 0 else "lowers the risk"
        made.append({"name": name, "start": at, "end": at + contribution, "kind": kind})
        at += contribution
    made.append({"name": "This customer", "start": 0.0, "end": margin, "kind": "total"})
    for row in made:
        change = row["end"] - row["start"]
        sign = {"raises the risk": "▲ ", "lowers the risk": "▼ "}.get(row["kind"], "")
        row["text"] = f"{sign}{change:+.2f}" if sign else f"{row['end']:.2f}"
        row["right"] = max(row["start"], row["end"])
    return made


def waterfall_chart(rows: Sequence[Row], margin: float) -> alt.LayerChart:
    """Return the waterfall of a customer; arguments as of `steps`."""
    made = steps(rows, margin)
    base = alt.Chart(charts.data(made)).encode(y=charts.row_of())
    x = alt.X("start:Q", title="Log-odds to leave", scale=alt.Scale(zero=False, padding=30))
    kind = alt.Color("kind:N", title=None, scale=alt.Scale(
        domain=["raises the risk", "lowers the risk", "total"],
        range=[charts.RISK, charts.CALM, charts.SOFT]))  # fmt: skip
    bars = base.mark_bar(height=12, yOffset=5).encode(
        x=x, x2="end:Q", color=kind,
        tooltip=["name:N", alt.Tooltip("text:N", title="log-odds")],
    )  # fmt: skip
    figures = base.mark_text(align="left", dx=5, dy=5, fontSize=12).encode(
        x="right:Q", text="text:N"
    )
    return charts.named_rows(base, [bars, figures], len(made), 38)


def history_chart(rows: Sequence[Row], threshold: float | None) -> alt.LayerChart:
    """Return the probabilities over time, with the threshold as a dashed line."""
    base = alt.Chart(charts.data(rows)).encode(
        x=alt.X("as_of_date:T", title="As of", axis=alt.Axis(format="%b %Y", grid=False)),
        y=alt.Y("attrition_probability:Q", title="Likely to leave",
                axis=alt.Axis(format=".0%"), scale=alt.Scale(domainMin=0)),
        tooltip=[alt.Tooltip("as_of_date:T"),
                 alt.Tooltip("attrition_probability:Q", format=".1%"),
                 alt.Tooltip("model_version:N")],
    )  # fmt: skip
    layers = [base.mark_line(color=charts.CALM), base.mark_point(color=charts.CALM, opacity=1)]
    if threshold is not None:
        line = alt.Chart(charts.data([{"at": threshold, "text": "flagged from here"}]))
        layers += [
            line.mark_rule(color=charts.RISK, strokeDash=[5, 4]).encode(y="at:Q"),
            line.mark_text(align="left", dy=-7, color=charts.INK).encode(
                y="at:Q", x=alt.value(4), text="text:N"
            ),
        ]
    return alt.layer(*layers)
