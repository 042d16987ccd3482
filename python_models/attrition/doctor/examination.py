"""The doctor's round: every check in turn, shown as it comes."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from attrition.doctor.connection import check_warehouse, duckdb_path
from attrition.doctor.facts import read_facts
from attrition.doctor.features import feature_findings, read_feature_facts
from attrition.doctor.finding import Finding, has_problems
from attrition.doctor.installed import check_installed
from attrition.doctor.outlook import outlook
from attrition.doctor.pinned import check_pinned
from attrition.doctor.sources import check_sources
from attrition.doctor.view import show_findings, show_splits, show_verdict
from attrition.errors import AttritionError
from attrition.project.dbt_process import Connection, connection_of
from attrition.project.scratch import scratch_build
from attrition.settings.model import Settings
from attrition.warehouse.abilities import abilities_of


def examine(
    console: Console,
    project_dir: Path,
    overrides: Mapping[str, Any],
    *,
    target: str | None = None,
    is_quick: bool = False,
) -> tuple[Finding, ...]:
    """Look at everything, show it, and return what was found.

    Args:
        console: Where to show it.
        project_dir: Folder of `dbt_project.yml`.
        overrides: What `--vars` says.
        target: Output of the profile; None for its default.
        is_quick: Leave out the build in a scratch folder, hence all about the dataset.

    Raises:
        AttritionError: The project or the profile cannot be read.
    """
    connection = connection_of(project_dir, target)
    abilities = abilities_of(connection.type)
    sources = check_sources(project_dir, overrides, abilities)
    findings = list(sources.findings)
    findings += check_installed(project_dir)
    findings += check_warehouse(connection, project_dir, sources.settings)
    if sources.settings is not None and abilities.is_a_file:
        findings += check_pinned(sources.settings, project_dir / duckdb_path(connection))
    show_findings(console, findings)
    reason = _why_not_built(sources.settings, sources.findings, connection, is_quick=is_quick)
    if sources.settings is None or reason:
        findings += _shown(console, [Finding("ok", "Dataset", f"Not looked at: {reason}.")])
    else:
        findings += _dataset(console, project_dir, overrides, connection, sources.settings)
    show_verdict(console, findings)
    return tuple(findings)


def _why_not_built(
    settings: Settings | None,
    findings: Iterable[Finding],
    connection: Connection,
    *,
    is_quick: bool,
) -> str | None:
    """Say why the dataset is not looked at, None where it is."""
    if settings is None or has_problems(findings):
        return "the problems above come first"
    if is_quick:
        return "left out by --quick"
    if not abilities_of(connection.type).is_a_file:
        return f"on {connection.type} this would make tables of yours"
    return None


def _dataset(
    console: Console,
    project_dir: Path,
    overrides: Mapping[str, Any],
    connection: Connection,
    settings: Settings,
) -> list[Finding]:
    """Build the dataset in a scratch folder and say what it means."""
    console.print("\nBuilding the dataset in a scratch folder; your tables stay as they are.")
    try:
        with scratch_build(project_dir, overrides, connection) as scratch:
            facts = read_facts(scratch)
            features = read_feature_facts(scratch) if facts.snapshots else None
    except AttritionError as error:
        fix = "dbt has said why above; `attrition build --verbose` shows all of it."
        return _shown(console, [Finding("problem", "Dataset", f"It failed: {error}.", fix)])
    show_splits(console, facts)
    found = outlook(facts, settings)
    return _shown(console, found + (feature_findings(features) if features else []))


def _shown(console: Console, findings: list[Finding]) -> list[Finding]:
    show_findings(console, findings)
    return findings
