"""Look at somebody's file of sales and propose how to read it and which settings suit it.

Nothing here asks or shows anything: `attrition init` does.
"""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from attrition.doctor.facts import DatasetFacts, read_facts
from attrition.doctor.finding import Finding
from attrition.doctor.outlook import outlook
from attrition.doctor.sources import findings_of
from attrition.own_data.contract_sql import ContractSql
from attrition.own_data.doubts import Doubts
from attrition.own_data.purchase_history import HISTORY, PurchaseHistory, read_history
from attrition.own_data.raw_contract import read_raw_contract
from attrition.own_data.reading import Reading, Told, read_file
from attrition.own_data.setting_proposal import propose_settings
from attrition.project.scratch import DATASET, NotBuiltError
from attrition.settings.feature_names import find_definitions
from attrition.settings.loading import check_settings

_LARGE_SHARE = 0.2
_GRAIN_AND_HORIZON = ("time_grain", "attrition_horizon")
Build = Callable[
    [Mapping[str, Any], Sequence[str]], AbstractContextManager[duckdb.DuckDBPyConnection]
]
"""Builds some models of the project under settings, and gives the database to read."""


@dataclass(frozen=True)
class Proposal:
    """Everything that `attrition init` shows and writes.

    Attributes:
        reading: The file, and how it is read.
        settings: {setting: value} to write.
        reasons: {setting: why}.
        history: What the purchases look like.
        facts: The dataset that a build makes of them, None where it would stop.
        findings: What that means, or what stops it.
    """

    reading: Reading
    settings: Mapping[str, Any]
    reasons: Mapping[str, str]
    history: PurchaseHistory
    facts: DatasetFacts | None
    findings: tuple[Finding, ...]


def propose(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    *,
    out: str,
    project_dir: Path,
    overrides: Mapping[str, Any],
    build: Build,
    told: Told,
) -> Proposal:
    """Look at a file and propose a mapping and settings.

    What is said of the purchases and of the dataset is read from builds of the project itself.

    Args:
        connection: In-memory DuckDB connection; gets temporary tables.
        file: The file of sales.
        out: Folder of the copy, relative to the project.
        project_dir: Folder of `dbt_project.yml`.
        overrides: {setting: value} that win over what would be proposed.
        build: Builds the project's models.
        told: What somebody said of the file; columns come from `overrides`.

    Raises:
        AttritionError: When the file is no table, or holds no customers, dates or purchases.
        SettingsError: When an override is wrong.
    """
    given = dict((overrides.get("raw_columns") or {}).get("sales") or {})
    told = replace(told, columns=given)
    others = {name: value for name, value in overrides.items() if name != "raw_columns"}
    contract = read_raw_contract(project_dir)["sales"]
    reading = read_file(connection, file, told, contract, ContractSql(project_dir))
    with reading.readable_folder(connection) as folder:
        read_there = reading.settings(str(folder))
        with build({**others, **read_there}, HISTORY) as scratch:
            history = read_history(scratch)
        has_units = reading.columns["quantity"].derived != "1"
        # checked first: null stands for a default, and no wrong value is counted with
        given = check_settings({**read_there, **others})
        grain_and_horizon = {n: getattr(given, n) for n in _GRAIN_AND_HORIZON if n in others}
        proposed, reasons = propose_settings(history, has_units, grain_and_horizon)
        location = out if reading.needs_copy else _location(file, project_dir)
        values = {**reading.settings(location), **proposed, **others}
        settings = check_settings(values, find_definitions(project_dir))
        try:
            with build({**values, "raw_location": str(folder)}, DATASET) as scratch:
                facts = read_facts(scratch)
        except NotBuiltError as error:
            facts, findings = None, findings_of(error)
        else:
            findings = tuple(outlook(facts, settings))
    findings = (*purchase_findings(history, reading), *findings)
    reasons = _all_reasons(reasons, reading) | dict.fromkeys(others, "as you said")
    return Proposal(reading, values, reasons, history, facts, findings)


def purchase_findings(history: PurchaseHistory, reading: Reading) -> Iterator[Finding]:
    """Yield what makes the customers or the purchases of a file doubtful."""
    if not history.repeating_count:
        yield Finding(
            "warning", "Customers",
            f"Nobody bought on two days: is `{reading.columns['customer_id'].theirs}` the "
            "customer, and not the order?",
            "--set 'raw_columns={sales: {customer_id: your_column}}'",
        )  # fmt: skip
    if history.first_day == history.last_day:
        yield Finding(
            "warning", "Purchases",
            f"All purchases lie on one day, {history.first_day}, and who leaves shows over months.",
            "Bring the sales of two years or more.",
        )  # fmt: skip
    if history.largest_share >= _LARGE_SHARE:
        yield Finding(
            "warning", "Customers",
            f"{history.largest_share:.0%} of the purchases are by one customer, "
            f"{history.largest_customer}: a wholesaler, or an id that stands for guests?",
            f"Guests are left out by --guest {shlex.quote(history.largest_customer)}.",
        )  # fmt: skip
    elif history.doubtful_customers:
        named = ", ".join(f"{name} ({count:,})" for name, count in history.doubtful_customers)
        options = " ".join(f"--guest {shlex.quote(name)}" for name, _ in history.doubtful_customers)
        yield Finding(
            "warning", "Customers",
            f"These ids look as if they stood for no customer, with their purchases: {named}.",
            f"Leave them out: {options}.",
        )  # fmt: skip
    for name, unread in reading.unread.items():
        verb = "is" if unread.count == 1 else "are"
        yield Finding(
            "warning", "Values",
            f"{unread.count:,} of {unread.total:,} values of `{name}` {verb} written unlike the "
            f"others: {unread.example} cannot be read, {unread.read} can.",
            "Such records are rejected; correct them in the file to have them count.",
        )  # fmt: skip
    for name, values in reading.undone.items():
        yield Finding(
            "warning", "Purchases",
            f"`{name}` says of sales that they were undone ({', '.join(values)}), and nothing "
            "reads it: they count as purchases.",
            "Read them as returns: --undone " + shlex.quote(f"{name}={','.join(values)}") + ".",
        )  # fmt: skip
    if reading.spelled_apart:
        yield Finding(
            "warning", "Customers",
            f"{reading.spelled_apart:,} customers differ from another in capitals alone, and count "
            "as customers of their own.",
            "Write an id in one way throughout the file, if they are the same.",
        )  # fmt: skip
    yield from figure_findings(reading.doubts)


def figure_findings(doubts: Doubts) -> Iterator[Finding]:
    """Yield what makes money and units doubtful."""
    for name, found in doubts.currencies.items():
        yield Finding(
            "warning", "Purchases",
            f"`{name}` names several currencies ({', '.join(found)}), and money is added up as if "
            "they were one.",
            "Convert it in the file, or read no money: "
            "--set 'raw_columns={sales: {amount: null}}'.",
        )  # fmt: skip
    if doubts.repeated:
        money, order = doubts.repeated
        yield Finding(
            "warning", "Purchases",
            f"`{money}` is the same in all lines of each `{order}` that has several: it looks like "
            "the money of the whole, and counts once for each line.",
            "Bring the money of each line, or one line each; or name another column: "
            "--set 'raw_columns={sales: {amount: your_column}}'.",
        )  # fmt: skip
    if doubts.heavy:
        units, of_units, of_rows = doubts.heavy
        yield Finding(
            "warning", "Purchases",
            f"{of_units:.0%} of all units stand in {of_rows:.1%} of the records: `{units}` seems "
            "to count other things there, such as millilitres or grams.",
            "Bring all units in one measure, or read none: "
            "--set 'raw_columns={sales: {quantity: null}}'.",
        )  # fmt: skip
    for column, names, what in (
        ("quantity", doubts.no_units, "units, and each sale counts as one"),
        ("amount", doubts.no_money, "money, which is 0 for all sales"),
    ):
        if names:
            yield Finding(
                "warning", "Purchases",
                f"No column was taken for {what}. These hold numbers that nothing reads: "
                f"{', '.join(names)}.",
                f"If one is it: --set 'raw_columns={{sales: {{{column}: your_column}}}}'.",
            )  # fmt: skip


def _all_reasons(reasons: Mapping[str, str], reading: Reading) -> dict[str, str]:
    name = reading.source.path.name
    copied = f"a copy of {name} will lie there as sales.parquet"
    return {
        "raw_data": "your records instead of the sample",
        "raw_location": copied if reading.needs_copy else f"{name} is read where it lies",
        "raw_csv": "as the file is written",
        "raw_columns": "your names of the columns",
        "feature_domains": "sales alone; add a domain when you have its table",
        **reasons,
    }


def _location(file: Path, project_dir: Path) -> str:
    """Return the folder of a file, relative to the project when it lies inside."""
    folder, root = file.resolve().parent, project_dir.resolve()
    return str(folder.relative_to(root)) if folder.is_relative_to(root) else str(folder)
