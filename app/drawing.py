"""How the pages draw: parts of the report, charts in the colours of the theme, sentences."""

import html
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import altair as alt
import streamlit as st
from attrition.errors import AttritionError
from attrition.report import charts
from attrition.report.part import Maker, Part, Section
from attrition.report.source import NotInThisBuildError, Source

from app.colours import coloured, colours, table_style
from app.reader import SESSION, Reader, asked_for, chosen_reader

_PLOT = re.compile(
    r'<div class="plot" role="img" aria-label="(.*?)"[^>]*>'
    r'<script type="application/json">(.*?)</script></div>',
    re.DOTALL,
)
# what Markdown of Streamlit would take for more than text
_MARKDOWN = re.compile(r"[\\*_~$\[\]<>#|:](?![^`]*`(?:[^`]*`[^`]*`)*[^`]*$)")


def reader() -> Reader:
    """Return the one reader of the build, which all visitors share."""
    return _reader(*asked_for())


@st.cache_resource
def _reader(file: str | None, target: str | None) -> Reader:
    if target != SESSION:
        return chosen_reader(file, target)
    from app.account_reader import AccountReader

    return AccountReader(_session, "the schema of this app")


def _session() -> Any:
    """Return a connection of the account that this runs in, a new one where there was one."""
    connection = st.connection("snowflake")
    connection.reset()
    return connection.raw_connection


def says(text: str) -> None:
    """Write a sentence as it stands; only `code` in it is set as code."""
    st.markdown(_MARKDOWN.sub(r"\\\g<0>", text))


def page(title: str) -> Callable[[Callable[[Reader], None]], Callable[[], None]]:
    """Make a function that draws what a build holds into a page with a title.

    What stops it is one sentence, never a traceback.
    """

    def made(show: Callable[[Reader], None]) -> Callable[[], None]:
        def drawn() -> None:
            st.title(title)
            try:
                show(reader())
            except NotInThisBuildError as error:
                lacks(title, error)
            except AttritionError as error:
                st.error(str(error))

        return drawn

    return made


def lacks(what: str, error: NotInThisBuildError) -> None:
    """Say that a build does not have what something is made from."""
    found = re.search(r"(?:Table with name|column|Object) [\"']?([\w.]+)", str(error))
    named = f" (`{found[1]}`)" if found else ""
    st.info(
        f"{what}: this build does not have the tables or columns that it is made from{named}. "
        "Run `attrition build` with the current version of the project."
    )


def is_dark() -> bool:
    """Whether the visitor looks at the dark theme."""
    return st.context.theme.type == "dark"


def told(section: Section, source: Source, without: Sequence[str] = ()) -> None:
    """Draw the parts of a section of the report, but not those with some titles."""
    for part in section.parts(source):
        if part.title not in without:
            draw_part(part)


def draw(makers: Sequence[Maker], source: Source) -> None:
    """Draw some parts of the report."""
    for part in Section("", "", makers).parts(source):
        draw_part(part)


def draw_part(part: Part) -> None:
    """Draw a part of the report: its title, its sentence, its figures and tables, its SQL."""
    st.header(part.title)
    says(part.told.says)
    for kind, text, label in pieces(str(part.told.body)):
        if kind == "figure":
            draw_spec(json.loads(text), label)
        else:
            st.html(
                f"<style>{coloured(table_style(), is_dark())}</style>"
                f'<div class="report">{text}</div>'
            )
    with st.expander("SQL behind it"):
        for query in part.queries:
            st.code(query.sql, language="sql")


def pieces(body: str) -> Iterator[tuple[str, str, str]]:
    """Cut the body of a part into figures (a Vega-Lite spec as JSON) and the HTML between them.

    Yields:
        `figure` or `html`, the text, and what a screen reader says.
    """
    end = 0
    for found in _PLOT.finditer(body):
        if between := body[end : found.start()].strip():
            yield "html", between, ""
        yield "figure", found[2], html.unescape(found[1])
        end = found.end()
    if rest := body[end:].strip():
        yield "html", rest, ""


def draw_chart(chart: "alt.Chart | alt.LayerChart", label: str, height: int | None = 260) -> None:
    """Draw a chart of the app in the style of the report's.

    Args:
        chart: Its colours are those of `attrition.report.charts`.
        label: The sentence that says what it shows; a screen reader says it too.
        height: Pixels of the plot; None where the chart has its own.
    """
    found = next(pieces(str(charts.figure(chart, label, height))))
    draw_spec(json.loads(found[1]), label)


def draw_spec(spec: dict[str, Any], label: str) -> None:
    """Draw a Vega-Lite spec whose colours are variables of the report's style sheet."""
    spec = json.loads(coloured(json.dumps(spec), is_dark()))
    spec["description"] = label
    spec["config"]["background"] = "transparent"
    st.vega_lite_chart(spec, width="stretch", theme=None)


def colour(name: str) -> str:
    """Return a colour of the theme that the visitor looks at."""
    return colours(is_dark())[name]
