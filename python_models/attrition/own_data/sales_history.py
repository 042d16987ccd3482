"""How far the sales reach, against the horizon and the months of the settings.

The macros `sales_history` and `history_problems` say the same in a plain `dbt build`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from attrition.own_data.buckets import bucket_of, bucket_start, first_bucket_in, last_bucket_in
from attrition.own_data.raw_check import RawFile, relation_of, spelled
from attrition.own_data.raw_contract import RAW_TABLES
from attrition.own_data.readable import literal, read_as, text_of
from attrition.settings.loading import SettingsError
from attrition.settings.model import Settings

_EARLIEST = date(1900, 1, 1)
_SAMPLE = "seeds/raw_sales.csv"


@dataclass(frozen=True)
class SalesHistory:
    """First and last day of the accepted sales, and the time buckets that settings make of them.

    Attributes:
        first_day: Day of the first sale.
        last_day: Day of the last one.
        first_bucket: Bucket of the first sale.
        newest_bucket: Bucket whose first day is the newest snapshot, by `max_month` at the latest.
        start_bucket: First bucket of `start_month`, None without it.
        first_snapshot: First day of the bucket after the first sale's.
        newest_snapshot: First day of the newest bucket.
    """

    first_day: date
    last_day: date
    first_bucket: int
    newest_bucket: int
    start_bucket: int | None
    first_snapshot: date
    newest_snapshot: date


def check_history(
    settings: Settings, project_dir: Path, files: Mapping[str, RawFile]
) -> SalesHistory | None:
    """Look at the first and the last sale of the sample or of one's own file.

    Args:
        settings: Checked settings.
        project_dir: Folder of `dbt_project.yml`.
        files: Result of `check_raw_files`.

    Returns:
        The history, None where the sales cannot be read from here: `dbt build` reads them then.

    Raises:
        SettingsError: The horizon is longer than the sales, or the months lie outside them.
    """
    if settings.raw_data == "sample":
        candidates = (project_dir / _SAMPLE, project_dir / "dbt_packages" / "attrition" / _SAMPLE)
        path = next((str(path) for path in candidates if path.is_file()), None)
        mapping: Mapping[str, str] = {}
    else:
        path = files["sales"].path if "sales" in files else None
        mapping = settings.raw_columns.get("sales", {})
    bounds = sales_bounds(path, mapping, date.today()) if path else None
    if bounds is None:
        return None
    history = history_of(*bounds, settings)
    problems = history_problems(history, settings)
    if problems:
        raise SettingsError(problems)
    return history


def sales_bounds(path: str, mapping: Mapping[str, str], today: date) -> tuple[date, date] | None:
    """Return first and last day of the sales in a file that the raw contract accepts, if any."""
    with duckdb.connect() as connection:
        relation = relation_of(path)
        columns = connection.sql(f"from {relation}").columns
        spelling = {
            column.name: spelled(mapping.get(column.name, column.name), columns)
            for column in RAW_TABLES["sales"].columns
        }
        found = {name: column for name, column in spelling.items() if column is not None}
        first, last = connection.execute(
            f"select min({_read(found, 'sold_on')}), max({_read(found, 'sold_on')}) "
            f"from {relation} where {' and '.join(_accepted(found))}",
            {"earliest": _EARLIEST, "today": today},
        ).fetchall()[0]
    return None if first is None else (first, last)


def _read(found: Mapping[str, str], name: str) -> str:
    return read_as(found[name], RAW_TABLES["sales"].column(name).type)


def _accepted(found: Mapping[str, str]) -> list[str]:
    """Return the conditions of a record that breaks no rule by itself."""
    conditions = [f"{_read(found, 'sold_on')} between $earliest and $today"]
    conditions += [
        f"{text_of(found[n])} is not null" for n in ("sale_id", "customer_id") if n in found
    ]
    for name in ("quantity", "amount", "is_return"):
        if name in found:
            text = text_of(found[name])
            conditions.append(f"({text} is null or {_read(found, name)} is not null)")
    if "product_type" in found:
        choices = ", ".join(map(literal, RAW_TABLES["sales"].column("product_type").choices))
        conditions.append(f"lower({text_of(found['product_type'])}) in ({choices})")
    amounts = [_read(found, name) for name in ("quantity", "amount") if name in found]
    return [*conditions, f"coalesce({', '.join(amounts)}) is not null"]


def history_of(first_day: date, last_day: date, settings: Settings) -> SalesHistory:
    """Return the history of sales between two days under the settings."""
    grain = settings.time_grain
    first = bucket_of(first_day, grain)
    newest = bucket_of(last_day + timedelta(days=1), grain)
    if settings.max_month:
        newest = min(newest, last_bucket_in(settings.max_month, grain))
    start = first_bucket_in(settings.start_month, grain) if settings.start_month else None
    return SalesHistory(
        first_day=first_day,
        last_day=last_day,
        first_bucket=first,
        newest_bucket=newest,
        start_bucket=start,
        first_snapshot=bucket_start(first + 1, grain),
        newest_snapshot=bucket_start(newest, grain),
    )


def history_problems(history: SalesHistory, settings: Settings) -> list[str]:
    """Return lines about months outside the sales and a horizon longer than them."""
    reach = f"the accepted sales reach from {history.first_day} to {history.last_day}"
    first, newest = history.first_bucket, history.newest_bucket
    start = first if history.start_bucket is None else history.start_bucket
    if settings.max_month and newest <= first:
        allowed = f"{history.first_snapshot:%Y-%m} or later"
        return [
            f'max_month: "{settings.max_month}" leaves no snapshot: {reach}; allowed: {allowed}.'
        ]
    if settings.start_month and start > newest:
        return [
            f'start_month: "{settings.start_month}" leaves no snapshot: {reach}; '
            f"allowed: {history.newest_snapshot:%Y-%m} or earlier."
        ]
    buckets, longest = newest - max(first, start), newest - max(first + 1, start)
    horizon = settings.attrition_horizon
    if horizon <= buckets or settings.retrain == "never":
        return []
    named = ("start_month", "max_month")
    bounds = [name for name in named if getattr(settings, name)]
    verb = "leaves" if len(bounds) == 1 else "leave"
    share = f", of which {' and '.join(bounds)} {verb} " if bounds else ", "
    count = f"{buckets} {settings.time_grain}{'' if buckets == 1 else 's'}"
    advice = "widen the range" if bounds else "a longer history is needed"
    fits = f"at most {longest} would fit" if longest > 0 else f"none would fit: {advice}"
    return [
        f"attrition_horizon: {horizon} is longer than the history: {reach}{share}{count}; {fits}."
    ]
