"""SQL that finds customers: search, filter, sort, a page of them, and all of them for a file."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from attrition.errors import AttritionError

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
_NAME = re.compile(r"[A-Za-z_]\w*")
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
ANYBODY = """
select *
from attrition_scores
limit 1
"""
"""Tells which columns the scores of a build have."""
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
        conditions.append(_one_of("scores.risk_decile", "decile", search.deciles, values))
    if search.reason.strip():
        # where one is null, Snowflake joins to null
        reasons = " || ' ' || ".join(f"coalesce(reason_{n}_text, '')" for n in (1, 2, 3))
        conditions.append(f"contains(lower({reasons}), lower($reason))")
        values["reason"] = search.reason.strip()
    if search.feature and search.levels:
        join = "inner join attrition_scored_features as given using (customer_id)"
        column = f"given.{column_name(search.feature)}"
        conditions.append(_one_of(column, "level", search.levels, values))
    return f"from attrition_scores as scores {join} where {' and '.join(conditions)}", values


def _one_of(column: str, name: str, wanted: Collection[Any], values: dict[str, Any]) -> str:
    """Return a condition, and add its values."""
    named = {f"{name}_{number}": value for number, value in enumerate(wanted)}
    values.update(named)
    return f"{column} in ({', '.join(f'${one}' for one in named)})"


def column_name(feature: str) -> str:
    """Return the column of a feature, unquoted: each warehouse stores it in its own case.

    Raises:
        AttritionError: The name is none that stands unquoted.
    """
    if not _NAME.fullmatch(feature):
        raise AttritionError(f"The feature {feature} cannot be filtered by: rename its column.")
    return feature


def levels_sql(feature: str) -> str:
    """Return a query of the values that a category has."""
    return (
        f"select distinct {column_name(feature)} as level from attrition_scored_features order by 1"
    )
