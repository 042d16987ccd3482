"""Every decision on a version, newest first, each with its reason."""

import streamlit as st
from attrition.report import words
from attrition.report.source import Row

from app.drawing import page, says
from app.reader import Reader

PROMOTIONS = """
select *
from attrition_promotions
order by promotion_number desc
limit 50 offset $start
"""
_EACH = 50


@page("Promotions")
def show(copy: Reader) -> None:
    """Draw the page."""
    [total] = copy.rows("select count(*) as count from attrition_promotions")
    champion = copy.rows("select * from attrition_champion")
    if champion:
        says(f"{champion[0]['version_id']} is champion: {champion[0]['promotion_reason']}.")
    else:
        says("No version is champion, so nobody is scored.")
    if not total["count"]:
        says("No version has come before the gate yet.")
        return
    start = 0
    if total["count"] > _EACH:
        pages = -(-total["count"] // _EACH)
        start = _EACH * (int(st.number_input("Page", 1, pages, 1)) - 1)
    for row in copy.rows(PROMOTIONS, {"start": start}):
        _decision(row)


def _decision(row: Row) -> None:
    with st.container(border=True):
        st.header(f"{words.day(row['decided_at'])}: {row['challenger_version']} {row['decision']}")
        says(f"{row['reason']}.")
        facts = [f"Decided by {words.words(row['decided_by'])}"] if row["decided_by"] else []
        if row["incumbent_version"]:
            facts.append(f"champion then {row['incumbent_version']}")
        if row["challenger_value"] is not None:
            facts.append(
                f"{words.words(row['metric'])} {words.score(row['challenger_value'])} against "
                f"{words.score(row['incumbent_value'])}"
            )
        if row["gain"] is not None:
            facts.append(
                f"gain {words.score(row['gain'])} ({words.score(row['gain_lower'])} to "
                f"{words.score(row['gain_upper'])})"
            )
        if row["row_count"]:
            facts.append(
                f"on {words.counted(row['row_count'], 'row')} with "
                f"{words.counted(row['attrition_count'], 'attrition')}"
            )
        if facts:
            says("; ".join(facts) + ".")
