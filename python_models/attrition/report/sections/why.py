"""Why they leave: what the scores are made of. Associations, never causes, and said so."""

from typing import Any

import altair as alt
from markupsafe import Markup

from attrition.report import charts, words
from attrition.report.part import Told, part
from attrition.report.sections.risk import nobody_scored
from attrition.report.source import Found
from attrition.report.tables import Column, table

_THIRDS = {
    "low value": (charts.CALM, "triangle-down"),
    "middle": (charts.SOFT, "circle"),
    "high value": (charts.RISK, "triangle-up"),
    "no number": (charts.THIRD, "diamond"),
}
_CLEAR = 0.3


@part("Which reasons come first", "reasons", "scored", "last_decision", "plan")
def reasons(found: Found, scored: Found, decision: Found, plan: Found) -> Told | str:
    """Draw which reason is the first of how many customers."""
    if not scored.first["customer_count"]:
        return nobody_scored(decision, plan)
    rows = [{**row, "name": words.feature(row["feature"])} for row in found.rows]
    if not rows:
        return (
            "No score of this build has a reason, as where SQL alone makes them "
            "(`score_with: sql`)."
        )
    top = rows[0]
    says = (
        f"The most frequent first reason is {top['name']}, for "
        f"{words.counted(top['first_count'], 'customer')}{_described(top)} These are associations: "
        "a reason says what to ask about, not what made anyone leave."
    )
    base = alt.Chart(charts.data(rows)).encode(y=charts.row_of())
    bars = base.encode(
        x=alt.X("first_count:Q", title="Customers with it as first reason"),
        tooltip=[
            alt.Tooltip("name:N", title="feature"),
            alt.Tooltip("first_count:Q", title="first reason of", format=","),
            alt.Tooltip("customer_count:Q", title="a reason of", format=","),
            alt.Tooltip("description:N"),
        ],
    )
    layers = [
        bars.mark_bar(color=charts.RISK, height=9),
        bars.mark_text(align="left", dx=5).encode(text=alt.Text("first_count:Q", format=",")),
    ]
    chart = charts.named_rows(base, layers, len(rows), 36)
    return Told(says, charts.figure(chart, says, None))


def _described(row: dict[str, Any]) -> str:
    text = row["description"]
    return f": {text[0].lower()}{text[1:]}" if text else "."


@part("What moves the scores", "beeswarm", "importance")
def beeswarm(found: Found, importance: Found) -> Told | None:
    """Draw what the strongest features add to the score of each of some customers."""
    if not found.rows:
        return None
    top = importance.first
    says = (
        "A dot is a customer; right of the line a feature (one thing known of them) raises the "
        "risk, left of it it lowers it. The scale is log-odds: +0.7 doubles the odds of leaving, "
        f"-0.7 halves them. {words.feature(top['feature']).capitalize()} moves scores most: "
        f"{words.percent(top['contribution_share'])} of all that features move"
        + _where(top)
        + " Start with the features whose dots reach furthest to the right."
    )
    rows = [
        {
            **row,
            "name": words.feature(row["feature"]),
            "y": row["importance_rank"] + row["dot_offset"] * 0.55 + 0.06,
        }
        for row in found.rows
    ]
    names = list({row["importance_rank"]: row for row in rows}.values())
    kinds = {kind: look for kind, look in _THIRDS.items() if any(
        row["value_third"] == kind for row in rows)}  # fmt: skip
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0.4, len(names) + 0.6], reverse=True))
    dots = alt.Chart(charts.data(rows)).mark_point(size=26, opacity=0.9).encode(
        x=alt.X("contribution:Q", title="Adds to the log-odds of leaving"),
        y=y,
        color=alt.Color("value_third:N", title=None, scale=alt.Scale(
            domain=list(kinds), range=[color for color, _ in kinds.values()])),
        shape=alt.Shape("value_third:N", title=None, scale=alt.Scale(
            domain=list(kinds), range=[shape for _, shape in kinds.values()])),
        tooltip=[alt.Tooltip("name:N", title="feature"),
                 alt.Tooltip("feature_value:N", title="value"),
                 alt.Tooltip("contribution:Q", format="+.2f")],
    )  # fmt: skip
    labels = [{"name": row["name"], "y": row["importance_rank"] - 0.38} for row in names]
    chart = alt.layer(
        alt.Chart(charts.data([{"x": 0}])).mark_rule(color=charts.MUTED).encode(x="x:Q"),
        dots,
        alt.Chart(charts.data(labels)).mark_text(align="left", baseline="middle").encode(
            x=alt.value(0), y=y, text="name:N"
        ),
    )  # fmt: skip
    return Told(says, charts.figure(chart, says, 64 * len(names)))


def _where(row: dict[str, Any]) -> str:
    raised, lowered = (
        words.value(row[f"usual_number_where_{moved}"], row["data_type"], row["unit"])
        for moved in ("raised", "lowered")
    )
    if words.UNKNOWN in {raised, lowered} or raised == lowered:
        return "."
    return f"; usually {raised} where it raises the risk, {lowered} where it lowers it."


@part("How the strongest features work", "dependence")
def dependence(found: Found) -> Told | None:
    """Draw what the strongest features that are numbers add, by their value."""
    if not found.rows:
        return None
    by_feature: dict[str, list[dict[str, Any]]] = {}
    for row in found.rows:
        by_feature.setdefault(row["feature"], []).append(row)
    facts = [
        f"{words.feature(name)} {_direction(rows[0]['direction'])}"
        for name, rows in by_feature.items()
    ]
    says = (
        f"As the value rises the risk moves like this: {words.listed(facts)}. "
        "Above the line the feature raises the risk; this is how the model weighs it, no promise "
        "of what happens when you change it."
    )
    figures = Markup("").join(_scatter(name, rows) for name, rows in by_feature.items())
    return Told(says, Markup('<div class="small-multiples">{}</div>').format(figures))


def _direction(correlation: float | None) -> str:
    if correlation is None or abs(correlation) < _CLEAR:
        return "has no one direction"
    return "raises it" if correlation > 0 else "lowers it"


def _scatter(name: str, rows: list[dict[str, Any]]) -> Markup:
    unit = rows[0]["unit"]
    shown = [{"value": row["feature_number"], "adds": row["contribution"]} for row in rows]
    chart = alt.layer(
        alt.Chart(charts.data([{"y": 0}])).mark_rule(color=charts.MUTED).encode(y="y:Q"),
        alt.Chart(charts.data(shown)).mark_point(size=22, opacity=0.75, color=charts.CALM).encode(
            x=alt.X("value:Q", title=f"{words.feature(name)}{f' ({unit})' if unit else ''}",
                    scale=alt.Scale(zero=False)),
            y=alt.Y("adds:Q", title="Adds to log-odds"),
            tooltip=[alt.Tooltip("value:Q", format=",.4~g"),
                     alt.Tooltip("adds:Q", format="+.2f")],
        ),
    )  # fmt: skip
    label = f"What {words.feature(name)} adds to the log-odds of leaving, by its value."
    return charts.figure(chart, label, 180)


@part("What is special in each segment", "drivers")
def drivers(found: Found) -> Told | str | None:
    """List what moves the risk of a segment most unlike that of everyone else."""
    if not found.rows:
        return None
    rows = [
        {
            "segment": words.segment(row["segment"], row["segment_value"]),
            "feature": words.feature(row["feature"]),
            "adds": f"{row['contribution_difference']:+.2f}",
            "usual": words.value(row["usual_number"], row["data_type"], row["unit"]),
            "customer_count": row["customer_count"],
        }
        for row in found.rows
    ]
    top, first = rows[0], found.first
    verb = "raises" if first["contribution_difference"] > 0 else "lowers"
    says = (
        f"In {top['segment']} it is {top['feature']} that {verb} the risk more than elsewhere, "
        f"by {abs(first['contribution_difference']):.2f} in log-odds (0.7 doubles the odds). Speak "
        "to each segment of its own subject; these too are associations."
    )
    columns = [Column("segment", "Segment"), Column("feature", "Feature"),
               Column("adds", "Adds more than elsewhere", "right"),
               Column("usual", "Usual value there", "right"),
               Column("customer_count", "Customers", "count")]  # fmt: skip
    return Told(says, table(rows, columns, "Strongest driver of each segment"))


PARTS = (reasons, beeswarm, dependence, drivers)
