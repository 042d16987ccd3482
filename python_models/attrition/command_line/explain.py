"""What is known of one customer: score, reasons, how the score moved; from the published copy."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

from attrition.command_line.query_view import shown_value
from attrition.command_line.summary import connect_published
from attrition.command_line.table_files import json_value
from attrition.errors import AttritionError

RECORDS = (
    "Their records are not published: --records shows them to whoever may open the build file."
)
_MOST_ALIKE = 3
_ALIKE = 0.85


@dataclass(frozen=True)
class Explanation:
    """All that the published copy holds of a customer.

    Attributes:
        customer_id: Whom.
        score: Their row of `attrition_scores`, without reasons; None where they are not scored now.
        reasons: Their rows of `attrition_reasons`, strongest first.
        history: Their rows of `attrition_score_history`, oldest first.
        snapshots: Their as-of dates in `modeling_dataset`: how many, the first, the last.
    """

    customer_id: str
    score: Mapping[str, Any] | None
    reasons: tuple[Mapping[str, Any], ...]
    history: tuple[Mapping[str, Any], ...]
    snapshots: Mapping[str, Any]

    def as_json(self, records: list[dict[str, Any]] | None = None) -> str:
        """Return it as a JSON object, with records where somebody read them."""
        content = {**asdict(self), "records": RECORDS if records is None else records}
        return json.dumps(json_value(content), ensure_ascii=False, indent=2)


def explain(published: Path, customer_id: str) -> Explanation:
    """Read what the published copy holds of a customer.

    Raises:
        AttritionError: The copy is missing or holds nothing of them; ids that are alike are named.
    """
    wanted = customer_id.strip()
    with connect_published(published) as connection:
        scores = _rows(connection, "attrition_scores", wanted)
        history = _rows(connection, "attrition_score_history", wanted, "as_of_date, scored_at")
        [snapshots] = _select(
            connection,
            "select count(*) as snapshot_count, min(as_of_date) as first_as_of_date, "
            "max(as_of_date) as last_as_of_date from modeling_dataset where customer_id = $1",
            [wanted],
        ) or [{"snapshot_count": 0}]
        if not scores and not history and not snapshots["snapshot_count"]:
            raise AttritionError(_unknown(connection, wanted))
        return Explanation(
            customer_id=wanted,
            score=_without_reasons(scores[0]) if scores else None,
            reasons=tuple(_rows(connection, "attrition_reasons", wanted, "reason_rank")),
            history=tuple(history),
            snapshots=snapshots,
        )


def _rows(
    connection: duckdb.DuckDBPyConnection, table: str, customer_id: str, order: str = "1"
) -> list[dict[str, Any]]:
    return _select(
        connection, f"select * from {table} where customer_id = $1 order by {order}", [customer_id]
    )


def _select(
    connection: duckdb.DuckDBPyConnection, sql: str, values: list[Any]
) -> list[dict[str, Any]]:
    """Return rows by name, none where a table does not exist."""
    try:
        cursor = connection.execute(sql, values)
    except duckdb.CatalogException:
        return []
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _without_reasons(score: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in score.items() if not name.startswith("reason_")}


def _unknown(connection: duckdb.DuckDBPyConnection, customer_id: str) -> str:
    alike = _select(
        connection,
        "with known as (select customer_id from attrition_scores "
        "union select customer_id from attrition_score_history "
        "union select customer_id from modeling_dataset), judged as (select customer_id, "
        "jaro_winkler_similarity(lower(customer_id), lower($1)) as alikeness from known) "
        "select customer_id from judged where alikeness >= $2 "
        "order by alikeness desc, customer_id limit $3",
        [customer_id, _ALIKE, _MOST_ALIKE],
    )
    names = ", ".join(row["customer_id"] for row in alike)
    return f"No customer {customer_id} is in the published copy. " + (
        f"Alike: {names}."
        if names
        else 'To look: attrition query "select customer_id from attrition_scores".'
    )


def show_explanation(console: Console, found: Explanation, says_where: bool = True) -> None:
    """Print an explanation for a person."""

    def say(text: str) -> None:
        console.print(text, soft_wrap=True, markup=False)

    score = found.score
    if score is None:
        say(f"{found.customer_id} is not among the customers that are scored now.")
    else:
        leaves = "leaves" if score["is_predicted_attrition"] else "stays"
        say(
            f"{found.customer_id}: {score['attrition_probability']:.1%} likely to leave, decile "
            f"{score['risk_decile']} (1 is the riskiest), decision: {leaves}. As of "
            f"{score['as_of_date']}, by {score['model_version']}."
        )
    if found.reasons:
        columns = {"reason_text": "reason", "feature": "feature", "feature_value": "value",
                   "contribution": "log-odds"}  # fmt: skip
        _show_rows(console, "Why", found.reasons, columns)
    elif score is not None:
        say("No reason raises their risk.")
    if found.history:
        columns = {"as_of_date": "as of", "attrition_probability": "probability",
                   "is_predicted_attrition": "leaves", "risk_decile": "decile",
                   "model_version": "version", "role": "role"}  # fmt: skip
        _show_rows(console, "Score over time", found.history, columns)
    known = found.snapshots
    if known["snapshot_count"]:
        say(
            f"\nIn modeling_dataset on {known['snapshot_count']:,} as-of dates, from "
            f"{known['first_as_of_date']} to {known['last_as_of_date']}, with the features of each."
        )
    if says_where:
        say(RECORDS)


def _show_rows(
    console: Console, title: str, rows: tuple[Mapping[str, Any], ...], columns: Mapping[str, str]
) -> None:
    table = Table(title=title, title_justify="left")
    there = {name: shown for name, shown in columns.items() if name in rows[0]}
    for shown in there.values():
        table.add_column(shown, overflow="fold", min_width=len(shown))
    for row in rows:
        table.add_row(*(Text(shown_value(row[name])) for name in there))
    console.print()
    console.print(table)
