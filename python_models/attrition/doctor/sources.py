"""Settings, and how far the sales reach that they name."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from attrition.doctor.finding import Finding
from attrition.project.scratch import NotBuiltError, read_reach
from attrition.settings.loading import SettingsError, load_settings
from attrition.settings.model import Settings
from attrition.warehouse.abilities import Abilities

_SETTINGS_FIX = "Change it in dbt_project.yml or --vars; docs/settings.md has every setting."
_FILES_FIX = "docs/your-data.md says what a file needs."


@dataclass(frozen=True)
class SettingsChecked:
    """What was found about the settings.

    Attributes:
        findings: One for each problem, or one that says there is none.
        settings: The settings, None where they are wrong.
    """

    findings: tuple[Finding, ...]
    settings: Settings | None


def check_settings_of(
    project_dir: Path, overrides: Mapping[str, Any], abilities: Abilities
) -> SettingsChecked:
    """Check all settings of a project."""
    try:
        settings = load_settings(project_dir, overrides, abilities)
    except SettingsError as error:
        return SettingsChecked(_problems("Settings", error.problems, _SETTINGS_FIX), None)
    in_order = Finding("ok", "Settings", "All settings are in order.")
    return SettingsChecked((in_order,), settings)


def reach_finding(scratch: duckdb.DuckDBPyConnection) -> Finding:
    """Say how far the sales of a scratch build reach."""
    reach = str(read_reach(scratch))
    return Finding("ok", "Raw data", f"{reach}.")


def findings_of(error: NotBuiltError) -> tuple[Finding, ...]:
    """Return what stopped a scratch build, one finding for each problem."""
    if error.is_raw_data:
        return _problems("Raw data", error.problems, _FILES_FIX)
    return _problems("History", error.problems, _SETTINGS_FIX)


def _problems(subject: str, lines: tuple[str, ...], fix: str) -> tuple[Finding, ...]:
    return tuple(Finding("problem", subject, line, fix) for line in lines)
