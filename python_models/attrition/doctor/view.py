"""Show the doctor's findings on a terminal."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from attrition.doctor.facts import DatasetFacts
from attrition.doctor.finding import Finding

_STYLES = {"ok": "green", "warning": "yellow", "problem": "red"}
_INDENT = " " * 9


def show_findings(console: Console, findings: Iterable[Finding]) -> None:
    """Print one line per finding, and one for its fix."""
    for finding in findings:
        console.print(f"{finding.status:<9}", style=_STYLES[finding.status], end="")
        console.print(f"{finding.subject}: {finding.text}", markup=False, soft_wrap=True)
        if finding.fix:
            console.print(f"{_INDENT}Fix: {finding.fix}", markup=False, soft_wrap=True)


def show_splits(console: Console, facts: DatasetFacts) -> None:
    """Print rows, customers and attritions of each split."""
    table = Table(
        title="Modeling dataset", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
    )
    table.add_column("split", no_wrap=True)
    for header in ("rows", "customers", "left", "share"):
        table.add_column(header, justify="right")
    table.add_column("from", no_wrap=True)
    table.add_column("to", no_wrap=True)
    for split in facts.splits:
        counts, is_labelled = split.counts, split.split != "unlabelled"
        table.add_row(
            split.split,
            f"{counts.rows:,}",
            f"{split.customers:,}",
            f"{counts.attritions:,}" if is_labelled else "",
            f"{counts.attritions / counts.rows:.1%}" if is_labelled and counts.rows else "",
            str(split.first_date or ""),
            str(split.last_date or ""),
        )
    console.print(table)


def show_verdict(console: Console, findings: Sequence[Finding]) -> None:
    """Print how many findings of each kind there are."""
    problems = sum(finding.status == "problem" for finding in findings)
    warnings = sum(finding.status == "warning" for finding in findings)
    if not problems and not warnings:
        console.print("\nEverything is in order.")
        return
    counts = [_count(problems, "problem"), _count(warnings, "warning")]
    console.print(f"\n{', '.join(count for count in counts if count)}.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""
