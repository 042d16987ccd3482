"""What a build will make of a history of purchases: snapshots, labels, test, customers to score."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from attrition.own_data.buckets import bucket_of, bucket_start, first_bucket_in, last_bucket_in
from attrition.settings.model import LastMonthsSplit, Settings


@dataclass(frozen=True)
class SnapshotPlan:
    """Snapshots by what becomes of them.

    Attributes:
        snapshots: First days of all snapshots, oldest first.
        labelled: Those whose label window has ended in the data.
        test: Labelled ones that judge the model; empty when customers are set apart instead.
        fitted: Labelled ones that the judged model may learn from.
        customers_to_score: Customers of the newest snapshot.
        test_row_count: Customers in the test snapshots, or in the share that is set apart.
        test_attrition_count: How many of them stop buying.
    """

    snapshots: tuple[date, ...]
    labelled: tuple[date, ...]
    test: tuple[date, ...]
    fitted: tuple[date, ...]
    customers_to_score: int
    test_row_count: int
    test_attrition_count: int


def snapshot_buckets(first_day: date, last_day: date, settings: Settings) -> list[int]:
    """Return the buckets of the snapshots between the first and the last purchase.

    The newest one starts on the day after the last purchase or before; the oldest one has a
    customer.
    """
    grain = settings.time_grain
    first = bucket_of(first_day, grain) + 1
    last = bucket_of(last_day + timedelta(days=1), grain)
    if settings.start_month:
        first = max(first, first_bucket_in(settings.start_month, grain))
    if settings.max_month:
        last = min(last, last_bucket_in(settings.max_month, grain))
    return list(range(first, last + 1))


def plan_snapshots(
    connection: duckdb.DuckDBPyConnection, first_day: date, last_day: date, settings: Settings
) -> SnapshotPlan:
    """Plan the snapshots of the purchases in the temporary table `purchase_days`."""
    grain, horizon = settings.time_grain, settings.attrition_horizon
    buckets = snapshot_buckets(first_day, last_day, settings)
    # with `max_month` nothing later is used, for labels neither
    labelled = [bucket for bucket in buckets if bucket + horizon <= buckets[-1]]
    if isinstance(settings.split, LastMonthsSplit):
        test = labelled[-settings.split.months :]
        fitted = [bucket for bucket in labelled if test and bucket + horizon <= test[0]]
        share = 1.0
    else:
        test, fitted, share = [], labelled, settings.split.perc_test
    judged = [_label_counts(connection, bucket, settings) for bucket in (test or labelled)]
    newest = _label_counts(connection, buckets[-1], settings)[0] if buckets else 0
    return SnapshotPlan(
        snapshots=_days(buckets, grain),
        labelled=_days(labelled, grain),
        test=_days(test, grain),
        fitted=_days(fitted, grain),
        customers_to_score=newest,
        test_row_count=round(share * sum(rows for rows, _ in judged)),
        test_attrition_count=round(share * sum(attritions for _, attritions in judged)),
    )


def _days(buckets: Sequence[int], grain: str) -> tuple[date, ...]:
    return tuple(bucket_start(bucket, grain) for bucket in buckets)


def _label_counts(
    connection: duckdb.DuckDBPyConnection, bucket: int, settings: Settings
) -> tuple[int, int]:
    """Return (customers, those without a purchase in the horizon) of one snapshot."""
    grain, horizon = settings.time_grain, settings.attrition_horizon
    as_of, end = bucket_start(bucket, grain), bucket_start(bucket + horizon, grain)
    since = bucket_start(bucket - horizon, grain)
    active = "max(sold_on) filter (sold_on < $as_of) >= $since"
    rows = connection.execute(
        "select count(*), count(*) filter (bought_later = 0) from ("
        "select count(*) filter (sold_on >= $as_of and sold_on < $end) as bought_later "
        "from purchase_days group by customer_id "
        "having min(sold_on) < $as_of "
        "and min(sold_on) + to_months($history) <= $as_of "
        f"and ({'true' if settings.population == 'ever' else active}))"
        + (" where $since is not null" if settings.population == "ever" else ""),
        {"as_of": as_of, "end": end, "since": since, "history": settings.min_history_months},
    ).fetchall()
    return rows[0]
