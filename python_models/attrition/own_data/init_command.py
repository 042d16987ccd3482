"""The conversation of `attrition init`: show a proposal, ask, write."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from attrition.doctor.view import show_findings, show_splits
from attrition.errors import AttritionError
from attrition.own_data.horizon_text import read_horizon
from attrition.own_data.proposal import Proposal, propose
from attrition.own_data.purchase_history import PurchaseHistory
from attrition.own_data.reading import DayOrderError, Told
from attrition.project.profile import connection_of
from attrition.project.project_file import changed_project_file, difference, replace_file
from attrition.project.scratch import scratch_build
from attrition.settings.loading import load_settings
from attrition.settings.problems import shown_as_yaml
from attrition.settings.yaml_text import read_yaml


def run_init(
    console: Console,
    raw: Path,
    *,
    out: Path,
    yes: bool,
    changes: Sequence[str],
    project_dir: Path,
    told: Told | None = None,
    horizon: str | None = None,
) -> None:
    """Look at `raw`, show the proposal, and write it after a yes.

    Args:
        console: Where to show it.
        raw: The file of sales.
        out: Folder of a copy, relative to the project unless it is absolute.
        yes: Write without asking.
        changes: Texts `name=value`, the value as YAML, that win over the proposal.
        project_dir: Folder of `dbt_project.yml`.
        told: What somebody said of the file; columns are among `changes`.
        horizon: How long a silence makes an attrition, such as `28 days`.

    Raises:
        AttritionError: When the file or a change is not usable, or a build would stop.
    """
    overrides = parse_changes(changes)
    if horizon is not None:
        overrides |= _of_horizon(horizon, overrides)
    # a mistyped change is said before a large file is read
    load_settings(project_dir, {"raw_location": str(out), **overrides})
    project_file = project_dir / "dbt_project.yml"
    before = project_file.read_text(encoding="utf-8")
    profile = connection_of(project_dir)

    def build(
        values: Mapping[str, Any], ends: Sequence[str]
    ) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        return scratch_build(project_dir, values, profile, ends)

    console.print(
        f"Looking at {raw.name}, and building what comes of it in a scratch folder.", markup=False
    )
    with duckdb.connect() as connection:
        look = partial(
            propose,
            connection,
            raw,
            out=out.as_posix(),
            project_dir=project_dir,
            overrides=overrides,
            build=build,
        )
        proposal = _proposed(console, look, told or Told(), yes)
        after = changed_project_file(before, proposal.settings)
        show_proposal(console, proposal)
        if proposal.facts is None:
            raise AttritionError("Nothing was written: a build would stop, as said above.")
        show_changes(console, proposal, difference(before, after), project_dir / out)
        if not yes and not typer.confirm("Write this?", default=True):
            console.print("Nothing was written.")
            return
        if proposal.reading.needs_copy:
            proposal.reading.write_copy(connection, project_dir / out)
        replace_file(project_file, after)
    stops = any(finding.status == "problem" for finding in proposal.findings)
    console.print(
        "Written, but nobody will be scored yet." if stops else "Written. Next: make build"
    )


def _proposed(console: Console, look: Callable[..., Proposal], told: Told, yes: bool) -> Proposal:
    """Return the proposal, after asking for the order of day and month where nothing tells."""
    try:
        return look(told=told)
    except DayOrderError as error:
        if yes:
            raise
        console.print(str(error), soft_wrap=True, markup=False)
        day_first = typer.confirm("Does the day stand first?", default=None)
        return look(told=replace(told, day_first=day_first))


def parse_changes(changes: Sequence[str]) -> dict[str, Any]:
    """Return {setting: value} of texts `name=value`; raise AttritionError when one is not that."""
    values = {}
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals or not name.strip():
            raise AttritionError(f"--set needs NAME=VALUE, not {change!r}.")
        values[name.strip()] = read_yaml(text, f"--set {name}: {text!r}")
    return values


def _of_horizon(text: str, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a horizon, which `--set` must not say too."""
    found = read_horizon(text)
    for name in found:
        if name in overrides:
            raise AttritionError(f"--horizon and --set {name} say the same; leave one of them out.")
    return found


def parse_undone(options: Sequence[str]) -> dict[str, list[str]]:
    """Return {column: values} of texts `column=value,value`; raise AttritionError when none."""
    undone: dict[str, list[str]] = {}
    for option in options:
        column, _, values = option.rpartition("=")
        listed = [value.strip() for value in values.split(",") if value.strip()]
        if not column.strip() or not listed:
            raise AttritionError(f"--undone needs COLUMN=VALUE,VALUE, not {option!r}.")
        undone.setdefault(column.strip(), []).extend(listed)
    return undone


def show_proposal(console: Console, proposal: Proposal) -> None:
    """Show the file, the mapping, the settings and what a build will do."""
    source, history = proposal.reading.source, proposal.history
    console.print(
        f"\n{source.path.name}: {source.form}, {source.row_count:,} rows. "
        f"{history.customer_count:,} customers bought from {history.first_day} to "
        f"{history.last_day}; {history.repeating_count:,} of them more than once.",
        soft_wrap=True,
        markup=False,
    )
    table = Table(title="Columns of sales", title_justify="left")
    for header in ("contract", "your column", "why"):
        table.add_column(header)
    for name, choice in proposal.reading.columns.items():
        # a column that only the copy has is none of theirs
        yours = choice.original or (choice.theirs if choice.derived is None else None)
        table.add_row(name, escape(yours or "-"), escape(choice.reason))
    console.print(table)
    show_periods(console, history)
    table = Table(title="Settings", title_justify="left")
    for header in ("setting", "proposal", "why"):
        table.add_column(header)
    for name, value in proposal.settings.items():
        text = shown_as_yaml(value)
        table.add_row(name, escape(text), escape(proposal.reasons.get(name, "")))
    console.print(table)
    console.print("What a build will make of it:")
    if proposal.facts is not None:
        show_splits(console, proposal.facts)
    show_findings(console, proposal.findings)


def show_periods(console: Console, history: PurchaseHistory) -> None:
    """Show what was read by year and for the last months, to compare with one's own books."""
    table = Table(title="Sales as the build reads them, returns taken off", title_justify="left")
    table.add_column("")
    for header in ("records", "returns", "customers", "units", "money"):
        table.add_column(header, justify="right")
    for period in history.periods:
        counts = (period.record_count, period.return_count, period.customer_count)
        table.add_row(
            period.name,
            *(f"{count:,}" for count in counts),
            f"{period.units:,.10g}",
            f"{period.money:,.2f}",
        )
    console.print(table)


def show_changes(console: Console, proposal: Proposal, diff: str, folder: Path) -> None:
    """Show what would be written."""
    console.print("\nWhat will be written:")
    if proposal.reading.needs_copy:
        console.print(f"  {folder / 'sales.parquet'}", soft_wrap=True, markup=False)
    if not diff:
        console.print("  dbt_project.yml stays as it is.")
    for line in diff.splitlines():
        style = {"+": "green", "-": "red"}.get(line[:1])
        console.print(line, style=style, soft_wrap=True, markup=False)
