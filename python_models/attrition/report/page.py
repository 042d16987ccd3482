"""The page as text."""

from functools import cache
from pathlib import Path

import altair
import vl_convert
from markupsafe import Markup

from attrition import __version__
from attrition.report import words
from attrition.report.answers import answers
from attrition.report.sections import SECTIONS
from attrition.report.source import Source
from attrition.report.templates import environment, file_text


def page(source: Source) -> str:
    """Return the report as one HTML text that asks the network for nothing."""
    contents = [(section, section.parts(source)) for section in SECTIONS]
    scored, version, plan = (source.read(name).first for name in ("scored", "version", "plan"))
    data_until = scored.get("as_of_date") or plan.get("newest_as_of_date")
    return environment().get_template("page.html").render(
        contents=contents,
        answers=answers(source),
        scored=scored,
        version=version,
        data_until=data_until,
        has_reasons=_has_reasons(source),
        behind=words.behind(data_until, source.read("scored_on").first.get("scored_at")),
        domains=[row["domain"] for row in source.read("features").rows],
        where=Path(source.where).name,
        library_version=__version__,
        style=Markup(file_text("style.css")),
        script=Markup(file_text("figures.js")),
        vega=Markup(_vega()),
    )  # fmt: skip


def _has_reasons(source: Source) -> bool:
    explained = source.read("explained")
    return not explained.is_known or explained.first["explained_count"] > 0


@cache
def _vega() -> str:
    """Return what draws the figures as one script, for the Vega-Lite that Altair writes.

    It is Vega, Vega-Lite and vega-embed, as vl-convert-python carries them: the page is to open
    where there is no network.
    """
    version = ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    return f"(()=>{{{vl_convert.javascript_bundle(vl_version=version)}}})();"
