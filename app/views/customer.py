"""One customer: score, reasons, how the score moved, and what the model would say otherwise."""

import streamlit as st
from attrition.errors import AttritionError
from attrition.report import words
from attrition.report.source import NotInThisBuildError, Row

from app.customer_charts import history_chart, waterfall_chart
from app.drawing import draw_chart, page, says
from app.reader import Reader
from app.views.what_if import show_what_if
from app.what_if import WhatIf

SCORE = """
select *
from attrition_scores
where customer_id = $customer_id
"""
ALIKE = """
select customer_id
from attrition_scores
where contains(lower(customer_id), lower($text))
order by length(customer_id), customer_id
limit 10
"""
RISKIEST = """
select customer_id
from attrition_scores
order by attrition_probability desc, customer_id
limit 1
"""
REASONS = """
select *
from attrition_reasons
where customer_id = $customer_id
order by reason_rank
"""
ANY_REASON = """
select feature
from attrition_reasons
limit 1
"""
HISTORY = """
select *
from attrition_score_history
where customer_id = $customer_id
order by as_of_date, scored_at
"""
CONTRIBUTIONS = """
select
    contributions.feature,
    contributions.feature_value,
    contributions.contribution
from attrition_contributions as contributions
where contributions.customer_id = $customer_id
order by abs(contributions.contribution) desc, contributions.feature
"""
THRESHOLD = """
select decision_threshold
from attrition_model_versions
where version_id = $version
"""


@page("One customer")
def show(copy: Reader) -> None:
    """Draw the page."""
    customer_id = _asked(copy)
    if customer_id is None:
        return
    score = copy.rows(SCORE, {"customer_id": customer_id})[0]
    threshold = _threshold(copy, score["model_version"])
    _facts(score, threshold)
    _reasons(copy, customer_id)
    now = _now(copy, customer_id)
    moved = _moved(copy, customer_id, now)
    _waterfall(moved, now)
    _history(copy, customer_id, threshold)
    st.header("What if?")
    if now is None:
        says(
            "This build cannot score a changed customer: it lacks `score_customers` or "
            "`attrition_scored_features`. Run `attrition build` with the current version of the "
            "project."
        )
    else:
        show_what_if(copy, customer_id, threshold, moved or [])
    says(
        "Their records are not published: "
        f"`attrition explain {customer_id} --records` shows them to who may open the build."
    )


def _asked(copy: Reader) -> str | None:
    """Return the customer that the visitor names, the riskiest one where they name none."""
    if "customer" not in st.session_state:
        st.session_state["customer"] = st.query_params.get("customer_id", "")
    text = st.text_input(
        "Customer", key="customer", help="The identifier, or a part of it, then Enter."
    ).strip()
    if not text:
        riskiest = copy.rows(RISKIEST)
        if not riskiest:
            says("Nobody is scored, so there is no customer to show; the overview says why.")
            return None
        text = riskiest[0]["customer_id"]
        says(f"{text} is the customer most at risk; name another above.")
    if copy.rows(SCORE, {"customer_id": text}):
        st.query_params["customer_id"] = text
        return text
    alike = [row["customer_id"] for row in copy.rows(ALIKE, {"text": text})]
    if not alike:
        says(f"No customer that is scored now is called {text}, nor has that in the name.")
        return None
    return st.selectbox(f"Customers with {text} in their name", alike, key="alike")


def _threshold(copy: Reader, version: str) -> float | None:
    rows = copy.rows(THRESHOLD, {"version": version})
    return rows[0]["decision_threshold"] if rows else None


def _facts(score: Row, threshold: float | None) -> None:
    facts = [
        ("Likely to leave", words.percent(score["attrition_probability"], 1)),
        ("Tenth", f"{score['risk_decile']} of 10"),
        ("Flagged", "yes" if score["is_predicted_attrition"] else "no"),
    ]
    if score.get("value_at_risk") is not None:
        facts.append(("Value at risk", words.amount(score["value_at_risk"])))
    if score.get("expected_gain") is not None:
        facts.append(("Gain of a contact", words.amount(score["expected_gain"])))
    for column, (label, value) in zip(st.columns(len(facts)), facts, strict=True):
        column.metric(label, value, border=True)
    flagged = f" Flagged means {words.percent(threshold)} or more." if threshold else ""
    says(
        f"As of {words.day(score['as_of_date'])}, by version {score['model_version']}.{flagged} "
        "The first tenth is the riskiest."
    )


def _reasons(copy: Reader, customer_id: str) -> None:
    st.header("Why")
    rows = copy.rows(REASONS, {"customer_id": customer_id})
    if not rows:
        says(
            "Nothing in particular raises the risk of this customer."
            if copy.rows(ANY_REASON)
            else "No score of this build has a reason, as where SQL alone scores "
            "(`score_with: sql`). What makes the score stands below."
        )
        return
    for row in rows:
        can = " You can act on it." if row["is_actionable"] else ""
        says(f"{row['reason_rank']}. {row['reason_text']}.{can}")


def _now(copy: Reader, customer_id: str) -> WhatIf | None:
    try:
        return copy.what_if(customer_id, {})
    except (NotInThisBuildError, AttritionError):
        return None


def _moved(copy: Reader, customer_id: str, now: WhatIf | None) -> list[Row] | None:
    """Return what each feature adds, worked out now or as the build kept it of a sample.

    None where this build keeps nothing.
    """
    if now is not None and now.reasons is not None:
        return list(now.reasons[0])
    try:
        return copy.rows(CONTRIBUTIONS, {"customer_id": customer_id})
    except NotInThisBuildError:
        return None


def _waterfall(rows: list[Row] | None, now: WhatIf | None) -> None:
    st.header("What makes the score")
    if rows is None:
        says(
            "This build keeps no contributions of features. Run `attrition build` with the current "
            "version of the project."
        )
        return
    if not rows or now is None:
        says(
            "Contributions of all features are kept for a sample of the customers, and this one is "
            "not in it; the reasons above are known of everyone."
        )
        return
    up = [row for row in rows if row["contribution"] > 0]
    down = [row for row in rows if row["contribution"] < 0]
    label = (
        f"{_first_capital(_most(up, 'raises'))}, and {_most(down, 'lowers')}. Bars in log-odds, "
        "from the average customer on top to this one: ▲ to the right raises the risk, ▼ to the "
        "left lowers it."
    )
    says(label)
    draw_chart(waterfall_chart(rows, now.now.margin), label, None)


def _most(rows: list[Row], does: str) -> str:
    if not rows:
        return f"nothing {does} the risk"
    row = rows[0]
    return f"{words.feature(row['feature'])} ({row['feature_value']}) {does} the risk most"


def _first_capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _history(copy: Reader, customer_id: str, threshold: float | None) -> None:
    st.header("How the score moved")
    rows = copy.rows(HISTORY, {"customer_id": customer_id})
    if len({row["as_of_date"] for row in rows}) < 2:
        says("This customer was scored once so far; the next build with newer data adds a point.")
        return
    first, last = rows[0], rows[-1]
    label = (
        f"From {words.percent(first['attrition_probability'])} on {words.day(first['as_of_date'])} "
        f"to {words.percent(last['attrition_probability'])} on {words.day(last['as_of_date'])}."
    )
    says(label)
    draw_chart(history_chart(rows, threshold), label)
