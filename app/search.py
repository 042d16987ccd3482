"""SQL that finds customers: search, filter, sort, a page of them, and all of them for a file."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

EACH = 50
"""Customers on a page."""
MOST = 100_000
"""Most customers in a file."""
SORTS = {
    "Most at risk first": "scores.attrition_probability desc",
    "Least at risk first": "scores.attrition_probability asc",
    "Most to gain first": "scores.expected_gain desc nulls last",
    "Most value at risk first": "scores.value_at_risk desc nulls last",
    "Largest rise of risk first": "scores.probability_change desc nulls last",
    "Customer": "scores.customer_id asc",
}
_NEEDS = {"expected_gain", "value_at_risk", "probability_change"}
_SHOWN = (
    "customer_id",
    "attrition_probability",
    "is_predicted_attrition",
    "risk_decile",
    "risk_band",
    "probability_change",
    "value_at_risk",
    "expected_gain",
    "reason_1_text",
    "reason_2_text",
    "reason_3_text",
)
COLUMNS = """
select column_name
from information_schema.columns
where table_name = 'attrition_scores'
"""
CATEGORIES = """
select feature
from attrition_feature_catalog
where data_type = 'category' and is_selected and not coalesce(is_sensitive, false)
order by feature
"""


@dataclass(frozen=True)
class Search:
    """What a visitor looks for.

    Attributes:
        text: Part of an identifier.
        only_flagged: Only customers that are predicted to leave.
        deciles: Only those; all where empty.
        lowest: Least probability.
        highest: Most probability.
        reason: Part of any of the three reasons.
        feature: A category in `attrition_scored_features` to filter by.
        levels: Its values that are wanted; all where empty.
        sort: A key of `SORTS`.
    """

    text: str = ""
    only_flagged: bool = False
    deciles: tuple[int, ...] = ()
    lowest: float = 0.0
    highest: float = 1.0
    reason: str = ""
    feature: str | None = None
    levels: tuple[str, ...] = ()
    sort: str = "Most at risk first"


def sorts(columns: Collection[str]) -> list[str]:
    """Return the orders that a table of scores with some columns can have."""
    lacking = _NEEDS - set(columns)
    return [name for name, sql in SORTS.items() if not any(column in sql for column in lacking)]


def count_sql(search: Search) -> tuple[str, dict[str, Any]]:
    """Return a query of how many customers are found, and its values."""
    rest, values = _found(search)
    return f"select count(*) as count {rest}", values


def page_sql(search: Search, columns: Collection[str], page: int) -> tuple[str, dict[str, Any]]:
    """Return a query of one page, counted from 1, and its values."""
    sql, values = _selected(search, columns)
    return f"{sql} limit {EACH} offset $start", {**values, "start": EACH * (page - 1)}


def file_sql(search: Search, columns: Collection[str]) -> tuple[str, dict[str, Any]]:
    """Return a query of all that are found, up to `MOST`, and its values."""
    sql, values = _selected(search, columns)
    return f"{sql} limit {MOST}", values


def _selected(search: Search, columns: Collection[str]) -> tuple[str, dict[str, Any]]:
    rest, values = _found(search)
    shown = ", ".join(f"scores.{name}" for name in _SHOWN if name in columns)
    # the customer last: pages must not overlap
    return f"select {shown} {rest} order by {SORTS[search.sort]}, scores.customer_id", values


def _found(search: Search) -> tuple[str, dict[str, Any]]:
    conditions = ["scores.attrition_probability between $lowest and $highest"]
    values: dict[str, Any] = {"lowest": search.lowest, "highest": search.highest}
    join = ""
    if search.text.strip():
        conditions.append("contains(lower(scores.customer_id), lower($text))")
        values["text"] = search.text.strip()
    if search.only_flagged:
        conditions.append("scores.is_predicted_attrition")
    if search.deciles:
        conditions.append("list_contains($deciles, scores.risk_decile)")
        values["deciles"] = list(search.deciles)
    if search.reason.strip():
        reasons = "concat_ws(' ', reason_1_text, reason_2_text, reason_3_text)"
        conditions.append(f"contains(lower({reasons}), lower($reason))")
        values["reason"] = search.reason.strip()
    if search.feature and search.levels:
        quoted = '"' + search.feature.replace('"', '""') + '"'
        join = "inner join attrition_scored_features as given using (customer_id)"
        conditions.append(f"list_contains($levels, given.{quoted})")
        values["levels"] = list(search.levels)
    return f"from attrition_scores as scores {join} where {' and '.join(conditions)}", values
