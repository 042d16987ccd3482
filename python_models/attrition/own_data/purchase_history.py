"""Purchases that the project accepts of a file: how long, how many, how far apart."""

from dataclasses import dataclass
from datetime import date

import duckdb

from attrition.project.quoting import literal

DAYS_PER_MONTH = 365.25 / 12
HISTORY = ("int_records__sales",)
"""What a scratch build makes for it."""
_USUAL = 0.85
_SHOWN_MONTHS = 6
_NOBODY = (
    "0", "-1", "nan", "none", "null", "guest", "unknown", "n/a", "na", "anonymous", "gast", "test",
    "default", "-",
)  # fmt: skip
_TRICKLE_SHARE = 0.01

_PURCHASE_DAYS = """
with purchase_days as (
    select customer_id, sold_on, sum(quantity) as quantity
    from int_records__sales
    where is_target_purchase
    group by all
)
"""
_GAPS = f"""
{_PURCHASE_DAYS},

gaps as (
    select
        customer_id,
        date_diff('day', lag(sold_on) over in_order, sold_on) as days,
        lag(quantity) over in_order as units
    from purchase_days
    window in_order as (partition by customer_id order by sold_on)
)
"""


@dataclass(frozen=True)
class Period:
    """The accepted sales of a year or of a month, to be held against one's own books.

    Attributes:
        name: The year, or the month as YYYY-MM, or `all`.
        record_count: Accepted records.
        return_count: Returns among them.
        customer_count: Different customers.
        units: Units sold less units returned.
        money: Money taken less money given back.
    """

    name: str
    record_count: int
    return_count: int
    customer_count: int
    units: float
    money: float


@dataclass(frozen=True)
class PurchaseHistory:
    """What decides about grain, horizon and split.

    Attributes:
        first_day: Day of the first purchase.
        last_day: Day of the last sale that the project believes.
        customer_count: Customers with a purchase.
        purchase_count: Days with a purchase, added up over customers.
        repeating_count: Customers with purchases on two days or more.
        usual_gap_days: The gap that 85 % of the gaps do not exceed when every customer counts the
            same, however often they bought; None without repetition.
        days_per_unit: Days that a unit lasts a repeating customer, the median of them; None where
            it is unknown.
        largest_customer: Who bought most often.
        largest_share: Share of the purchases that is theirs.
        doubtful_customers: (id, purchases) of ids that elsewhere stand for no customer.
        dense_month: First month that is not nearly empty, as YYYY-MM.
        periods: All sales, those of each year, and those of each of the last six months.
    """

    first_day: date
    last_day: date
    customer_count: int
    purchase_count: int
    repeating_count: int
    usual_gap_days: float | None
    days_per_unit: float | None
    largest_customer: str
    largest_share: float
    doubtful_customers: tuple[tuple[str, int], ...]
    dense_month: str
    periods: tuple[Period, ...]

    @property
    def months(self) -> float:
        """Length in months."""
        return ((self.last_day - self.first_day).days + 1) / DAYS_PER_MONTH


def read_history(connection: duckdb.DuckDBPyConnection) -> PurchaseHistory:
    """Describe the purchases in a scratch build of `HISTORY`, which has at least one."""
    customers, purchases, repeating = connection.sql(
        f"{_PURCHASE_DAYS} select count(*), sum(n), count(*) filter (n > 1) "
        "from (select count(*) as n from purchase_days group by customer_id)"
    ).fetchall()[0]
    first_day, last_day = connection.sql(
        "select min(sold_on) filter (is_target_purchase), max(sold_on) from int_records__sales"
    ).fetchall()[0]
    per_unit = connection.sql(
        # each customer once: a wholesaler's hundreds of units say nothing of the others
        f"{_GAPS} select median(ratio) from (select sum(days) / sum(units) as ratio "
        "from gaps where days is not null group by customer_id)"
    ).fetchall()[0][0]
    largest, share = connection.sql(
        "select customer_id, count(*) / sum(count(*)) over () as share from int_records__sales "
        "where is_target_purchase group by customer_id order by share desc, customer_id limit 1"
    ).fetchall()[0]
    listed = ", ".join(literal(name) for name in _NOBODY)
    doubtful = connection.sql(
        "select customer_id, count(*) from int_records__sales where is_target_purchase "
        f"and lower(customer_id) in ({listed}) group by customer_id "
        # a customer may be numbered 0
        f"having customer_id not in ('0', '-1') or count(*) > 3 * {purchases / customers} "
        "order by 2 desc, 1"
    ).fetchall()
    return PurchaseHistory(
        first_day=first_day,
        last_day=last_day,
        customer_count=customers,
        purchase_count=int(purchases),
        repeating_count=repeating,
        usual_gap_days=_usual_gap_days(connection),
        days_per_unit=None if not per_unit else float(per_unit),
        largest_customer=largest,
        largest_share=float(share),
        doubtful_customers=tuple(doubtful),
        dense_month=_dense_month(connection),
        periods=_periods(connection),
    )


def _periods(connection: duckdb.DuckDBPyConnection) -> tuple[Period, ...]:
    rows = connection.sql(
        f"""
        with named as (
            select *, case when is_return then -1 else 1 end as sign, unnest([
                'all',
                strftime(sold_on, '%Y'),
                case
                    when sold_on >= date_trunc('month', max(sold_on) over ())
                        - interval {_SHOWN_MONTHS - 1} month
                        then strftime(sold_on, '%Y-%m')
                end
            ]) as period
            from int_records__sales
        )

        select
            period, count(*), count(*) filter (is_return), count(distinct customer_id),
            sum(sign * quantity)::double, sum(sign * amount)::double
        from named
        where period is not null
        group by period
        order by period != 'all', length(period), period
        """
    ).fetchall()
    return tuple(Period(*row) for row in rows)


def _usual_gap_days(connection: duckdb.DuckDBPyConnection) -> float | None:
    # one weekly buyer has as many gaps as four monthly ones, and would decide for them
    usual = connection.sql(
        f"""
        {_GAPS},

        weighted as (
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
    return None if usual is None else float(usual)


def _dense_month(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the first month with at least a hundredth of an average month's purchases."""
    return connection.sql(
        f"""
        {_PURCHASE_DAYS},

        months as (
            select date_trunc('month', sold_on) as starts_on, count(*) as n
            from purchase_days
            group by all
        )

        select strftime(min(starts_on), '%Y-%m')
        from months
        where n >= {_TRICKLE_SHARE} * (select avg(n) from months)
        """
    ).fetchall()[0][0]
