"""SQL files with named sections and `$names`, and the statements in them."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Template

_SECTION = re.compile(r"^-- section: (?P<name>\w+)\n", re.MULTILINE)
_END = re.compile(r";[ \t]*$", re.MULTILINE)


@cache
def sections(file: str) -> dict[str, str]:
    """Return {section: its SQL} of a file in `sql/`; what stands before the first is `head`."""
    text = (files("attrition.snowflake") / "sql" / file).read_text(encoding="utf-8")
    head, *parts = _SECTION.split(text)
    named = dict(zip(parts[::2], parts[1::2], strict=True))
    return {"head": head.strip(), **{name: body.strip() for name, body in named.items()}}


def filled(file: str, section: str, values: Mapping[str, str]) -> str:
    """Return a section with its names replaced; a name without a value is a KeyError."""
    return Template(sections(file)[section]).substitute(values)


def statements(text: str) -> list[str]:
    """Return the statements of a text without comments, in their order, without semicolons."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    return [part.strip() for part in _END.split("\n".join(lines)) if part.strip()]
