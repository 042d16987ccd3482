"""Show a summary on a terminal."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from attrition.command_line.summary import SHOWN_METRICS, Summary

SYSTEM_NAMES = {
    "champion": "champion",
    "recency": "recency alone",
    "rfm": "recency, frequency, money",
    "logistic_regression": "logistic regression",
}


def show_summary(
    console: Console,
    summary: Summary,
    published: str,
    pages: Mapping[str, str],
    hints: Sequence[str] = (),
) -> None:
    """Print a summary.

    Args:
        console: Where to.
        summary: What.
        published: Path of the published file.
        pages: Where each page about the build is, by its name.
        hints: What to do next, one line each.
    """
    _show_scores(console, summary)
    _show_champion(console, summary)
    if summary.training and summary.training != summary.champion_reason:
        plan = f"  Planned before this build: {summary.training}"
        console.print(plan, soft_wrap=True, markup=False)
    _show_at_risk(console, summary)
    _show_rejected(console, summary)
    console.print("\n[bold]Where things are[/bold]")
    copy = f"{published} ({len(summary.tables)} tables, read-only copy)"
    console.print(f"  tables  {copy}", soft_wrap=True, markup=False)
    for name, place in pages.items():
        console.print(f"  {name:<7} {place}", soft_wrap=True, markup=False)
    if hints:
        console.print("\n[bold]What to do next[/bold]")
        for hint in hints:
            console.print(f"  {hint}", soft_wrap=True, markup=False)


def _show_scores(console: Console, summary: Summary) -> None:
    console.print("\n[bold]Scores[/bold]")
    if summary.customer_count == 0:
        why = ", because there is no champion" if summary.champion_version is None else ""
        console.print(f"  No customer is scored{why}.")
        return
    share = summary.expected_attritions / summary.customer_count
    console.print(
        f"  {summary.customer_count:,} customers scored as of {summary.as_of_date}; "
        f"{summary.expected_attritions:,.0f} attritions expected ({share:.1%}), "
        f"{summary.predicted_attritions:,} customers predicted to leave"
        + ("." if summary.new_on_list is None else f", {summary.new_on_list:,} of them new."),
        soft_wrap=True,
    )
    if summary.value_at_risk is not None:
        console.print(
            f"  At risk is {summary.value_at_risk:,.0f} in money. ({summary.gain_basis})"
            if summary.gain_basis
            else f"  At risk is {summary.value_at_risk:,.0f} in money.",
            soft_wrap=True,
            markup=False,
        )
    if summary.contact_count:
        gain = (
            f", expected to gain {summary.contact_gain:,.0f}"
            if summary.contact_gain is not None
            else ", by risk alone"
        )
        console.print(
            f"  {summary.contact_count:,} to be contacted{gain}: attrition_contact_list.",
            soft_wrap=True,
        )


def _show_champion(console: Console, summary: Summary) -> None:
    console.print("\n[bold]Champion[/bold]")
    if summary.champion_version is None:
        reason = summary.champion_reason or "nothing has been trained yet"
        console.print(f"  There is no champion: {reason}", soft_wrap=True, markup=False)
        return
    text = f"  {summary.champion_version}"
    if summary.champion_form:
        text += f" is {summary.champion_form}"
    if summary.champion_reason:
        text += f" ({summary.champion_reason})"
    console.print(text, soft_wrap=True, markup=False)
    if not summary.results:
        console.print("  It has no metrics on test rows.")
        return
    first = summary.results[0]
    table = Table(
        title=f"On {first.row_count:,} test rows, {first.attrition_count:,} of them attritions",
        title_justify="left",
    )
    table.add_column("")
    for header in ("ROC AUC", "average precision", "log loss", "Brier", "ECE", "top-decile lift"):
        table.add_column(header, justify="right")
    for result in summary.results:
        values = ["" if value is None else f"{value:.4f}" for value in result.metrics]
        table.add_row(SYSTEM_NAMES.get(result.system, result.system), *values[: len(SHOWN_METRICS)])
    console.print(table)


def _show_at_risk(console: Console, summary: Summary) -> None:
    if not summary.at_risk:
        return
    table = Table(title="Most at risk", title_justify="left")
    table.add_column("customer", no_wrap=True)
    table.add_column("probability", justify="right")
    has_value = any(customer.value_at_risk is not None for customer in summary.at_risk)
    if has_value:
        table.add_column("at risk", justify="right")
    table.add_column("first reason")
    for customer in summary.at_risk:
        value = "" if customer.value_at_risk is None else f"{customer.value_at_risk:,.0f}"
        table.add_row(
            Text(customer.customer_id),
            f"{customer.probability:.1%}",
            *([value] if has_value else []),
            Text(customer.reason or ""),
        )
    console.print()
    console.print(table)


def _show_rejected(console: Console, summary: Summary) -> None:
    total = sum(count for _, _, count in summary.rejected)
    console.print("\n[bold]Rejected records[/bold]")
    if not total:
        console.print("  none")
        return
    console.print(f"  {total:,} records break the raw contract (attrition_rejected_records)")
    table = Table()
    table.add_column("table")
    table.add_column("rule")
    table.add_column("records", justify="right")
    for name, rule, count in summary.rejected:
        table.add_row(Text(name), Text(rule), f"{count:,}")
    console.print(table)
