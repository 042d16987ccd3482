"""Run the monthly step over a history, and keep what it leaves behind."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path

import duckdb

from attrition.generator.behaviour import (
    DRIFT_PAYER,
    DRIFT_STARTS_ON,
    HISTORY_STARTS_ON,
    PAYER_TYPES,
    Behaviour,
)

logger = logging.getLogger(__name__)

TABLES = ("sales", "complaint", "touchpoint", "startright", "warranty", "demographics")


@dataclass(frozen=True)
class History:
    """What history to make.

    Attributes:
        customers: Number of customers who join.
        months: Length of the history in months.
        seed: Seed of every draw.
        joining_months: Months over which customers join, from the start; the history's length
            when None. With the same value, a longer history begins with the shorter one.
        behaviour: Numbers of the behaviour.
    """

    customers: int
    months: int
    seed: int
    joining_months: int | None = None
    behaviour: Behaviour = field(default_factory=Behaviour)


def month_start(month: int) -> date:
    """Return the first day of a month, counted from 0 at the start of the history."""
    years, months = divmod(HISTORY_STARTS_ON.month - 1 + month, 12)
    return date(HISTORY_STARTS_ON.year + years, months + 1, 1)


def month_number(day: date) -> int:
    """Return the number of the month a day lies in, 0 for the first of the history."""
    return (day.year - HISTORY_STARTS_ON.year) * 12 + day.month - HISTORY_STARTS_ON.month


def day_number(day: date) -> int:
    """Return a date as days since the start of the history."""
    return (day - HISTORY_STARTS_ON).days


def statement(name: str) -> str:
    """Return the text of one SQL file of the generator."""
    return files("attrition.generator").joinpath("sql", f"{name}.sql").read_text("utf-8")


def connect(folder: Path, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """Open DuckDB with the generator's macros and a store for the records in `folder`.

    The state of the customers is held in memory; it spills to `folder` beyond 4 GB.
    """
    connection = duckdb.connect()
    connection.execute(f"set temp_directory = '{_quoted(folder / 'spill')}'")
    connection.execute("set memory_limit = '4GB'")
    if threads is not None:
        connection.execute(f"set threads = {int(threads)}")
    connection.execute(f"attach '{_quoted(folder / 'records.duckdb')}' as store")
    connection.execute(statement("macros"))
    return connection


def simulate(
    connection: duckdb.DuckDBPyConnection,
    history: History,
    snapshots: Iterable[int] = (),
    horizon: int = 6,
) -> None:
    """Make a history month by month.

    Leaves the raw records in ``store.<table>`` in the order of their dates, the customers' final
    state in ``state``, and for each snapshot month ``snapshot_<month>`` (the state on its first
    day) and, where the history is long enough, ``outcome_<month>`` (the state a horizon later).

    Args:
        connection: A connection of `connect`.
        history: The history to make.
        snapshots: Months whose state is kept.
        horizon: Months after which the outcome of a snapshot is known.
    """
    kept = frozenset(snapshots)
    _set_variables(connection, history_variables(history))
    connection.execute(statement("tables"))
    connection.execute(statement("customers"))
    connection.execute("create or replace table state as from customers limit 0")
    connection.execute("alter table state drop column diagnosis_type")
    connection.execute("alter table state drop column insulin_years")
    connection.execute("alter table state drop column region")
    events = [statement(table) for table in TABLES]
    for month in range(history.months + 1):
        _keep_states(connection, month, kept, horizon)
        if month == history.months:
            break
        step(connection, month, history.behaviour)
        for event in events:
            connection.execute(event)
        _advance(connection)
        logger.info("generated %s (%d of %d)", month_start(month), month + 1, history.months)


def step(
    connection: duckdb.DuckDBPyConnection,
    month: int,
    behaviour: Behaviour,
    is_future: bool = False,
) -> None:
    """Make ``next_state`` from ``state``: one month of every customer."""
    _set_variables(connection, month_variables(month, behaviour) | {"is_future": is_future})
    connection.execute(statement("step"))


def history_variables(history: History) -> dict[str, object]:
    """Return what the SQL asks of a history, by variable."""
    behaviour = history.behaviour
    joining_months = min(history.joining_months or history.months, history.months)
    return {
        "seed": history.seed,
        "customer_count": history.customers,
        "joining_days": day_number(month_start(joining_months)),
        "end_day": day_number(month_start(history.months)),
        "hidden_spread": behaviour.hidden_spread,
        "share_gap_30": behaviour.share_gap_30,
        "share_gap_60": behaviour.share_gap_30 + behaviour.share_gap_60,
    }


def month_variables(month: int, behaviour: Behaviour) -> dict[str, object]:
    """Return what the SQL asks of a month, by variable."""
    start = month_start(month)
    return {
        "month": month,
        "month_start": day_number(start),
        "month_days": (month_start(month + 1) - start).days,
        "season_log_odds": behaviour.season_log_odds[start.month - 1],
        "is_drifted": start >= DRIFT_STARTS_ON,
        "drift_payer": PAYER_TYPES.index(DRIFT_PAYER) + 1,
        "drift_log_odds": behaviour.drift_log_odds,
        "base_log_odds": behaviour.base_log_odds + behaviour.tendency_drift(month),
        "complaint_weight": behaviour.cause_weight("complaint", month),
        "warranty_weight": behaviour.cause_weight("warranty", month),
        "auto_weight": behaviour.cause_weight("auto", month),
        "order_cap": behaviour.order_cap,
        "order_cap_auto": behaviour.order_cap_auto,
        "return_probability": behaviour.return_probability,
    }


def _set_variables(connection: duckdb.DuckDBPyConnection, values: dict[str, object]) -> None:
    for name, value in values.items():
        literal = f"{value!r}::double" if isinstance(value, float) else str(value)
        connection.execute(f"set variable {name} = {literal}")


def _advance(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("drop table state")
    connection.execute("alter table next_state rename to state")


def _keep_states(
    connection: duckdb.DuckDBPyConnection, month: int, snapshots: frozenset[int], horizon: int
) -> None:
    """Copy the state where this month is a snapshot, or the outcome of one."""
    if month in snapshots:
        connection.execute(
            f"create or replace table snapshot_{month} as "
            "select columns(lambda name: name not like 'event_%') from state"
        )
    if month - horizon in snapshots:
        connection.execute(
            f"create or replace table outcome_{month - horizon} as "
            "select customer, last_order_day from state"
        )


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
