"""Customers: search, filter, sort, open one, take all of them away as a file."""

import io
from collections.abc import Collection

import pandas as pd
import pyarrow.csv
import streamlit as st
from attrition.report import words
from attrition.report.sections.risk import nobody_scored
from attrition.report.source import NotInThisBuildError

from app.drawing import colour, page, says
from app.pushes import DOWN, STRONGEST, UP, pushed_cells, pushes_sql
from app.reader import Reader
from app.search import (
    ANYBODY,
    CATEGORIES,
    EACH,
    MOST,
    Search,
    count_sql,
    file_sql,
    levels_sql,
    page_sql,
    sorts,
)  # fmt: skip
from app.views import customer

_HEADS = {
    "customer_id": "Customer",
    "attrition_probability": "Likely to leave",
    "is_predicted_attrition": "Flagged",
    "risk_decile": "Tenth",
    "risk_band": "Risk",
    "probability_change": "Change",
    "value_at_risk": "Value at risk",
    "expected_gain": "Gain of a call",
    "reason_1_text": "First reason",
    "reason_2_text": "Second reason",
    "reason_3_text": "Third reason",
}


@page("Customers")
def show(copy: Reader) -> None:
    """Draw the page."""
    source = copy.source()
    if not source.read("scored").first.get("customer_count"):
        says(nobody_scored(source.read("last_decision"), source.read("plan")))
        return
    columns = list(copy.rows(ANYBODY)[0])
    search = _asked(copy, columns)
    count = copy.rows(*count_sql(search))[0]["count"]
    if not count:
        says("No customer is like that. Widen the search, or clear a filter.")
        return
    left, right = st.columns(2, vertical_alignment="bottom")
    pages = -(-count // EACH)
    chosen = left.number_input(f"Page, of {pages}", 1, pages, 1) if pages > 1 else 1
    right.download_button(
        f"Download {words.counted(min(count, MOST), 'customer')} as CSV",
        data=lambda: _csv(copy, search, columns),
        file_name="customers.csv",
        mime="text/csv",
    )
    says(
        f"{words.counted(count, 'customer')} found. Choose a row to see the customer."
        + (f" A file holds the first {words.number(MOST)}." if count > MOST else "")
    )
    rows = copy.rows(*page_sql(search, columns, int(chosen)))
    pushes = _pushes(copy, rows)
    if pushes:
        says(
            f"Of the features that matter most, {UP} is a value that raises this customer's risk "
            f"and {DOWN} one that lowers it."
        )
    _table(rows, pushes)


def _pushes(copy: Reader, rows: list[dict]) -> dict[str, list[str]]:
    """Return columns of what pushes these customers' scores; none in a build that lacks them."""
    customers = [row["customer_id"] for row in rows]
    try:
        features = [row["feature"] for row in copy.rows(STRONGEST)]
        found = copy.rows(*pushes_sql(customers, features)) if features else []
    except NotInThisBuildError:
        return {}
    return pushed_cells(customers, features, found)


def _asked(copy: Reader, columns: Collection[str]) -> Search:
    first, second, third = st.columns(3)
    text = first.text_input("Customer contains", key="text")
    reason = second.text_input("Reason contains", key="reason", placeholder="for example complain")
    sort = third.selectbox("Order", sorts(columns), key="sort")
    with st.expander("More filters"):
        lowest, highest = st.slider("Likely to leave, in percent", 0, 100, (0, 100), key="between")
        deciles = st.multiselect("Tenth of customers, 1 is the riskiest", range(1, 11), key="tenth")
        feature, levels = _category(copy)
        flagged = st.checkbox("Only customers that are flagged as leaving", key="flagged")
    return Search(
        text, flagged, tuple(deciles), lowest / 100, highest / 100, reason, feature, levels, sort
    )


def _category(copy: Reader) -> tuple[str | None, tuple[str, ...]]:
    """Ask for values of a category; a build without them offers none."""
    try:
        features = [row["feature"] for row in copy.rows(CATEGORIES)]
        if not features:
            return None, ()
        feature = st.selectbox(
            "Customers with a certain",
            [None, *features],
            key="category",
            format_func=lambda name: words.feature(name) if name else "anything",
        )
        if not feature:
            return None, ()
        rows = copy.rows(levels_sql(feature))
    except NotInThisBuildError:
        return None, ()
    known = [row["level"] for row in rows if row["level"] is not None]
    return feature, tuple(st.multiselect(words.feature(feature), known, key="levels"))


def _table(rows: list[dict], pushes: dict[str, list[str]]) -> None:
    shown = pd.DataFrame(rows)
    shown["attrition_probability"] *= 100
    percent = st.column_config.NumberColumn(format="%.1f%%")
    if "probability_change" in shown:
        shown["probability_change"] *= 100
        if shown["probability_change"].isna().all():
            shown = shown.drop(columns="probability_change")
    # beside the figures, before the sentences
    place = (
        shown.columns.get_loc("reason_1_text") if "reason_1_text" in shown else len(shown.columns)
    )
    for number, (head, cells) in enumerate(pushes.items()):
        shown.insert(place + number, head, cells)
    shown = shown.rename(columns=_HEADS)
    risky, calm = colour("risk"), colour("calm")
    signs = {UP: f"color: {risky}", DOWN: f"color: {calm}"}
    styled = shown.style.map(
        lambda flagged: f"color: {risky}; font-weight: bold" if flagged else "", subset=["Flagged"]
    ).map(lambda cell: signs.get(cell[:1], ""), subset=list(pushes))
    if "Change" in shown:
        styled = styled.map(
            lambda change: signs[UP] if change > 0 else signs[DOWN] if change < 0 else "",
            subset=["Change"],
        )
    chosen = st.dataframe(
        styled,
        hide_index=True,
        key="found",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Likely to leave": percent,
            "Change": st.column_config.NumberColumn(format="%+.1f points"),
            "Value at risk": st.column_config.NumberColumn(format="%.0f"),
            "Gain of a call": st.column_config.NumberColumn(format="%.0f"),
        },
    )
    if chosen.selection.rows:
        customer_id = rows[chosen.selection.rows[0]]["customer_id"]
        offer(customer_id)


def offer(customer_id: str) -> None:
    """Offer to go to the page of a customer; a link would not know where Snowflake serves it."""
    if st.button(f"See {customer_id}"):
        st.session_state["customer"] = customer_id
        st.switch_page(st.Page(customer.show, title="One customer", url_path="customer"))


def _csv(copy: Reader, search: Search, columns: Collection[str]) -> bytes:
    target = io.BytesIO()
    pyarrow.csv.write_csv(copy.table(*file_sql(search, columns)), target)
    return target.getvalue()
