"""Purchases of a file under a mapping: how long, how many, how far apart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from attrition.errors import AttritionError
from attrition.own_data.buckets import DAYS_PER_MONTH, bucket_of, bucket_start

_USUAL = 0.85
_TRICKLE_SHARE = 0.01
_EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True)
class PurchaseHistory:
    """What decides about grain, horizon and split.

    Attributes:
        first_day: Day of the first purchase.
        last_day: Day of the last sale that the project believes.
        customer_count: Customers with a purchase.
        purchase_count: Days with a purchase, added up over customers.
        repeating_count: Customers with purchases on two days or more.
        median_gap_days: Median of the days between two purchase days, None without repetition.
        usual_gap_days: The gap that 85 % of the gaps do not exceed when every customer counts the
            same, however often they bought; None without repetition.
        days_per_unit: Days that a unit lasts a repeating customer, None where it is unknown.
        unusable_count: Rows without customer, without date, or with a date beyond today.
        stray_count: Purchases dated after `last_day`, which the project does not believe.
        dense_month: First month that is not nearly empty, as YYYY-MM.
    """

    first_day: date
    last_day: date
    customer_count: int
    purchase_count: int
    repeating_count: int
    median_gap_days: float | None
    usual_gap_days: float | None
    days_per_unit: float | None
    unusable_count: int
    stray_count: int
    dense_month: str

    @property
    def months(self) -> float:
        """Length in months."""
        return ((self.last_day - self.first_day).days + 1) / DAYS_PER_MONTH


def read_purchases(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    expressions: Mapping[str, str],
    today: date,
    last_day: date | None = None,
) -> PurchaseHistory:
    """Load the purchase days of a file into the temporary table `purchase_days`, and describe them.

    Args:
        connection: Connection that can read `relation`.
        relation: Rows of the file.
        expressions: {contract column: SQL that reads it}; at least customer_id and sold_on.
        today: Later days are wrong dates.
        last_day: How far the sales reach, as `int_records__sales` says; None for all of them.

    Raises:
        AttritionError: When no purchase is left.
    """
    _load(connection, relation, expressions)
    total = connection.execute("select count(*) from read_rows").fetchall()[0][0]
    connection.execute(
        "create or replace temp table purchase_days as "
        "select customer_id, sold_on, sum(quantity) as quantity from read_rows "
        "where customer_id is not null and sold_on between ? and ? and not is_return "
        "and coalesce(quantity, 1) > 0 and product_type = 'consumable' "
        "group by all",
        [_EARLIEST, today],
    )
    usable = connection.execute(
        "select count(*) from read_rows where customer_id is not null and sold_on between ? and ?",
        [_EARLIEST, today],
    ).fetchall()[0][0]
    days = connection.execute(
        "select sold_on, count(*) from purchase_days group by sold_on order by sold_on"
    ).fetchall()
    if not days:
        raise AttritionError("No row has a customer, a date up to today and a purchase.")
    last_day = last_day or days[-1][0]
    stray = sum(count for day, count in days if day > last_day)
    connection.execute("delete from purchase_days where sold_on > ?", [last_day])
    return _describe(connection, days, last_day, total - usable, stray)


def _load(
    connection: duckdb.DuckDBPyConnection, relation: str, expressions: Mapping[str, str]
) -> None:
    quantity = expressions.get("quantity", "cast(null as decimal(18, 4))")
    amount = expressions.get("amount", "cast(null as decimal(18, 4))")
    flag = expressions.get("is_return", "cast(null as boolean)")
    product_type = expressions.get("product_type", "'consumable'")
    connection.execute(
        "create or replace temp table read_rows as select "
        f"{expressions['customer_id']} as customer_id, {expressions['sold_on']} as sold_on, "
        f"abs({quantity}) as quantity, "
        f"lower({product_type}) as product_type, "
        f"coalesce({flag}, {quantity} < 0, {amount} < 0, false) as is_return from {relation}"
    )


def _describe(
    connection: duckdb.DuckDBPyConnection,
    days: Iterable[tuple[date, int]],
    last_day: date,
    unusable: int,
    stray: int,
) -> PurchaseHistory:
    trusted = [(day, count) for day, count in days if day <= last_day]
    connection.execute(
        "create or replace temp table gaps as select customer_id, "
        "date_diff('day', lag(sold_on) over "
        "(partition by customer_id order by sold_on), sold_on) as days, "
        "lag(quantity) over (partition by customer_id order by sold_on) as units "
        "from purchase_days"
    )
    median, per_unit = connection.execute(
        "select median(days), sum(days) / sum(units) from gaps where days is not null"
    ).fetchall()[0]
    # one weekly buyer has as many gaps as four monthly ones, and would decide for them
    usual = connection.execute(
        f"""
        with weighted as (
            select days, 1.0 / count(*) over (partition by customer_id) as weight
            from gaps
            where days is not null
        ),

        ranked as (
            select days, sum(weight) over (order by days) / sum(weight) over () as share
            from weighted
        )

        select min(days)
        from ranked
        where share >= {_USUAL}
        """
    ).fetchall()[0][0]
    customers, purchases, repeating = connection.execute(
        "select count(*), sum(n), count(*) filter (n > 1) "
        "from (select count(*) as n from purchase_days group by customer_id)"
    ).fetchall()[0]
    return PurchaseHistory(
        first_day=trusted[0][0],
        last_day=last_day,
        customer_count=customers,
        purchase_count=int(purchases),
        repeating_count=repeating,
        median_gap_days=None if median is None else float(median),
        usual_gap_days=None if usual is None else float(usual),
        days_per_unit=None if not per_unit else float(per_unit),
        unusable_count=unusable,
        stray_count=stray,
        dense_month=_dense_month(trusted),
    )


def _dense_month(days: Sequence[tuple[date, int]]) -> str:
    """Return the first month with at least a hundredth of an average month's purchases."""
    months: dict[int, int] = {}
    for day, count in days:
        month = bucket_of(day, "month")
        months[month] = months.get(month, 0) + count
    average = sum(months.values()) / len(months)
    first = next(month for month, count in months.items() if count >= _TRICKLE_SHARE * average)
    return bucket_start(first, "month").strftime("%Y-%m")
