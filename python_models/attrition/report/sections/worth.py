"""What acting is worth: value at risk, by band and segment, and the profit of contacting."""

from functools import partial
from operator import itemgetter

import altair as alt

from attrition.report import charts, segments, words
from attrition.report.part import Told, part
from attrition.report.source import Found
from attrition.report.tables import Column, table

_AS_SET = "as set"


@part("Value at risk", "value_at_risk", "version")
def value_at_risk(found: Found, version: Found) -> Told | str | None:
    """List what is at risk in each band of risk."""
    rows = found.rows
    if not rows:
        return "Nobody is scored, so no value is known to be at risk."
    total = sum(row["value_at_risk"] or 0 for row in rows)
    if not total:
        return (
            f"What a customer is worth is not known ({rows[0]['gain_basis']}): deliver amounts, or "
            "set `threshold: {value_of_customer: …}`."
        )
    top = rows[0]
    says = (
        f"{words.amount(total)} of what customers bring in {words.horizon(version.first)} is at "
        "risk (what each brings times how probable it is that they leave), "
        f"{words.percent(top['value_share'])} of it with the "
        f"{words.counted(top['customer_count'], 'customer')} in the band “{top['risk_band']}”. "
        "High is flagged as leaving, medium is at least half as probable as that. "
        f"Spend effort where the value is. Worked out from: {top['gain_basis']}."
    )
    columns = [Column("risk_band", "Band of risk"), Column("customer_count", "Customers", "count"),
               Column("value_at_risk", "Value at risk", "amount"),
               Column("value_share", "Share", "percent")]  # fmt: skip
    if words.gain(top["gain_basis"]) == "expected gain":
        columns.append(Column("expected_gain", "Expected gain", "amount"))
    return Told(says, table(rows, columns, "Value at risk by band"))


@part("Where the value will be lost", "value_by_segment", "version")
def value_by_segment(found: Found, version: Found) -> Told | str | None:
    """Draw what is expected to be lost in each segment."""
    if not found.rows:
        return None
    rows = segments.named(found.rows)
    top = max(rows, key=lambda row: row["expected_value_lost"])
    if round(top["expected_attrition_count"]) == 0:
        return "Next to nothing is expected to be lost in any segment."
    span = words.counted(top["bucket_count"], words.grain(version.first))
    says = (
        f"Over the next {span} most is expected to be lost in {top['name']} "
        f"({words.amount(top['expected_value_lost'])}, with "
        f"{words.counted(round(top['expected_attrition_count']), 'customer')} leaving). Begin "
        "there when you plan offers for groups; “Can I trust it?” says how well the model knows "
        "each. Each kind of segment divides all customers, so bars compare across kinds."
    )
    figures = segments.small_figures(
        rows, itemgetter("expected_value_lost"), partial(_bars, top=top["expected_value_lost"]),
        "Value expected to be lost",
    )  # fmt: skip
    columns = [Column("customer_count", "Customers", "count"),
               Column("expected_attrition_count", "Expected to leave", "tenths"),
               Column("expected_value_lost", "Value expected to be lost", "amount")]  # fmt: skip
    return Told(says, figures + segments.all_of_them(rows, columns, "Value lost by segment"))


def _bars(rows: list[segments.Row], top: float) -> alt.LayerChart:
    """Return bars whose scale leaves room for the number beside the longest."""
    bars = alt.Chart(charts.data(rows)).encode(
        y=segments.value_axis(),
        x=alt.X("expected_value_lost:Q", axis=None, scale=alt.Scale(domain=[0, 1.3 * top])),
        tooltip=[alt.Tooltip("name:N", title="segment"),
                 alt.Tooltip("expected_value_lost:Q", format=",.0f", title="value lost"),
                 alt.Tooltip("expected_attrition_count:Q", format=",.1f", title="leaving"),
                 alt.Tooltip("customer_count:Q", format=",", title="customers")],
    )  # fmt: skip
    return alt.layer(
        bars.mark_bar(color=charts.CALM, height=12),
        bars.mark_text(align="left", dx=5).encode(
            text=alt.Text("expected_value_lost:Q", format=",.0f")
        ),
    )


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


PARTS = (value_at_risk, profit, value_by_segment)
