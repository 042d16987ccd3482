"""SQL that ranks customers by what a contact is expected to bring, under a capacity."""

from dataclasses import dataclass
from typing import Any

_POINTS = 200
"""Most points of the curve."""


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
    ranked, values = _ranked(budget)
    return (
        f"{ranked} select contact_rank, customer_id, attrition_probability, expected_gain, "
        "reason_1_text, reason_2_text from ranked "
        "where contact_rank <= least($capacity, $limit) and expected_gain > 0 "
        "order by contact_rank",
        {**values, "capacity": budget.capacity, "limit": limit},
    )


def totals_sql(budget: Budget) -> tuple[str, dict[str, Any]]:
    """Return a query of how many are contacted and what that brings, and its values."""
    ranked, values = _ranked(budget)
    return (
        f"{ranked} select "
        "count(*) filter (contact_rank <= $capacity) as contact_count, "
        "sum(expected_gain) filter (contact_rank <= $capacity) as expected_gain, "
        "sum(attrition_probability) filter (contact_rank <= $capacity) as expected_attritions, "
        "count(*) > $capacity as is_more_worth_it "
        "from ranked where expected_gain > 0",
        {**values, "capacity": budget.capacity},
    )


def curve_sql(budget: Budget) -> tuple[str, dict[str, Any]]:
    """Return a query of the gain by the number of contacts, in at most 200 points."""
    ranked, values = _ranked(budget)
    return (
        f"{ranked}, gains as (select contact_rank, "
        "sum(expected_gain) over (order by contact_rank) as gained, "
        "count(*) over () as total from ranked) "
        "select contact_rank as contact_count, gained as expected_gain from gains "
        f"where contact_rank % greatest(1, total // {_POINTS}) = 0 or contact_rank = total "
        "order by contact_rank",
        values,
    )


def _ranked(budget: Budget) -> tuple[str, dict[str, Any]]:
    value = "customer_value" if budget.value is None else "$value"
    values = {"cost": budget.cost, "success": budget.success}
    if budget.value is not None:
        values["value"] = budget.value
    return (
        "with gained as (select customer_id, attrition_probability, reason_1_text, reason_2_text, "
        f"attrition_probability * $success * {value} - $cost as expected_gain "
        "from attrition_scores), "
        "ranked as (select *, row_number() over (order by expected_gain desc nulls last, "
        "attrition_probability desc, customer_id) as contact_rank from gained)",
        values,
    )
