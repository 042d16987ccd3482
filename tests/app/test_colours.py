"""The app has the colours of the report, and its texts can be read on its grounds."""

import tomllib

import pytest
from dbt_project import ROOT

from app.colours import coloured, colours, table_style

THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]


def contrast(one: str, two: str) -> float:
    """Return the contrast ratio of WCAG 2: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio."""

    def luminance(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
        parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("name", "dark"), [("light", False), ("dark", True)])
def test_the_theme_is_the_report_s(name, dark):
    theme, report = THEME[name], colours(dark)
    assert theme["textColor"] == report["ink"]
    assert theme["primaryColor"] == theme["linkColor"] == report["calm"]
    assert contrast(theme["backgroundColor"], report["paper"]) == 1


@pytest.mark.parametrize("dark", [False, True])
def test_texts_and_marks_stand_out(dark):
    given = colours(dark)
    for ground in ("paper", "page"):
        for text in ("ink", "muted", "risk", "calm"):
            assert contrast(given[text], given[ground]) >= 4.5, (text, ground)
        assert contrast(given["soft"], given[ground]) >= 3


def test_every_variable_becomes_a_colour():
    assert coloured('"var(--risk)"', False) == f'"{colours(False)["risk"]}"'
    assert "var(" not in coloured(table_style(), True)
    assert ".report .people" in table_style()
