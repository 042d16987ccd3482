"""The conversation of `attrition init`: show a proposal, ask, write."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import typer
import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from attrition.errors import AttritionError
from attrition.own_data.proposal import Proposal, propose, write_copy
from attrition.own_data.raw_contract import read_raw_contract
from attrition.project.dbt_process import connection_of
from attrition.project.project_file import changed_project_file, difference, replace_file
from attrition.project.scratch import read_reach, scratch_build
from attrition.settings.loading import load_settings
from attrition.settings.problems import shown


def run_init(
    console: Console,
    raw: Path,
    *,
    out: Path,
    yes: bool,
    changes: Sequence[str],
    project_dir: Path,
    today: date,
) -> None:
    """Look at `raw`, show the proposal, and write it after a yes.

    Args:
        console: Where to show it.
        raw: The file of sales.
        out: Folder of a copy, relative to the project unless it is absolute.
        yes: Write without asking.
        changes: Texts `name=value`, the value as YAML, that win over the proposal.
        project_dir: Folder of `dbt_project.yml`.
        today: The day of the run.

    Raises:
        AttritionError: When the file or a change is not usable.
    """
    overrides = parse_changes(changes)
    # a mistyped change is said before a large file is read
    load_settings(project_dir, {"raw_location": str(out), **overrides})
    project_file = project_dir / "dbt_project.yml"
    before = project_file.read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        proposal = propose(
            connection,
            raw,
            out=out.as_posix(),
            project_dir=project_dir,
            overrides=overrides,
            sales=read_raw_contract(project_dir)["sales"],
            ask_last_day=lambda values: last_accepted_day(project_dir, values),
            today=today,
        )
        load_settings(project_dir, proposal.settings)
        after = changed_project_file(before, proposal.settings)
        show_proposal(console, proposal)
        show_changes(console, proposal, difference(before, after), project_dir / out)
        if not yes and not typer.confirm("Write this?", default=True):
            console.print("Nothing was written.")
            return
        if proposal.needs_copy:
            write_copy(connection, proposal.source, proposal.columns, project_dir / out)
        replace_file(project_file, after)
    console.print("Written. Next: make build", markup=False)


def last_accepted_day(project_dir: Path, values: Mapping[str, Any]) -> date | None:
    """Return the last day that the project's own SQL believes of sales under settings.

    Raises:
        NotBuiltError: dbt failed, with what it said.
    """
    connection = connection_of(project_dir)
    with scratch_build(project_dir, values, connection, ["int_records__sales"]) as scratch:
        return read_reach(scratch).last_day


def parse_changes(changes: Sequence[str]) -> dict[str, Any]:
    """Return {setting: value} of texts `name=value`; raise AttritionError when one is not that."""
    values = {}
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals or not name.strip():
            raise AttritionError(f"--set needs NAME=VALUE, not {change!r}.")
        try:
            values[name.strip()] = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise AttritionError(f"--set {name}: {text!r} is not valid YAML: {error}") from error
    return values


def show_proposal(console: Console, proposal: Proposal) -> None:
    """Show the file, the mapping, the settings and what a build will do."""
    source, history = proposal.source, proposal.history
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
    for name, choice in proposal.columns.items():
        table.add_row(name, escape(choice.theirs or "-"), escape(choice.reason))
    console.print(table)
    table = Table(title="Settings", title_justify="left")
    for header in ("setting", "proposal", "why"):
        table.add_column(header)
    for name, value in proposal.settings.items():
        text = shown(value).replace('"', "")
        table.add_row(name, escape(text), escape(proposal.reasons.get(name, "")))
    console.print(table)
    for line in plan_lines(proposal):
        console.print(line, soft_wrap=True, markup=False)
    for warning in proposal.warnings:
        console.print(f"Mind: {warning}", soft_wrap=True, markup=False)


def plan_lines(proposal: Proposal) -> list[str]:
    """Say in sentences what `make build` will do."""
    plan = proposal.plan
    if not plan.snapshots:
        return ["make build will find no snapshot: the history lies outside the months asked for."]
    grain = proposal.settings["time_grain"]
    noun = "snapshot" if len(plan.snapshots) == 1 else "snapshots"
    lines = [
        f"make build will make {len(plan.snapshots)} {noun}, one a {grain}, from "
        f"{plan.snapshots[0]} to {plan.snapshots[-1]}."
    ]
    if plan.labelled:
        text = f"{len(plan.labelled)} have a label ({plan.labelled[0]} to {plan.labelled[-1]})"
        if plan.test:
            text += f": {len(plan.fitted)} to learn from, {len(plan.test)} as the test ("
            text += f"{plan.test_row_count:,} rows, {plan.test_attrition_count:,} attritions)"
        between = len(plan.labelled) - len(plan.fitted) - len(plan.test)
        if between > 0 and plan.test:
            text += f", {between} left out because their labels reach into the test"
        lines.append(text + f". The newest, {plan.snapshots[-1]}, is scored.")
    lines.append(f"{plan.customers_to_score:,} customers will get a probability.")
    return lines


def show_changes(console: Console, proposal: Proposal, diff: str, folder: Path) -> None:
    """Show what would be written."""
    console.print("\nWhat will be written:")
    if proposal.needs_copy:
        console.print(f"  {folder / 'sales.parquet'}", soft_wrap=True, markup=False)
    if not diff:
        console.print("  dbt_project.yml stays as it is.")
    for line in diff.splitlines():
        style = {"+": "green", "-": "red"}.get(line[:1])
        console.print(line, style=style, soft_wrap=True, markup=False)
