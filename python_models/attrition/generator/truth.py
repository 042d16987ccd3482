"""The true probability of attrition, by simulating each customer's future many times.

The futures run through the same monthly step as the history, from the state on the snapshot's
first day, the customer's hidden part included. One thing the state knows is not used: whether a
customer who has been silent for a while has already decided to leave. Nobody can see that, so a
truth that used it would be no bound for a model. What stands in its place is the probability of
it given everything that happened (``left_belief``, Bayes' rule in ``sql/step.sql``).

A future draws complaints, contacts, warranties, payers and so on, but no order: it multiplies the
probabilities that none is made. The mean over the futures then has the same expectation as the
share of futures without an order, and far less noise.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

import duckdb

from attrition.generator.behaviour import Behaviour
from attrition.generator.files import write_file
from attrition.generator.simulation import day_number, month_start, statement, step

logger = logging.getLogger(__name__)

_ROWS_PER_STEP = 1_000_000


@dataclass(frozen=True)
class Truth:
    """What truth to tell.

    Attributes:
        snapshots: Months on whose first day it is told; `simulate` must have kept them.
        futures: Futures for each active customer.
        horizon: Months without an order that make an attrition, and the look back that makes a
            customer active.
    """

    snapshots: tuple[int, ...]
    futures: int
    horizon: int


def write_truth(
    connection: duckdb.DuckDBPyConnection, out: Path, truth: Truth, behaviour: Behaviour
) -> Path:
    """Write ``truth.parquet`` into a folder and return its path.

    Args:
        connection: The connection the history was simulated on.
        out: Folder for the file.
        truth: Snapshots, futures and horizon.
        behaviour: The behaviour of the history.
    """
    connection.execute("create schema if not exists futures")
    connection.execute(
        "create or replace table futures.truth (customer_id varchar, as_of_date date, "
        "is_active boolean, true_probability double, is_attrition tinyint)"
    )
    for month in truth.snapshots:
        _simulate_futures(connection, month, truth, behaviour)
        _add_snapshot(connection, month)
    path = out / "truth.parquet"
    write_file(connection, "from futures.truth", path, "parquet")
    return path


def _simulate_futures(
    connection: duckdb.DuckDBPyConnection, month: int, truth: Truth, behaviour: Behaviour
) -> None:
    """Fill ``futures.probability`` for one snapshot, some customers at a time."""
    _set_days(connection, month, truth)
    connection.execute(
        "create or replace table futures.probability (customer integer, true_probability double)"
    )
    ((highest,),) = connection.execute(
        f"select coalesce(max(customer), 0) from snapshot_{month}"
    ).fetchall()
    size = max(1, _ROWS_PER_STEP // truth.futures)
    for first in range(1, highest + 1, size):
        start = statement("future_start").format(
            snapshot=f"snapshot_{month}", first_customer=first, last_customer=first + size - 1
        )
        connection.execute(start)
        connection.execute("set search_path = 'futures,main'")
        for ahead in range(truth.horizon):
            step(connection, month + ahead, behaviour, is_future=True)
            connection.execute("drop table futures.state")
            connection.execute("alter table futures.next_state rename to state")
        connection.execute("set search_path = 'main'")
        connection.execute(statement("future_end"))
        logger.info(
            "truth of %s: %d of %d customers",
            month_start(month),
            min(first + size - 1, highest),
            highest,
        )


def _add_snapshot(connection: duckdb.DuckDBPyConnection, month: int) -> None:
    known = connection.execute(
        "select table_name from duckdb_tables() where table_name = ?", [f"outcome_{month}"]
    ).fetchall()
    outcome = f"main.outcome_{month}" if known else f"(from main.snapshot_{month} limit 0)"
    connection.execute(statement("truth").format(snapshot=f"snapshot_{month}", outcome=outcome))


def _set_days(connection: duckdb.DuckDBPyConnection, month: int, truth: Truth) -> None:
    """Tell the SQL when the snapshot is, and since when an order makes a customer active."""
    snapshot_day = day_number(month_start(month))
    connection.execute(f"set variable snapshot_day = {snapshot_day}")
    active_from = day_number(month_start(month - truth.horizon))
    connection.execute(f"set variable active_from_day = {active_from}")
    connection.execute(f"set variable future_count = {truth.futures}")
