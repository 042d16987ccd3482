"""The doctor's round: every check in turn, shown as it comes."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from attrition.doctor.connection import check_warehouse
from attrition.doctor.facts import read_facts
from attrition.doctor.features import feature_findings, read_feature_facts
from attrition.doctor.finding import Finding, has_problems
from attrition.doctor.installed import check_installed
from attrition.doctor.memory import installed_memory, memory_finding, memory_limit
from attrition.doctor.outlook import outlook
from attrition.doctor.pinned import check_pinned
from attrition.doctor.sources import check_settings_of, findings_of, reach_finding
from attrition.doctor.view import show_findings, show_splits, show_verdict
from attrition.project.profile import Connection, connection_of
from attrition.project.scratch import DATASET, REACH, NotBuiltError, scratch_build
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
        is_quick: Look at settings and sales, not at the dataset.

    Raises:
        AttritionError: The project or the profile cannot be read.
    """
    connection = connection_of(project_dir, target)
    abilities = abilities_of(connection.type)
    sources = check_settings_of(project_dir, overrides, abilities)
    findings = list(sources.findings)
    findings += check_installed(project_dir)
    findings += check_warehouse(connection, project_dir, sources.settings, is_quick=is_quick)
    if sources.settings is not None and abilities.is_a_file:
        findings += check_pinned(sources.settings, project_dir / connection.database)
    show_findings(console, findings)
    reason = _why_not_built(sources.settings, sources.findings, connection)
    if sources.settings is None or reason:
        findings += _shown(console, [Finding("ok", "Dataset", f"Not looked at: {reason}.")])
    else:
        findings += _built(
            console, project_dir, overrides, connection, sources.settings, is_quick=is_quick
        )
    show_verdict(console, findings)
    return tuple(findings)


def _why_not_built(
    settings: Settings | None, findings: Iterable[Finding], connection: Connection
) -> str | None:
    """Say why nothing is built to look at, None where it is."""
    if settings is None or has_problems(findings):
        return "the problems above come first"
    if not abilities_of(connection.type).is_a_file:
        return f"on {connection.type} this would make tables of yours"
    return None


def _built(
    console: Console,
    project_dir: Path,
    overrides: Mapping[str, Any],
    connection: Connection,
    settings: Settings,
    *,
    is_quick: bool,
) -> list[Finding]:
    """Build the dataset, or only the sales, in a scratch folder and say what it means."""
    what, ends = ("sales", REACH) if is_quick else ("dataset", DATASET)
    console.print(f"\nBuilding the {what} in a scratch folder; your tables stay as they are.")
    try:
        with scratch_build(project_dir, overrides, connection, ends) as scratch:
            reach = _shown(console, [reach_finding(scratch)])
            if is_quick:
                left_out = Finding("ok", "Dataset", "Not looked at: left out by --quick.")
                return reach + _shown(console, [left_out])
            facts = read_facts(scratch)
            features = read_feature_facts(scratch) if facts.snapshots else None
    except NotBuiltError as error:
        return _shown(console, list(findings_of(error)))
    show_splits(console, facts)
    found = outlook(facts, settings)
    if features:
        rows = min(facts.labelled.rows, settings.max_rows)
        limit = memory_limit(connection)
        found.append(memory_finding(rows, features.count, limit, installed_memory()))
        found += feature_findings(features)
    return reach + _shown(console, found)


def _shown(console: Console, findings: list[Finding]) -> list[Finding]:
    show_findings(console, findings)
    return findings
