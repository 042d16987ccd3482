"""What the modeling dataset holds, read from the build in the scratch folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

SPLITS = ("train", "validation", "calibration", "test", "embargo", "unlabelled")


@dataclass(frozen=True)
class Counts:
    """Rows, and how many of them are attritions."""

    rows: int = 0
    attritions: int = 0

    @property
    def others(self) -> int:
        """Rows that are no attritions."""
        return self.rows - self.attritions


@dataclass(frozen=True)
class SplitFacts:
    """One split of the dataset.

    Attributes:
        split: Its name.
        counts: Rows and attritions; unlabelled rows have none.
        customers: Different customers.
        first_date: Oldest snapshot, None without rows.
        last_date: Newest snapshot, None without rows.
    """

    split: str
    counts: Counts
    customers: int
    first_date: date | None
    last_date: date | None


@dataclass(frozen=True)
class RejectedFacts:
    """Records of one raw table, how many are rejected, and the rule that most of those broke."""

    table: str
    records: int
    rejected: int
    rule: str | None


@dataclass(frozen=True)
class DatasetFacts:
    """The modeling dataset in numbers.

    Attributes:
        snapshots: Different snapshots.
        first_snapshot: Oldest one, None without rows.
        newest_snapshot: The one that is scored, None without rows.
        to_score: Customers of the newest snapshot.
        splits: One for each of `SPLITS`, in that order.
        fit: Rows that the judged model learns from.
        labelled_customers: Different customers with a label.
        validation_mode: `last_n_months` or `grouped`; None without labels.
        calibration_months: {months since year 0: counts} of the calibration rows.
        test_months: Months since year 0 of the test's snapshots.
        rejected: One for each raw table.
    """

    snapshots: int
    first_snapshot: date | None
    newest_snapshot: date | None
    to_score: int
    splits: tuple[SplitFacts, ...]
    fit: Counts
    labelled_customers: int
    validation_mode: str | None
    calibration_months: dict[int, Counts]
    test_months: tuple[int, ...]
    rejected: tuple[RejectedFacts, ...] = ()

    def split(self, name: str) -> SplitFacts:
        """Return one split."""
        return next(split for split in self.splits if split.split == name)

    @property
    def labelled(self) -> Counts:
        """Rows and attritions of all splits with labels."""
        known = [split.counts for split in self.splits if split.split != "unlabelled"]
        return Counts(sum(c.rows for c in known), sum(c.attritions for c in known))


def read_facts(connection: duckdb.DuckDBPyConnection) -> DatasetFacts:
    """Read the facts from the tables of a scratch build."""
    snapshots, first, newest, fit, fit_attritions, customers = connection.sql(
        "select count(distinct as_of_date), min(as_of_date), max(as_of_date), "
        "count(*) filter (is_fit), coalesce(sum(is_attrition) filter (is_fit), 0), "
        "count(distinct customer_id) filter (split <> 'unlabelled') from modeling_dataset"
    ).fetchall()[0]
    to_score = connection.sql(
        "select count(*) from modeling_dataset "
        "where as_of_date = (select max(as_of_date) from modeling_dataset)"
    ).fetchall()[0][0]
    [(mode, newest_label_date)] = connection.sql(
        "select validation_mode, newest_label_date from int_population__split_bounds"
    ).fetchall()
    return DatasetFacts(
        snapshots=snapshots,
        first_snapshot=first,
        newest_snapshot=newest,
        to_score=to_score,
        splits=_splits(connection),
        fit=Counts(fit, int(fit_attritions)),
        labelled_customers=customers,
        validation_mode=mode if newest_label_date else None,
        calibration_months=_months(connection, "calibration"),
        test_months=tuple(_months(connection, "test")),
        rejected=_rejected(connection),
    )


def _splits(connection: duckdb.DuckDBPyConnection) -> tuple[SplitFacts, ...]:
    rows = connection.sql(
        "select split, count(*), coalesce(sum(is_attrition), 0), count(distinct customer_id), "
        "min(as_of_date), max(as_of_date) from modeling_dataset group by split"
    ).fetchall()
    found = {
        name: SplitFacts(name, Counts(count, int(attritions)), customers, first, last)
        for name, count, attritions, customers, first, last in rows
    }
    return tuple(found.get(name, SplitFacts(name, Counts(), 0, None, None)) for name in SPLITS)


def _months(connection: duckdb.DuckDBPyConnection, split: str) -> dict[int, Counts]:
    rows = connection.execute(
        "select year(as_of_date) * 12 + month(as_of_date) - 1 as month_number, count(*), "
        "coalesce(sum(is_attrition), 0) from modeling_dataset where split = ? "
        "group by month_number order by month_number",
        [split],
    ).fetchall()
    return {month: Counts(count, int(attritions)) for month, count, attritions in rows}


def _rejected(connection: duckdb.DuckDBPyConnection) -> tuple[RejectedFacts, ...]:
    staged = connection.sql(
        "select table_name, regexp_extract(table_name, '^stg_(.*)__records$', 1) as raw_table "
        "from information_schema.tables where regexp_matches(table_name, '^stg_.*__records$') "
        "order by all"
    ).fetchall()
    broken = connection.sql(
        "select table_name, sum(n), arg_max(rule, n) from ("
        "select table_name, rule, count(*) as n from attrition_rejected_records group by all"
        ") group by table_name"
    ).fetchall()
    by_table = {name: (int(count), rule) for name, count, rule in broken}
    facts = []
    for view, table in staged:
        records = connection.sql(f"select count(*) from {view}").fetchall()[0][0]
        facts.append(RejectedFacts(table, records, *by_table.get(table, (0, None))))
    return tuple(facts)
