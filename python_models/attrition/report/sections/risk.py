"""Who is at risk: the list with reasons, the spread of probabilities, what changed."""

from typing import Any

import altair as alt
from markupsafe import Markup

from attrition.report import charts, words
from attrition.report.part import Told, part
from attrition.report.source import Found
from attrition.report.tables import Column, table

_REASONS = ("reason_1_text", "reason_2_text", "reason_3_text")


def nobody_scored(decision: Found, plan: Found) -> str:
    """Say why there are no scores and what to do."""
    why = decision.first.get("reason") or plan.first.get("reason")
    return (
        "Nobody is scored, because no model is in charge"
        + (f": {why}." if why else ".")
        + " `attrition doctor` says what the data allows, and which settings would change it."
    )


@part("Call these first", "contacts", "most_at_risk", "last_decision", "plan")
def call_first(contacts: Found, people: Found, decision: Found, plan: Found) -> Told:
    """List whom to call first, in which order and why."""
    if not people.rows:
        return Told(nobody_scored(decision, plan))
    rows = contacts.rows
    if not rows:
        says = (
            "The contact list of this snapshot is empty, as all who are worth a call were on it "
            "within `contacts.cooldown_days`; these are the customers most at risk."
        )
        return Told(says, _list(people.rows, words.gain(people.first["gain_basis"])))
    first = rows[0]
    gain, name = first["expected_gain"], words.gain(first["gain_basis"])
    reason = first["reason_1_text"]
    says = (
        f"Call {first['customer_id']} first: {words.percent(first['attrition_probability'])} "
        "likely to leave"
        + (f", {name} {words.amount(gain)}" if gain is not None else "")
        + (f". Why: {_as_clause(reason)}. " if reason else ". ")
        + (
            f"The order is that of {name}"
            if gain is not None
            else "No amount is known, so the order is that of risk"
        )
        + f"; the list holds {words.counted(first['listed_count'], 'customer')} (set how many by "
        "`contacts.capacity`; `attrition export contacts --out contacts.xlsx` writes it)."
    )
    basis = f" Worked out from: {first['gain_basis']}." if gain is not None else ""
    return Told(says + basis, _list(rows, name))


@part("Most at risk", "most_at_risk")
def most_at_risk(people: Found) -> Told | None:
    """List those most likely to leave, whatever they are worth."""
    first = people.first
    if first.get("expected_gain") is None:
        return None  # the order is that of risk already
    says = (
        f"{first['customer_id']} is the most likely to leave "
        f"({words.percent(first['attrition_probability'])}). This list is by risk alone: "
        "use it where every customer counts the same."
    )
    columns = [Column("customer_id", "Customer"),
               Column("attrition_probability", "Likely to leave", "percent"),
               Column("value_at_risk", "Value at risk", "amount"),
               *_first_reason(people)]  # fmt: skip
    return Told(says, table(people.rows, columns, "Most at risk"))


def _first_reason(people: Found) -> list[Column]:
    """Return the column of the first reason; none where no row has one."""
    has_one = any(row["reason_1_text"] for row in people.rows)
    return [Column("reason_1_text", "First reason")] if has_one else []


def _as_clause(reason: str) -> str:
    return reason[0].lower() + reason[1:]


def _list(rows: tuple[dict[str, Any], ...], gain: str) -> Markup:
    """Return customers as a table, on a phone as cards; `gain` is what their gain is called."""
    has_value = any(row["expected_gain"] is not None for row in rows)
    has_reasons = any(row[name] for row in rows for name in _REASONS)
    lines = []
    for place, row in enumerate(rows, start=1):
        reasons = [row[name] for name in _REASONS if row[name]]
        items = Markup("").join(Markup("<li>{}</li>").format(reason) for reason in reasons)
        why = Markup('<td class="reasons"><ol>{}</ol></td>').format(items) if has_reasons else ""
        share = row["attrition_probability"]
        new = Markup(' <span class="new">new</span>') if row["is_new_on_list"] else Markup("")
        money = (
            Markup('<td class="money"><span>{} </span>{}</td>').format(
                gain, words.amount(row["expected_gain"])
            )
            if has_value
            else Markup("")
        )
        lines.append(
            Markup(
                '<tr><td class="place">{}</td><th scope="row">{}{}</th>'
                '<td class="chance"><span>{}</span><i style="width:{:.0f}%"></i></td>{}{}</tr>'
            ).format(place, row["customer_id"], new, words.percent(share), 100 * share, money, why)
        )
    money_head = Markup('<th scope="col" class="money">{}</th>').format(gain.capitalize())
    why_head = Markup('<th scope="col">Reasons, strongest first</th>')
    return Markup(
        '<table class="people"><thead><tr><th scope="col">#</th><th scope="col">Customer</th>'
        '<th scope="col">Likely to leave</th>{}{}</tr></thead><tbody>{}</tbody></table>'
    ).format(
        money_head if has_value else "", why_head if has_reasons else "", Markup("").join(lines)
    )


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
        f"({words.percent(total['flagged_share'])}) are flagged as leaving"
        + (
            f", from a probability of {words.percent(line)} (the dashed line) up"
            if line is not None
            else ""
        )
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
        mark = alt.Chart(charts.data([{"at": line}]))
        chart += mark.mark_rule(color=charts.INK, strokeDash=[4, 3]).encode(x="at:Q")
    return Told(says, charts.figure(chart, says))


@part("What changed since the snapshot before", "score_changes", "new_on_list")
def changes(found: Found, new: Found) -> Told | str | None:
    """Say who is new on the list and who left it."""
    row = found.first
    if row["flagged_count"] is None:
        return None
    if not row["compared_count"]:
        return (
            "There is one snapshot of scores so far (all customers as of one day), so nobody can "
            "be new on the list; the next build with newer data has one to compare with."
        )
    says = (
        f"{words.counted(row['new_count'], 'customer')} of the "
        f"{words.number(row['flagged_count'])} flagged now were not flagged before, and "
        f"{words.counted(row['left_count'], 'customer')} are no longer flagged. "
    )
    if not new.rows:
        return says + "Nobody new needs a call."
    columns = [Column("customer_id", "Customer"),
               Column("probability_before", "Before", "percent"),
               Column("attrition_probability", "Now", "percent"),
               *_first_reason(new)]  # fmt: skip
    says += "Begin with the new ones: nobody has talked to them yet."
    return Told(says, table(new.rows, columns, "New on the list"))


PARTS = (call_first, most_at_risk, distribution, changes)
