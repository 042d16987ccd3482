"""What a person wants to know after a build, read from the published file."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from attrition.errors import AttritionError, first_line

logger = logging.getLogger(__name__)

# Files, other databases and extensions are out of reach, and no setting brings them back.
_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "lock_configuration": True,
    "python_enable_replacements": False,
}
SHOWN_METRICS = (
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier_score",
    "ece",
    "lift_top_decile",
)
# What the reasons of `attrition_promotions` have in common where a version tells nobody apart.
NO_SIGNAL = "nothing to learn here"
# A judgement of another question says nothing about this one.
_LAST_JUDGEMENT = """
    select promotions.reason
    from attrition_promotions as promotions
    inner join attrition_model_artefacts as versions
        on promotions.challenger_version = versions.version_id
    inner join training_plan
        on versions.task_fingerprint = training_plan.task_fingerprint
    order by promotions.promotion_number desc
    limit 1
"""

# Only of the snapshot that is scored: without scores, an old list is no work to do.
_CONTACTS = """
    select count(*), sum(expected_gain), max(gain_basis)
    from attrition_contact_list
    where as_of_date = (select max(as_of_date) from attrition_scores)
"""


@dataclass(frozen=True)
class SystemMetrics:
    """Metrics of the champion or of a baseline on the champion's test rows.

    Attributes:
        system: `champion`, or the name of a baseline.
        row_count: Test rows.
        attrition_count: Attritions among them.
        metrics: Values in the order of `SHOWN_METRICS`, None where unknown.
    """

    system: str
    row_count: int
    attrition_count: int
    metrics: tuple[float | None, ...]


@dataclass(frozen=True)
class CustomerAtRisk:
    """A customer, the probability of attrition, the first reason in words, and what is at stake.

    Attributes:
        value_at_risk: Money times the probability, None where it is not known.
    """

    customer_id: str
    probability: float
    reason: str | None
    value_at_risk: float | None = None


@dataclass(frozen=True)
class Summary:
    """Content of `attrition summary`.

    Attributes:
        customer_count: Customers scored.
        as_of_date: Day as of which they are scored, None without scores.
        expected_attritions: Sum of their probabilities.
        predicted_attritions: Customers whose decision is 1.
        champion_version: Version that scores, None without champion.
        champion_form: What it is in words, None where the file does not say.
        champion_reason: Why it is champion, or why there is none.
        results: Champion first, then baselines.
        rejected: (table, rule, records), most first.
        at_risk: Customers most at risk, most first.
        tables: Public tables in the file.
        training: Why the build trained or did not.
        waiting_version: The newest version of the question where none is champion, None where
            there is none.
        value_at_risk: Money at risk in all, None where it is not known.
        new_on_list: Customers predicted to leave who were not before, None where nobody was scored
            before.
        contact_count: Customers on the newest contact list.
        contact_gain: What contacting them is expected to bring, None where it is not known.
        gain_basis: What that is worked out from.
    """

    customer_count: int
    as_of_date: date | None
    expected_attritions: float
    predicted_attritions: int
    champion_version: str | None
    champion_form: str | None
    champion_reason: str | None
    results: tuple[SystemMetrics, ...]
    rejected: tuple[tuple[str, str, int], ...]
    at_risk: tuple[CustomerAtRisk, ...]
    tables: tuple[str, ...]
    training: str | None = None
    waiting_version: str | None = None
    value_at_risk: float | None = None
    new_on_list: int | None = None
    contact_count: int = 0
    contact_gain: float | None = None
    gain_basis: str | None = None

    @property
    def found_no_signal(self) -> bool:
        """Whether the gate has kept a version out because there is nothing to learn."""
        return self.champion_version is None and NO_SIGNAL in (self.champion_reason or "")


def connect_published(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the published copy so that nothing else can be read, written or loaded through it.

    See https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview.

    Raises:
        AttritionError: The file is missing or cannot be opened.
    """
    if not path.is_file():
        raise AttritionError(
            f"There is no published file {path}; build it with `make build` (or `attrition build`)."
        )
    try:
        return duckdb.connect(str(path), read_only=True, config=_CLOSED)
    except duckdb.Error as error:
        raise AttritionError(
            f"{path} cannot be opened: {first_line(error)} `attrition publish` writes it again."
        ) from error


def read_summary(path: Path, most_at_risk: int = 10) -> Summary:
    """Read the summary of the last published build; a table that is missing counts as empty."""
    with connect_published(path) as connection:
        tables = tuple(
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.tables order by 1"
            ).fetchall()
        )
        scores = _rows(
            connection,
            "select count(*), max(as_of_date), coalesce(sum(attrition_probability), 0), "
            "count(*) filter (is_predicted_attrition) from attrition_scores",
        )
        count, as_of, expected, predicted = scores[0] if scores else (0, None, 0.0, 0)
        version, reason = _champion(connection)
        [(value_at_risk, new_on_list)] = _rows(
            connection,
            "select sum(value_at_risk), sum(is_new_on_list::integer) from attrition_scores",
        ) or [(None, None)]
        [(contact_count, contact_gain, gain_basis)] = _rows(connection, _CONTACTS) or [
            (0, None, None)
        ]
        return Summary(
            customer_count=count,
            as_of_date=as_of,
            expected_attritions=float(expected),
            predicted_attritions=predicted,
            champion_version=version,
            champion_form=_form(connection, version),
            champion_reason=reason,
            results=_results(connection, version),
            rejected=_rejected(connection),
            at_risk=_at_risk(connection, most_at_risk),
            tables=tables,
            training=_training(connection),
            waiting_version=None if version else _waiting(connection),
            value_at_risk=value_at_risk,
            new_on_list=new_on_list,
            contact_count=contact_count,
            contact_gain=contact_gain,
            gain_basis=gain_basis,
        )


def _rows(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    """Return the rows of a query, none when a table or column of it does not exist."""
    try:
        return connection.execute(sql, list(values)).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        logger.debug("left out of the summary: %s", error)
        return []


def _training(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Return why the build trained or did not."""
    found = _rows(connection, "select reason from training_plan")
    return found[0][0] if found else None


def _waiting(connection: duckdb.DuckDBPyConnection) -> str | None:
    found = _rows(
        connection,
        "select version_id from attrition_model_artefacts "
        "inner join training_plan using (task_fingerprint) order by version_number desc limit 1",
    )
    return found[0][0] if found else None


def _champion(connection: duckdb.DuckDBPyConnection) -> tuple[str | None, str | None]:
    """Return (version, why it is champion), or (None, why there is none)."""
    found = _rows(connection, "select version_id, promotion_reason from attrition_champion")
    found = found or _rows(connection, "select version_id, null from attrition_champion")
    if found:
        return found[0]
    for sql in (_LAST_JUDGEMENT, "select reason from training_plan"):
        reasons = _rows(connection, sql)
        if reasons and reasons[0][0]:
            return None, reasons[0][0]
    return None, None


def _form(connection: duckdb.DuckDBPyConnection, version: str | None) -> str | None:
    found = _rows(
        connection,
        "select model_form from attrition_model_versions where version_id = ?",
        [version],
    )
    return found[0][0] if found else None


def _results(
    connection: duckdb.DuckDBPyConnection, version: str | None
) -> tuple[SystemMetrics, ...]:
    if version is None:
        return ()
    columns = f"row_count, attrition_count, {', '.join(SHOWN_METRICS)}"
    newest = "qualify newest_label_date = max(newest_label_date) over ()"
    where = "where version_id = ? and split = 'test'"
    rows = _rows(
        connection,
        f"select 'champion', {columns} from attrition_model_metrics {where} {newest}",
        [version],
    ) + _rows(
        connection,
        f"select baseline, {columns} from attrition_baselines {where} {newest} order by baseline",
        [version],
    )
    return tuple(
        SystemMetrics(system, count, attritions, tuple(metrics))
        for system, count, attritions, *metrics in rows
    )


def _rejected(connection: duckdb.DuckDBPyConnection) -> tuple[tuple[str, str, int], ...]:
    rows = _rows(
        connection,
        "select table_name, rule, count(*) from attrition_rejected_records "
        "group by all order by count(*) desc, table_name, rule",
    )
    return tuple((table, rule, count) for table, rule, count in rows)


def _at_risk(connection: duckdb.DuckDBPyConnection, limit: int) -> tuple[CustomerAtRisk, ...]:
    order = "from attrition_scores order by attrition_probability desc, customer_id limit ?"
    columns = "select customer_id, attrition_probability, reason_1_text"
    # a copy from before value was told has no such column
    rows = _rows(connection, f"{columns}, value_at_risk {order}", [limit]) or _rows(
        connection, f"{columns} {order}", [limit]
    )
    return tuple(CustomerAtRisk(*row) for row in rows)
