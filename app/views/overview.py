"""The page to begin with: four answers, whom to call first, how risk is spread."""

from html import escape

import streamlit as st
from attrition.report import words
from attrition.report.answers import answers
from attrition.report.sections import risk

from app.drawing import draw, page, says
from app.reader import Reader


@page("Overview")
def show(copy: Reader) -> None:
    """Draw the page."""
    source = copy.source()
    scored, version = source.read("scored").first, source.read("version").first
    newest = scored.get("as_of_date") or source.read("plan").first.get("newest_as_of_date")
    sentence = f"Data until {words.day(newest)}"
    if version:
        role = "scored by" if version.get("is_in_charge") else "newest version"
        domains = [row["domain"] for row in source.read("features").rows]
        sentence += f", {role} {version['version_id']}. Leaving means "
        sentence += words.leaving(version, domains)
    says(f"{sentence}.")
    late = words.behind(newest, source.read("scored_on").first.get("scored_at"))
    if late:
        st.warning(late)
    made = answers(source)
    for place, column in enumerate(st.columns(len(made))):
        with column, st.container(border=True, height="stretch"):
            says(made[place].question)
            # a metric would cut it off where there is no room
            st.html(f'<p style="font-size: 1.7rem; margin: 0">{escape(made[place].figure)}</p>')
            says(made[place].says)
    draw(risk.PARTS, source)
