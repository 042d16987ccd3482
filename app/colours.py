"""The colours of the report, for charts that know no style sheet."""

import re
from functools import cache

from attrition.report.templates import file_text

_BLOCK = re.compile(r":root \{(.*?)\}", re.DOTALL)
_COLOUR = re.compile(r"--(\w+): (#\w+);")


@cache
def colours(dark: bool) -> dict[str, str]:
    """Return the colours of the report's style sheet by name: `risk`, `calm`, `ink` and so on."""
    light_text, dark_text = _BLOCK.findall(file_text("style.css"))[:2]
    return dict(_COLOUR.findall(dark_text if dark else light_text))


def coloured(text: str, dark: bool) -> str:
    """Return text with each `var(--name)` as its colour."""
    named = colours(dark)
    return re.sub(r"var\(--(\w+)\)", lambda found: named[found[1]], text)


_PARTS = ("table", "th", "td", "thead", "tbody", ".people", ".chance", ".confusion", ".rows",
          ".gt_right")  # fmt: skip


def table_style() -> str:
    """Return the report's rules for tables, for tables within `.report` alone."""
    wide, phone = file_text("style.css").split("@media (max-width: 560px) {")
    rules = "\n".join(filter(None, map(_scoped, wide.splitlines())))
    small = "\n".join(filter(None, map(_scoped, phone.split("\n}\n")[0].splitlines())))
    return f"{rules}\n@media (max-width: 560px) {{\n{small}\n}}"


def _scoped(line: str) -> str:
    selectors, opened, rest = line.strip().partition(" {")
    if not opened or not selectors.startswith(_PARTS):
        return ""
    scoped = ", ".join(f".report {selector.strip()}" for selector in selectors.split(","))
    return f"{scoped} {{{rest}"
