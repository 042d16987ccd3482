"""Who is at risk: the list with reasons, the spread of probabilities, what changed."""

import altair as alt
from markupsafe import Markup

from attrition.report import charts, words
from attrition.report.part import Told, part
from attrition.report.source import Found

_REASONS = ("reason_1_text", "reason_2_text", "reason_3_text")


def nobody_scored(decision: Found, plan: Found) -> str:
    """Say why there are no scores and what to do."""
    why = decision.first.get("reason") or plan.first.get("reason")
    return (
        "Nobody is scored, because no model is in charge"
        + (f": {why}." if why else ".")
        + " `attrition doctor` says what the data allows, and which settings would change it."
    )


@part("Most at risk", "most_at_risk", "last_decision", "plan")
def most_at_risk(people: Found, decision: Found, plan: Found) -> Told:
    """List the customers to call first, with the reasons of each."""
    if not people.rows:
        return Told(nobody_scored(decision, plan))
    first = people.first
    reason = first["reason_1_text"]
    says = (
        f"Call {first['customer_id']} first: {words.percent(first['attrition_probability'])} "
        f"likely to leave{', ' + _as_clause(reason) if reason else ''}. "
        "Work down the list; the reasons say what to open the talk with. All of them: "
        "`attrition export scores --out scores.xlsx`."
    )
    count = len(people.rows)
    title = f"The {words.counted(count, 'customer')} most at risk" if count > 1 else None
    return Told(says, _list(people.rows), title)


def _as_clause(reason: str) -> str:
    return "first of all because: " + reason[0].lower() + reason[1:]


def _list(rows: tuple[dict, ...]) -> Markup:
    lines = []
    for place, row in enumerate(rows, start=1):
        reasons = [row[name] for name in _REASONS if row[name]]
        items = Markup("").join(Markup("<li>{}</li>").format(reason) for reason in reasons)
        share = row["attrition_probability"]
        lines.append(
            Markup(
                '<tr><td class="place">{}</td><th scope="row">{}</th>'
                '<td class="chance"><span>{}</span><i style="width:{:.0f}%"></i></td>'
                "<td><ol>{}</ol></td></tr>"
            ).format(place, row["customer_id"], words.percent(share), 100 * share, items)
        )
    return Markup(
        '<table class="people"><thead><tr><th scope="col">#</th><th scope="col">Customer</th>'
        '<th scope="col">Likely to leave</th><th scope="col">Reasons, strongest first</th></tr>'
        "</thead><tbody>{}</tbody></table>"
    ).format(Markup("").join(lines))


@part("How risk is spread", "probability_distribution", "scored")
def distribution(found: Found, scored: Found) -> Told | None:
    """Draw how many customers have which probability."""
    if not found.rows:
        return None
    total = scored.first
    flagged, count = total["flagged_count"], total["customer_count"]
    line = total["lowest_flagged"]
    says = (
        f"{words.counted(flagged, 'customer')} of {words.number(count)} "
        f"({words.percent(flagged / count)}) are flagged as leaving"
        + (f", from a probability of {words.percent(line)} up" if line is not None else "")
        + f"; all probabilities together expect {words.number(total['expected_attritions'])} to "
        "leave. Contact the flagged ones and leave the tall bars on the left alone."
    )
    rows = [
        {**row, "who": "flagged as leaving" if row["is_predicted_attrition"] else "not flagged"}
        for row in found.rows
    ]
    bars = (
        alt.Chart(charts.data(rows))
        .mark_bar(stroke=charts.PAPER, strokeWidth=1)
        .encode(
            x=alt.X("probability_from:Q", bin="binned", title="Probability to leave",
                    axis=alt.Axis(format=".0%", grid=False, tickCount=10),
                    scale=alt.Scale(domain=[0, 1])),
            x2="probability_to:Q",
            y=alt.Y("customer_count:Q", title="Customers", stack=True),
            color=alt.Color("who:N", title=None, scale=alt.Scale(
                domain=["flagged as leaving", "not flagged"], range=[charts.RISK, charts.CALM])),
            order=alt.Order("who:N", sort="descending"),
            tooltip=[alt.Tooltip("probability_from:Q", format=".0%", title="from"),
                     alt.Tooltip("probability_to:Q", format=".0%", title="to"),
                     alt.Tooltip("who:N", title="decision"),
                     alt.Tooltip("customer_count:Q", title="customers")],
        )
    )  # fmt: skip
    chart = alt.layer(bars)
    if line is not None:
        mark = alt.Chart(charts.data([{"at": line, "text": "flagged from here"}]))
        chart = alt.layer(
            bars,
            mark.mark_rule(color=charts.INK, strokeDash=[4, 3]).encode(x="at:Q"),
            mark.mark_text(align="left", dx=5, baseline="top", color=charts.INK).encode(
                x="at:Q", y=alt.value(0), text="text:N"
            ),
        )
    return Told(says, charts.figure(chart, says))


@part("What changed since the snapshot before", "score_changes", "scored")
def changes(found: Found, scored: Found) -> str | None:
    """Say who is new on the list and who left it."""
    if not scored.first["customer_count"]:
        return None
    if not found.rows:
        return (
            "There is one snapshot of scores so far, so nobody can be new on the list; the next "
            "build with newer data has one to compare with."
        )
    row = found.first
    return (
        f"{words.counted(row['new_on_it'], 'customer')} of the {words.number(row['on_it'])} "
        f"flagged on {words.day(row['as_of_date'])} were not flagged on "
        f"{words.day(row['date_before'])}, and {words.counted(row['gone_from_it'], 'customer')} "
        "left the list. Begin with the new ones: nobody has talked to them yet."
    )


PARTS = (most_at_risk, distribution, changes)
