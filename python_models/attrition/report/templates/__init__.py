"""The templates of the report, and the files that it carries with it."""

import importlib.resources
import re
from functools import cache

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from attrition.report import words

FOLDER = importlib.resources.files(__name__)
_CODE = re.compile("`([^`]+)`")


@cache
def environment() -> Environment:
    """Return where templates are looked up; values are escaped in HTML, not in Markdown."""
    made = Environment(
        loader=PackageLoader("attrition.report", "templates"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["words"] = words
    made.filters["with_code"] = with_code
    return made


def with_code(text: str) -> Markup:
    """Return a sentence as HTML, `code` in it as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


@cache
def file_text(name: str) -> str:
    """Return a file beside the templates: style, scripts."""
    return FOLDER.joinpath(name).read_text(encoding="utf-8")
