"""What acting is worth: the profit curve."""

import altair as alt

from attrition.report import charts, words
from attrition.report.part import Told, part
from attrition.report.source import Found

_AS_SET = "as set"


@part("Profit by how many are contacted", "profit_curve")
def profit(found: Found) -> Told | str:
    """Draw what contacting the most probable brings."""
    as_set = [row for row in found.rows if row["scenario"] == _AS_SET]
    if not as_set:
        return (
            "What a contact costs and a customer is worth is not set, so no profit can be told: "
            "set `threshold: {mode: cost, cost_of_contact: …, value_of_customer: …, "
            "success_rate: …}` in dbt_project.yml and build again."
        )
    best = next(row for row in as_set if row["is_best"])
    says = (
        f"Among the test customers profit is highest at "
        f"{words.counted(best['contacted_count'], 'contact')}: "
        f"{words.amount(best['expected_profit'])}"
        + (
            f", down to a probability of {words.percent(best['threshold'])}. Contact no one below."
            if best["threshold"] is not None
            else ". At these prices no contact pays."
        )
    )
    base = alt.Chart(charts.data(found.rows)).encode(
        x=alt.X("contacted_count:Q", title="Customers contacted, most probable first"),
        y=alt.Y("expected_profit:Q", title="Expected profit"),
        detail="scenario:N",
        tooltip=[
            "scenario:N",
            "contacted_count:Q",
            alt.Tooltip("expected_profit:Q", format=",.0f"),
        ],
    )
    chart = alt.layer(
        base.transform_filter(f"datum.scenario != '{_AS_SET}'").mark_line(
            color=charts.SOFT, strokeWidth=1.25
        ),
        base.transform_filter(f"datum.scenario == '{_AS_SET}'").mark_line(color=charts.CALM),
        base.transform_filter(f"datum.is_best && datum.scenario == '{_AS_SET}'").mark_point(
            color=charts.RISK, size=110
        ),
        base.transform_filter(f"datum.is_best && datum.scenario == '{_AS_SET}'")
        .mark_text(dy=-14, color=charts.INK)
        .encode(text=alt.value("best")),
    )
    note = " The thin lines have cost, value or success halved or raised by half."
    return Told(says + note, charts.figure(chart, says))


PARTS = (profit,)
