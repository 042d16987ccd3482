"""What pushes the risk of customers up or down: values of the strongest features, with a sign."""

from collections.abc import Sequence
from typing import Any

from attrition.report import words
from attrition.report.source import Row

UP, DOWN = "▲", "▼"
STRONGEST = """
select importance.feature
from attrition_feature_importance as importance
left join attrition_feature_catalog as catalog
    on importance.feature = catalog.feature
where not coalesce(catalog.is_sensitive, false)
order by importance.importance_rank
limit 6
"""


def pushes_sql(customers: Sequence[str], features: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Return a query of these features' contributions to these customers' scores, and its values.

    Args:
        customers: A page of them, not none.
        features: Names of features, not none.
    """
    values = {f"customer_{place}": name for place, name in enumerate(customers)}
    values |= {f"feature_{place}": name for place, name in enumerate(features)}
    of_whom = ", ".join(f"$customer_{place}" for place in range(len(customers)))
    of_what = ", ".join(f"$feature_{place}" for place in range(len(features)))
    sql = (
        "select customer_id, feature, feature_value, contribution from attrition_contributions "
        f"where customer_id in ({of_whom}) and feature in ({of_what})"
    )
    return sql, values


def pushed_cells(
    customers: Sequence[str], features: Sequence[str], rows: Sequence[Row]
) -> dict[str, list[str]]:
    """Return a column for each feature, as `▲ 74` where 74 raises the risk.

    Customers whose contributions are not kept have empty cells; a feature that has none at all has
    no column.

    Args:
        customers: In the order of the table.
        features: In the order of the columns.
        rows: What the query of `pushes_sql` found.
    """
    found = {(row["customer_id"], row["feature"]): row for row in rows}
    columns = {
        words.feature(feature): [_cell(found.get((name, feature))) for name in customers]
        for feature in features
    }
    return {head: cells for head, cells in columns.items() if any(cells)}


def _cell(row: Row | None) -> str:
    if row is None:
        return ""
    value = row["feature_value"] or "unknown"
    if not row["contribution"]:
        return value
    return f"{UP if row['contribution'] > 0 else DOWN} {value}"
