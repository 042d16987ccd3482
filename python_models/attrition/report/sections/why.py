"""Why they leave: what raises risk among the customers that are scored."""

import altair as alt

from attrition.report import charts, words
from attrition.report.part import Told, part
from attrition.report.sections.risk import nobody_scored
from attrition.report.source import Found


@part("Which reasons come first", "reasons", "scored", "last_decision", "plan")
def reasons(found: Found, scored: Found, decision: Found, plan: Found) -> Told | str:
    """Draw which reason is the first of how many customers."""
    if not scored.first["customer_count"]:
        return nobody_scored(decision, plan)
    rows = [row for row in found.rows if row["first_count"]]
    if not rows:
        return "No reason raises the risk of anyone who is scored."
    top = rows[0]
    says = (
        f"The most frequent first reason is {words.feature(top['feature'])}, for "
        f"{words.counted(top['first_count'], 'customer')}"
        + (f": {top['description'][0].lower() + top['description'][1:]}"
           if top["description"] else ".")
        + " Look first at what you can change; these are associations, not causes."
    )  # fmt: skip
    rows = [{**row, "name": words.feature(row["feature"])} for row in rows]
    base = alt.Chart(charts.data(rows)).encode(y=charts.row_of())
    bars = base.encode(
        x=alt.X("first_count:Q", title="Customers with it as first reason"),
        tooltip=[alt.Tooltip("name:N", title="feature"),
                 alt.Tooltip("first_count:Q", title="first reason of", format=","),
                 alt.Tooltip("customer_count:Q", title="a reason of", format=","),
                 alt.Tooltip("description:N")],
    )  # fmt: skip
    layers = [
        bars.mark_bar(color=charts.RISK, height=9),
        bars.mark_text(align="left", dx=5).encode(text="first_count:Q"),
    ]
    chart = charts.named_rows(base, layers, height=36)
    return Told(says, charts.figure(chart, says, None))


PARTS = (reasons,)
