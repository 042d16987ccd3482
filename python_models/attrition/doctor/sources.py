"""Settings, and the raw records that they name."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attrition.doctor.finding import Finding
from attrition.own_data.raw_check import RawDataError, check_raw_files
from attrition.own_data.sales_history import check_history
from attrition.settings.abilities import Abilities
from attrition.settings.loading import SettingsError, load_settings
from attrition.settings.model import Settings

_SETTINGS_FIX = "Change it in dbt_project.yml or --vars; docs/settings.md has every setting."
_FILES_FIX = "docs/your-data.md says what a file needs."


@dataclass(frozen=True)
class SourcesChecked:
    """What was found about settings and raw records.

    Attributes:
        findings: In the order in which they were looked at.
        settings: The settings, None where they are wrong.
    """

    findings: tuple[Finding, ...]
    settings: Settings | None


def check_sources(
    project_dir: Path, overrides: Mapping[str, Any], abilities: Abilities
) -> SourcesChecked:
    """Check all settings, then the files of raw records and how far the sales reach."""
    try:
        settings = load_settings(project_dir, overrides, abilities)
    except SettingsError as error:
        return SourcesChecked(_problems("Settings", error.problems, _SETTINGS_FIX), None)
    in_order = Finding("ok", "Settings", "All settings are in order.")
    if settings.raw_data == "source" and not abilities.reads_files:
        text = "The raw records are looked at by `dbt build`, before it touches a table."
        return SourcesChecked((in_order, Finding("ok", "Raw data", text)), settings)
    try:
        files = check_raw_files(settings, project_dir)
        history = check_history(settings, project_dir, files)
    except RawDataError as error:
        problems = _problems("Raw data", error.problems, _FILES_FIX)
        return SourcesChecked((in_order, *problems), settings)
    except SettingsError as error:
        problems = _problems("History", error.problems, _SETTINGS_FIX)
        return SourcesChecked((in_order, *problems), settings)
    origin = (
        "The sample in seeds/"
        if settings.raw_data == "sample"
        else ", ".join(f"{file.name} ({file.row_count:,} rows)" for file in files.values())
        or f"{settings.raw_location}, which `dbt build` looks at"
    )
    reach = f"; its sales reach from {history.first_day} to {history.last_day}" if history else ""
    return SourcesChecked((in_order, Finding("ok", "Raw data", f"{origin}{reach}.")), settings)


def _problems(subject: str, lines: tuple[str, ...], fix: str) -> tuple[Finding, ...]:
    return tuple(Finding("problem", subject, line, fix) for line in lines)
