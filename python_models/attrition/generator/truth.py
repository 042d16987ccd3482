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
from collections.abc import Iterable
from pathlib import Path

import duckdb

from attrition.generator.behaviour import Behaviour
from attrition.generator.files import write_file
from attrition.generator.simulation import day_number, month_start, statement, step

logger = logging.getLogger(__name__)

ROWS_AT_ONCE = 1_000_000


def write_truth(
    connection: duckdb.DuckDBPyConnection,
    out: Path,
    snapshots: Iterable[int],
    futures: int,
    horizon: int,
    behaviour: Behaviour,
) -> Path:
    """Write ``truth.parquet`` for snapshots that `simulate` has kept, and return its path.

    Args:
        connection: The connection the history was simulated on.
        out: Folder for the file.
        snapshots: Months whose first day is a snapshot.
        futures: Futures for each active customer.
        horizon: Months without an order that make an attrition, and the look back that makes a
            customer active.
        behaviour: The behaviour of the history.
    """
    connection.execute("create schema if not exists futures")
    connection.execute(
        "create or replace table futures.truth (customer_id varchar, as_of_date date, "
        "is_active boolean, true_probability double, is_attrition tinyint)"
    )
    for month in snapshots:
        _simulate_futures(connection, month, futures, horizon, behaviour)
        _add_snapshot(connection, month)
    path = out / "truth.parquet"
    write_file(connection, "from futures.truth", path, "parquet")
    return path


def _simulate_futures(
    connection: duckdb.DuckDBPyConnection,
    month: int,
    futures: int,
    horizon: int,
    behaviour: Behaviour,
) -> None:
    """Fill ``futures.probability`` for one snapshot, some customers at a time."""
    _set_days(connection, month, futures, horizon)
    connection.execute(
        "create or replace table futures.probability (customer integer, true_probability double)"
    )
    highest = connection.execute(f"select max(customer) from snapshot_{month}").fetchone()[0] or 0
    size = max(1, ROWS_AT_ONCE // futures)
    for first in range(1, highest + 1, size):
        start = statement("future_start").format(
            snapshot=f"snapshot_{month}", first_customer=first, last_customer=first + size - 1
        )
        connection.execute(start)
        connection.execute("set search_path = 'futures,main'")
        for ahead in range(horizon):
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
        "select count(*) from duckdb_tables() where table_name = ?", [f"outcome_{month}"]
    ).fetchone()[0]
    outcome = f"main.outcome_{month}" if known else f"(from main.snapshot_{month} limit 0)"
    connection.execute(statement("truth").format(snapshot=f"snapshot_{month}", outcome=outcome))


def _set_days(
    connection: duckdb.DuckDBPyConnection, month: int, futures: int, horizon: int
) -> None:
    """Tell the SQL when the snapshot is, and since when an order makes a customer active."""
    snapshot_day = day_number(month_start(month))
    connection.execute(f"set variable snapshot_day = {snapshot_day}")
    active_from = day_number(month_start(month - horizon))
    connection.execute(f"set variable active_from_day = {active_from}")
    connection.execute(f"set variable future_count = {futures}")
