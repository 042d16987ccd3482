"""SQL that ranks customers by what a contact is expected to bring, under a capacity."""

from dataclasses import dataclass
from typing import Any

_POINTS = 200
"""Points of the curve: as many, up to twice as many."""
_ORDER = "order by expected_gain desc nulls last, attrition_probability desc, customer_id"


@dataclass(frozen=True)
class Budget:
    """What a team can do and what it is worth.

    Attributes:
        capacity: Contacts that can be made.
        value: Of a customer; None for each customer's own `customer_value`.
        cost: Of a contact.
        success: Share of leavers that a contact keeps.
    """

    capacity: int
    value: float | None
    cost: float
    success: float


def list_sql(budget: Budget, limit: int) -> tuple[str, dict[str, Any]]:
    """Return a query of the first `limit` customers to contact, and its values."""
    gained, values = _gained(budget)
    return (
        f"{gained} select row_number() over ({_ORDER}) as contact_rank, customer_id, "
        "attrition_probability, expected_gain, reason_1_text, reason_2_text "
        f"from (select * from gained where expected_gain > 0 {_ORDER} limit $count) as listed "
        "order by contact_rank",
        {**values, "count": min(budget.capacity, limit)},
    )


def totals_sql(budget: Budget) -> tuple[str, dict[str, Any]]:
    """Return a query of how many are contacted and what that brings, and its values."""
    gained, values = _gained(budget)
    return (
        f"{gained} select count(*) as contact_count, sum(expected_gain) as expected_gain, "
        "sum(attrition_probability) as expected_attritions, "
        "(select count(*) from gained where gained.expected_gain > 0) > $capacity "
        "as is_more_worth_it "
        f"from (select * from gained where expected_gain > 0 {_ORDER} limit $capacity) as listed",
        {**values, "capacity": budget.capacity},
    )


def curve_sql(budget: Budget) -> tuple[str, dict[str, Any]]:
    """Return a query of the gain by the number of contacts, in a few hundred points."""
    gained, values = _gained(budget)
    return (
        f"{gained}, ranked as (select row_number() over ({_ORDER}) as contact_rank, "
        f"sum(expected_gain) over ({_ORDER} rows between unbounded preceding and current row) "
        "as gained, count(*) over () as total from gained) "
        "select contact_rank as contact_count, gained as expected_gain from ranked "
        f"where mod(contact_rank, greatest(1, floor(total / {_POINTS}))) = 0 "
        "or contact_rank = total "
        "order by contact_rank",
        values,
    )


def _gained(budget: Budget) -> tuple[str, dict[str, Any]]:
    value = "customer_value" if budget.value is None else "$value"
    values = {"cost": budget.cost, "success": budget.success}
    if budget.value is not None:
        values["value"] = budget.value
    return (
        "with gained as (select customer_id, attrition_probability, reason_1_text, reason_2_text, "
        f"attrition_probability * $success * {value} - $cost as expected_gain "
        "from attrition_scores)",
        values,
    )
