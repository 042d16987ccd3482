"""Whom to contact with the time and money there is, and what that is worth."""

import io
import json
from typing import Any

import altair as alt
import pandas as pd
import pyarrow.csv
import streamlit as st
from attrition.report import charts, words
from attrition.report.sections.risk import nobody_scored
from attrition.report.source import NotInThisBuildError, Row

from app.contact_list import Budget, curve_sql, list_sql, totals_sql
from app.drawing import draw_chart, page, says
from app.reader import Reader
from app.search import ANYBODY

LISTED = """
select
    contact_rank,
    customer_id,
    attrition_probability,
    value_at_risk,
    expected_gain,
    reason_1_text,
    reason_2_text
from attrition_contact_list
where as_of_date = (select max(as_of_date) from attrition_contact_list)
order by contact_rank
limit 1000
"""
_SHOWN = 200


@page("Contact list")
def show(copy: Reader) -> None:
    """Draw the page."""
    source = copy.source()
    scored = source.read("scored").first
    if not scored.get("customer_count"):
        says(nobody_scored(source.read("last_decision"), source.read("plan")))
        return
    has_value = "customer_value" in copy.rows(ANYBODY)[0]
    money = _money(source.read("plan").first)
    budget = _asked(scored["customer_count"], has_value, money)
    total = copy.rows(*totals_sql(budget))[0]
    says(_sentence(budget, total))
    if total["contact_count"]:
        _curve(copy, budget)
        st.header("Whom to contact, in this order")
        _table(copy, budget)
    _published(copy)


def _money(plan: Row) -> dict[str, Any]:
    """Return what the settings say of a contact: where the inputs begin."""
    return json.loads(plan.get("settings") or "{}").get("threshold") or {}


def _asked(customers: int, has_value: bool, money: dict[str, Any]) -> Budget:
    worth = float(money.get("value_of_customer") or 1000)
    price = float(money.get("cost_of_contact") or 10)
    kept = round(100 * float(money.get("success_rate") or 0.3))
    first, second, third, fourth = st.columns(4)
    capacity = first.number_input("Contacts you can make", 1, customers, min(100, customers))
    own = has_value and second.toggle("Own value of each", value=True)
    value = None if own else second.number_input("Value of a customer", 0.0, value=worth)
    cost = third.number_input("Cost of a contact", 0.0, value=price)
    success = fourth.slider("Leavers kept, in percent", 0, 100, kept)
    return Budget(int(capacity), value, cost, success / 100)


def _sentence(budget: Budget, total: dict) -> str:
    if not total["contact_count"]:
        return (
            "No contact brings more than it costs: a customer is worth too little, a contact costs "
            "too much, or too few leavers are kept."
        )
    return (
        f"{words.counted(total['contact_count'], 'contact')} cost "
        f"{words.amount(total['contact_count'] * budget.cost)} and are expected to bring "
        f"{words.amount(total['expected_gain'])} more than that; "
        f"{words.number(total['expected_attritions'], 1)} of them would leave otherwise. "
        + (
            "Contacts that bring less than they cost are left out."
            if total["contact_count"] < budget.capacity
            else "The next contact would still bring more than it costs."
            if total["is_more_worth_it"]
            else ""
        )
    )


def _curve(copy: Reader, budget: Budget) -> None:
    rows = copy.rows(*curve_sql(budget))
    label = (
        "What is gained by the number of contacts; the dashed line is what you can make. "
        "Where the curve falls, a contact costs more than it brings."
    )
    says(label)
    base = alt.Chart(charts.data(rows)).encode(
        x=alt.X("contact_count:Q", title="Contacts, most gain first"),
        y=alt.Y("expected_gain:Q", title="Expected gain"),
        tooltip=[alt.Tooltip("contact_count:Q", format=",", title="contacts"),
                 alt.Tooltip("expected_gain:Q", format=",.0f", title="gain")],
    )  # fmt: skip
    at = alt.Chart(charts.data([{"at": budget.capacity}])).mark_rule(
        color=charts.RISK, strokeDash=[5, 4]
    )
    draw_chart(alt.layer(base.mark_line(color=charts.CALM), at.encode(x="at:Q")), label)


def _table(copy: Reader, budget: Budget) -> None:
    rows = copy.rows(*list_sql(budget, _SHOWN))
    if budget.capacity > _SHOWN:
        says(f"The first {_SHOWN} stand here; the file holds all.")
    _frame(rows)
    st.download_button(
        "Download the list as CSV",
        data=lambda: _csv(copy, budget),
        file_name="contact_list.csv",
        mime="text/csv",
    )


def _frame(rows: list[dict]) -> None:
    shown = pd.DataFrame(rows)
    shown["attrition_probability"] *= 100
    st.dataframe(
        shown,
        hide_index=True,
        column_config={
            "contact_rank": "#",
            "customer_id": "Customer",
            "attrition_probability": st.column_config.NumberColumn(
                "Likely to leave", format="%.1f%%"
            ),
            "value_at_risk": st.column_config.NumberColumn("Value at risk", format="%.0f"),
            "expected_gain": st.column_config.NumberColumn("Expected gain", format="%.2f"),
            "reason_1_text": "First reason",
            "reason_2_text": "Second reason",
        },
    )


def _csv(copy: Reader, budget: Budget) -> bytes:
    target = io.BytesIO()
    pyarrow.csv.write_csv(copy.table(*list_sql(budget, budget.capacity)), target)
    return target.getvalue()


def _published(copy: Reader) -> None:
    """Show the list that the build itself keeps, where it keeps one."""
    st.header("The list of the build")
    try:
        rows = copy.rows(LISTED)
    except NotInThisBuildError:
        says("This build keeps no list of its own (`attrition_contact_list`).")
        return
    if not rows:
        says("The build has put nobody on its list.")
        return
    says(
        "`attrition_contact_list` follows the settings and names nobody twice in its cool-down; "
        "what you enter above does not change it."
    )
    _frame(rows)
