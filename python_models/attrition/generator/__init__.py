"""A sample of raw records whose truth is known.

`generate` writes the six raw tables of the contract for invented customers of a maker of insulin
pumps, and on request the true probability of attrition at chosen dates. It shares no code with
the features. From ``DRIFT_STARTS_ON`` on (1 July 2023), customers whose payer type is
``DRIFT_PAYER`` (PHARMACY) leave more often: the one planted drift, unless `drift` asks for more.
"""

import logging
import re
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from attrition.generator.behaviour import (
    DRIFT_PAYER,
    DRIFT_STARTS_ON,
    HISTORY_STARTS_ON,
    PAYER_TYPES,
    Behaviour,
)
from attrition.generator.files import FORMATS, write_tables
from attrition.generator.simulation import History, connect, month_number, simulate
from attrition.generator.truth import Truth, write_truth

__all__ = [
    "DRIFT_PAYER",
    "DRIFT_STARTS_ON",
    "HISTORY_STARTS_ON",
    "PAYER_TYPES",
    "Behaviour",
    "generate",
    "seed_files",
]

logger = logging.getLogger(__name__)

SEED_CUSTOMERS = 2_000
SEED_MONTHS = 48
SEED_SEED = 7
RANGES = {
    "customers": (1, 9_999_999),
    "months": (1, 480),
    "seed": (0, 2**63 - 1),
    "futures": (1, 100_000),
    "horizon": (1, 120),
    "drift": (0, 1),
}
"""Lowest and highest value of what `generate` takes."""


def generate(
    customers: int,
    months: int,
    seed: int,
    out: str | Path,
    file_format: str = "parquet",
    truth: bool = False,
    snapshots: Sequence[str] | None = None,
    futures: int = 200,
    *,
    horizon: int = 6,
    joining_months: int | None = None,
    threads: int | None = None,
    prefix: str = "",
    drift: float = 0.0,
) -> tuple[Path, ...]:
    """Write the six raw tables, and with `truth` the true probabilities of attrition.

    The same arguments give the same rows in the same order, whatever the number of threads. With
    the same `joining_months`, a longer history begins with the shorter one, apart from late
    records that have arrived since and complaints that have been closed since.

    Args:
        customers: Number of customers, from 1 to 9,999,999; all of them join within the history.
        months: Length of the history from 1 January 2021, from 1 to 480 months.
        seed: Any whole number that fits 63 bits, not negative.
        out: Folder for the files; made if it is missing. Files of an earlier call are replaced.
        file_format: ``parquet`` or ``csv``.
        truth: Also write ``truth.parquet``: ``customer_id``, ``as_of_date``, ``is_active``,
            ``true_probability`` (null unless active), ``is_attrition`` (null while unknown).
        snapshots: Months (``YYYY-MM``) on whose first day the truth is told; by default the last
            whose horizon lies within the history, and the same a year before.
        futures: Futures simulated for each active customer.
        horizon: Months without a consumable order that make an attrition.
        joining_months: Months over which customers join; the length of the history when None.
        threads: Threads of DuckDB; its own choice when None.
        prefix: Put before the names of the six files.
        drift: How far the customers' behaviour drifts over the months, from 0 to 1: see
            `Behaviour`. The truth follows it.

    Returns:
        Paths of the files written.

    Raises:
        ValueError: An argument is out of its range; the message names it.
    """
    _check_ranges(
        customers=customers, months=months, seed=seed, futures=futures, horizon=horizon, drift=drift
    )
    if file_format not in FORMATS:
        raise ValueError(f"file_format is {file_format!r}; it must be one of {', '.join(FORMATS)}")
    kept = _snapshot_months(snapshots, months, horizon) if truth else ()
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    history = History(customers, months, seed, joining_months, Behaviour(drift=drift))
    with tempfile.TemporaryDirectory(prefix=".generate_", dir=out) as scratch:
        connection = connect(Path(scratch), threads)
        try:
            simulate(connection, history, kept, horizon)
            paths = write_tables(connection, out, file_format, prefix)
            if truth:
                told = Truth(kept, futures, horizon)
                paths += (write_truth(connection, out, told, history.behaviour),)
        finally:
            connection.close()
    return paths


def seed_files(out: str | Path, threads: int | None = None) -> tuple[Path, ...]:
    """Write the project's seeds, ``raw_<table>.csv``, into a folder and return their paths."""
    return generate(
        SEED_CUSTOMERS, SEED_MONTHS, SEED_SEED, out, "csv", threads=threads, prefix="raw_"
    )


def _check_ranges(**values: float) -> None:
    for name, value in values.items():
        lowest, highest = RANGES[name]
        if not lowest <= value <= highest:
            raise ValueError(f"{name} is {value}; it must lie between {lowest} and {highest}")


def _snapshot_months(snapshots: Sequence[str] | None, months: int, horizon: int) -> tuple[int, ...]:
    """Return the snapshots as numbers of months, ascending; the default ones for None."""
    if snapshots is None:
        defaults = (months - horizon - 12, months - horizon)
        return tuple(month for month in defaults if month >= 1)
    found = set()
    for text in snapshots:
        if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text):
            raise ValueError(f"snapshot {text!r} is not a month such as 2024-07")
        month = month_number(date(int(text[:4]), int(text[5:]), 1))
        if not 1 <= month <= months:
            raise ValueError(
                f"snapshot {text} lies outside the history, which begins in "
                f"{HISTORY_STARTS_ON:%Y-%m} and has {months} months"
            )
        found.add(month)
    return tuple(sorted(found))
