"""Look at somebody's file of sales and propose how to read it and which settings suit it.

Nothing here asks or shows anything: `attrition init` does.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import ceil
from pathlib import Path
from typing import Any

import duckdb

from attrition.errors import AttritionError
from attrition.own_data.buckets import DAYS_PER_MONTH
from attrition.own_data.column_match import (
    ColumnProfile,
    best_match,
    date_expression,
    number_expression,
    profile_columns,
)
from attrition.own_data.purchase_history import PurchaseHistory, read_purchases
from attrition.own_data.raw_contract import Column, Table
from attrition.own_data.raw_file import SourceFile, open_raw_file, spelled
from attrition.own_data.readable import read_as, text_of
from attrition.own_data.snapshot_plan import SnapshotPlan, plan_snapshots
from attrition.project.quoting import identifier, literal
from attrition.settings.feature_names import find_definitions
from attrition.settings.loading import check_settings
from attrition.settings.model import Settings

_ASSIGNMENT_ORDER = (
    "sold_on", "customer_id", "is_return", "product_type", "quantity", "amount", "sale_id",
    "product_id",
)  # fmt: skip
_UNIT_PRICES = {"price", "unitprice", "priceperunit", "itemprice", "unitcost"}
_MONTH_HORIZONS = (1, 2, 3, 4, 6, 9, 12)
_WEEK_HORIZONS = (1, 2, 3, 4, 6, 8, 13, 26)


@dataclass(frozen=True)
class ColumnChoice:
    """How one contract column is read from the file.

    Attributes:
        theirs: Column of the file, or of the copy when `derived` is given; None when the file
            has none.
        expression: SQL that reads it as the contract's type.
        derived: SQL of a column that the copy gets in addition, because the contract cannot
            read the file's own; None when it can.
        reason: What speaks for it, in words.
    """

    theirs: str | None
    expression: str
    derived: str | None
    reason: str


@dataclass(frozen=True)
class Proposal:
    """Everything that `attrition init` shows and writes.

    Attributes:
        source: The file.
        columns: {contract column: choice}, in the order of the contract.
        settings: {setting: value} to write.
        reasons: {setting: why}.
        history: What the purchases look like.
        plan: What a build will make of them.
        needs_copy: Whether the project cannot read the file where it lies.
        warnings: What the owner of the file should know.
    """

    source: SourceFile
    columns: Mapping[str, ColumnChoice]
    settings: Mapping[str, Any]
    reasons: Mapping[str, str]
    history: PurchaseHistory
    plan: SnapshotPlan
    needs_copy: bool
    warnings: tuple[str, ...] = field(default=())


def propose(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    *,
    out: str,
    project_dir: Path,
    overrides: Mapping[str, Any],
    sales: Table,
    ask_last_day: Callable[[Mapping[str, Any]], date | None],
    today: date,
) -> Proposal:
    """Look at a file and propose a mapping and settings.

    Args:
        connection: In-memory DuckDB connection; gets temporary tables.
        file: The file of sales.
        out: Folder of the copy, relative to the project.
        project_dir: Folder of `dbt_project.yml`.
        overrides: {setting: value} that win over what would be proposed.
        sales: The raw contract of sales.
        ask_last_day: Answers how far the accepted sales reach under settings, as the project's
            own SQL says; None where it accepts none.
        today: The day of the run.

    Raises:
        AttritionError: When the file is no table, or holds no customers, dates or purchases.
        SettingsError: When an override is wrong.
    """
    source = open_raw_file(connection, file)
    given = dict((overrides.get("raw_columns") or {}).get("sales") or {})
    columns = choose_columns(connection, source, given, sales)
    expressions = {
        name: choice.expression for name, choice in columns.items() if choice.theirs is not None
    }
    needs_copy = not source.is_readable_as_is or any(
        choice.derived is not None for choice in columns.values()
    )
    mapping = {
        name: choice.theirs
        for name, choice in columns.items()
        if choice.theirs is not None and choice.theirs.lower() != name
    }
    read_as_proposed = {
        "raw_data": "source",
        "raw_columns": {"sales": mapping} if mapping else {},
        "feature_domains": ["sales"],
    }
    with tempfile.TemporaryDirectory(prefix="attrition_init_") as name:
        folder = Path(name) if needs_copy else file.resolve().parent
        if needs_copy:
            write_copy(connection, source, columns, folder)
        last_day = ask_last_day({**read_as_proposed, "raw_location": str(folder)})
    history = read_purchases(connection, source.relation, expressions, today, last_day)
    proposed, reasons = propose_settings(history, has_units=columns["quantity"].derived != "1")
    values = {
        **read_as_proposed,
        "raw_location": out if needs_copy else _location(file, project_dir),
        **proposed,
        **{name: value for name, value in overrides.items() if name != "raw_columns"},
    }
    reasons = _all_reasons(reasons, values, needs_copy, source) | dict.fromkeys(
        (name for name in overrides if name != "raw_columns"), "given with --set"
    )
    settings = check_settings(values, find_definitions(project_dir))
    plan = plan_snapshots(connection, history.first_day, history.last_day, settings)
    return Proposal(
        source, columns, values, reasons, history, plan, needs_copy,
        tuple(_warnings(source, history, plan, settings)),
    )  # fmt: skip


def choose_columns(
    connection: duckdb.DuckDBPyConnection,
    source: SourceFile,
    given: Mapping[str, str],
    sales: Table,
) -> dict[str, ColumnChoice]:
    """Choose a column of the file for each column of the contract.

    Args:
        connection: Connection that can read the file.
        source: The file.
        given: {contract column: column of the file} that is settled.
        sales: The raw contract of sales.

    Raises:
        AttritionError: When a required column is found nowhere, or a given one does not exist.
    """
    _check_given(source, given, sales)
    profiles = {p.name: p for p in profile_columns(connection, source.relation, source.columns)}
    settled = {name: spelled(theirs, source.columns) for name, theirs in given.items()}
    chosen: dict[str, ColumnProfile] = {
        name: profiles[theirs] for name, theirs in settled.items() if theirs
    }
    for name in _ASSIGNMENT_ORDER:
        if name in chosen:
            continue
        taken = {profile.name for profile in chosen.values()}
        free = [p for p in profiles.values() if p.name not in taken]
        match = best_match(sales.column(name), _eligible(name, free, chosen))
        if match and (name != "sale_id" or _is_key(connection, source, match.name)):
            chosen[name] = match
    _check_found(source, chosen)
    return {
        column.name: _choice(column, chosen.get(column.name), chosen, source)
        for column in sales.columns
    }


def _eligible(
    name: str, profiles: list[ColumnProfile], chosen: Mapping[str, ColumnProfile]
) -> list[ColumnProfile]:
    """Leave out a price per unit where units are known: it is not the money of the sale."""
    if name != "amount" or "quantity" not in chosen:
        return profiles
    return [p for p in profiles if "".join(filter(str.isalpha, p.name.lower())) not in _UNIT_PRICES]


def _is_key(connection: duckdb.DuckDBPyConnection, source: SourceFile, name: str) -> bool:
    """Say whether a column is filled and different in every row, which a key must be."""
    text = text_of(name)
    return connection.execute(
        f"select count({text}) = count(*) and count(distinct {text}) = count(*) "
        f"from {source.relation}"
    ).fetchall()[0][0]


def _check_given(source: SourceFile, given: Mapping[str, str], sales: Table) -> None:
    for name, theirs in given.items():
        if name in sales.column_names and spelled(str(theirs), source.columns) is None:
            raise AttritionError(
                f"raw_columns.sales.{name}: {source.path.name} has no column `{theirs}`; "
                f"it has {', '.join(source.columns)}."
            )


def _check_found(source: SourceFile, chosen: Mapping[str, ColumnProfile]) -> None:
    for name, what in (("sold_on", "dates"), ("customer_id", "customers")):
        if name not in chosen:
            raise AttritionError(
                f"No column of {source.path.name} looks like {what}; it has "
                f"{', '.join(source.columns)}. A file of sales has a row for each purchase, with "
                f"a customer and a date. If one of these is it: "
                f"--set 'raw_columns={{sales: {{{name}: your_column}}}}'"
            )


def _choice(
    column: Column,
    profile: ColumnProfile | None,
    chosen: Mapping[str, ColumnProfile],
    source: SourceFile,
) -> ColumnChoice:
    """Say how a contract column is read from the column that was chosen for it."""
    if profile is None:
        if column.name == "quantity" and "amount" not in chosen:
            name = _free_name("quantity", source)
            return ColumnChoice(name, "1", "1", "no units and no money: each row counts as one")
        return ColumnChoice(None, "null", None, column.absence)
    free = _free_name(column.name, source)
    if column.type == "date" and profile.date_format is not None:
        read = date_expression(profile.name, profile.date_format)
        derived = f"coalesce(cast({read} as varchar), {text_of(profile.name)})"
        reason = f"`{profile.name}` rewritten: dates as {_words(profile.date_format)}"
        return ColumnChoice(free, read, derived, reason)
    if column.type == "number" and profile.number_format != "plain":
        read = number_expression(profile.name, profile.number_format)
        derived = f"coalesce(cast({read} as varchar), {text_of(profile.name)})"
        reason = f"`{profile.name}` rewritten: numbers with {profile.number_format}"
        return ColumnChoice(free, read, derived, reason)
    expression = read_as(profile.name, column.type)
    return ColumnChoice(profile.name, expression, None, _seen(column, profile))


def _free_name(name: str, source: SourceFile) -> str:
    """Return a name for a column of the copy that the file does not have."""
    taken = {column.lower() for column in source.columns}
    while name in taken:
        name = f"{name}_read"
    return name


def _words(date_format: str) -> str:
    for code, word in (
        ("%d", "day"), ("%m", "month"), ("%b", "month"), ("%Y", "year"), ("%y", "year"),
        (" %H:%M:%S", " with time"), (" %H:%M", " with time"), (" %I:%M:%S %p", " with time"),
    ):  # fmt: skip
        date_format = date_format.replace(code, word)
    return date_format


def _seen(column: Column, profile: ColumnProfile) -> str:
    """Say what was seen in a column."""
    share = {"date": profile.date_share, "number": profile.number_share}.get(column.type)
    if share is not None:
        noun = "dates" if column.type == "date" else "numbers"
        return f"{noun} in {share:.0%} of the filled rows"
    return f"{profile.distinct_share:.1%} of the values differ" if column.is_required else "by name"


def propose_settings(
    history: PurchaseHistory, has_units: bool = True
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return ({setting: value}, {setting: why}) that suit a history of purchases."""
    usual = history.usual_gap_days
    by_week = history.months < 9 or (usual is not None and usual <= 21)
    grain, noun, days = ("week", "weeks", 7.0) if by_week else ("month", "months", DAYS_PER_MONTH)
    length = max(round(history.months * DAYS_PER_MONTH / days), 1)
    horizon = _horizon(usual, length, days, _WEEK_HORIZONS if by_week else _MONTH_HORIZONS)
    windows = [w for w in ((4, 13, 26) if by_week else (3, 6, 12)) if w <= max(length - horizon, 1)]
    labelled = max(length - horizon, 1)
    months = next((n for n in (3, 2) if labelled - n - (horizon - 1) >= 2 * horizon), 1)
    gap_text = (
        "nobody bought twice; half of what the history allows"
        if usual is None
        else f"85 % of a customer's gaps between purchases are {usual:.0f} days or shorter"
    )
    values: dict[str, Any] = {
        "time_grain": grain,
        "attrition_horizon": horizon,
        "lookback_windows": windows or [1],
        "population": "active",
        "split": {"mode": "last_n_months", "months": months},
        "start_month": None,
    }
    reasons = {
        "time_grain": f"{history.months:.0f} months of history, usual gaps counted in {noun}",
        "attrition_horizon": gap_text + f"; the history has {length} {noun}",
        "lookback_windows": f"within the {noun} that lie before a label",
        "population": f"scores whoever bought within the last {horizon} {noun}",
        "split": f"{labelled} labelled snapshots or so: {months} newest for the test",
        "start_month": "as soon as there is a customer",
    }
    if history.dense_month > f"{history.first_day:%Y-%m}":
        values["start_month"] = history.dense_month
        reasons["start_month"] = "hardly a purchase before"
    if has_units and history.days_per_unit:
        values["supply_days_per_unit"] = _two_digits(history.days_per_unit)
        reasons["supply_days_per_unit"] = "days between two purchases over units of the first"
    return values, reasons


def _horizon(usual: float | None, length: int, days: float, candidates: tuple[int, ...]) -> int:
    """Return the shortest horizon that the usual gap fits into and the history allows."""
    longest = max(length // 3, 1)
    wanted = ceil(usual / days - 0.05) if usual is not None else longest
    allowed = [candidate for candidate in candidates if candidate <= longest]
    return next((candidate for candidate in allowed if candidate >= wanted), allowed[-1])


def _two_digits(value: float) -> float | int:
    rounded = float(f"{value:.2g}")
    return int(rounded) if rounded.is_integer() else rounded


def _all_reasons(
    reasons: Mapping[str, str], values: Mapping[str, Any], needs_copy: bool, source: SourceFile
) -> dict[str, str]:
    copied = f"a copy of {source.path.name} will lie there as sales.parquet"
    return {
        "raw_data": "your records instead of the sample",
        "raw_location": copied if needs_copy else f"{source.path.name} is read where it lies",
        "raw_columns": "your names of the columns",
        "feature_domains": "sales alone; add a domain when you have its table",
        **reasons,
    }


def _location(file: Path, project_dir: Path) -> str:
    """Return the folder of a file, relative to the project when it lies inside."""
    folder, root = file.resolve().parent, project_dir.resolve()
    return str(folder.relative_to(root)) if folder.is_relative_to(root) else str(folder)


def _warnings(
    source: SourceFile, history: PurchaseHistory, plan: SnapshotPlan, settings: Settings
) -> list[str]:
    found = []
    if history.unusable_count:
        found.append(
            f"{history.unusable_count:,} of {source.row_count:,} rows have no customer, no date or "
            "a date beyond today; they will stand in attrition_rejected_records."
        )
    if history.stray_count:
        found.append(
            f"{history.stray_count:,} purchases are dated after {history.last_day}, long after all "
            "others; they are not taken for the present."
        )
    if not plan.labelled:
        found.append(
            "No snapshot has a label: the history is shorter than the horizon. Nothing can be "
            "trained; choose a smaller attrition_horizon or bring older sales."
        )
    elif not plan.fitted:
        found.append(
            "No labelled snapshot lies a horizon before the test, so nothing can be trained; "
            "choose a smaller attrition_horizon or split, or bring older sales."
        )
    floors = settings.promotion
    if plan.labelled and (
        plan.test_row_count < floors.min_rows or plan.test_attrition_count < floors.min_attritions
    ):
        found.append(
            f"The test will have {plan.test_row_count:,} rows and {plan.test_attrition_count:,} "
            f"attritions; below {floors.min_rows} and {floors.min_attritions} no model becomes "
            "champion by itself (setting promotion)."
        )
    return found


def write_copy(
    connection: duckdb.DuckDBPyConnection,
    source: SourceFile,
    columns: Mapping[str, ColumnChoice],
    folder: Path,
) -> Path:
    """Write `sales.parquet`: every column of the file, and the rewritten ones beside them.

    Raises:
        AttritionError: When the folder cannot be written.
    """
    path = folder / "sales.parquet"
    partial = folder / ".sales.parquet.partial"
    derived = "".join(
        f", {choice.derived} as {identifier(choice.theirs)}"
        for choice in columns.values()
        if choice.derived is not None and choice.theirs is not None
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"copy (select *{derived} from {source.relation}) "
            f"to {literal(str(partial))} (format parquet, compression zstd)"
        )
        partial.replace(path)
    except (OSError, duckdb.Error) as error:
        raise AttritionError(f"{path} cannot be written: {error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return path
