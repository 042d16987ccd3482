"""What makes the money and the units of a file doubtful, found in what it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from attrition.own_data.column_match import (
    ColumnProfile,
    is_key_name,
    number_expression,
    words_of,
)
from attrition.own_data.contract_sql import ContractSql
from attrition.own_data.money_columns import is_beside_the_money

_MOST = 0.9
_NEARLY_ALL = 0.95
_ENOUGH_ORDERS = 20
_ENOUGH_SUMS = 10
_LARGEST_UNITS = 100
_NAMED_AT_MOST = 5
_FAR_BEYOND = 100
_MOST_UNITS = 0.5
_CURRENCIES = {
    "aed", "ars", "aud", "bgn", "brl", "cad", "chf", "clp", "cny", "cop", "czk", "dkk", "egp",
    "eur", "gbp", "hkd", "huf", "idr", "ils", "inr", "isk", "jpy", "kes", "krw", "mxn", "myr",
    "ngn", "nok", "nzd", "pen", "php", "pkr", "pln", "ron", "rsd", "rub", "sar", "sek", "sgd",
    "thb", "try", "twd", "uah", "usd", "vnd", "zar", "€", "$", "£", "¥",
}  # fmt: skip


@dataclass(frozen=True)
class Doubts:
    """Doubts about a file.

    Attributes:
        currencies: {column: its several currencies}.
        repeated: (column of money, column of orders) where all lines of an order have one sum.
        no_units: Columns that could hold units, where none was taken.
        no_money: Columns that could hold money, where none was taken.
        heavy: (column of units, share of its units, share of its rows) where few rows that are
            far beyond the usual one hold most units.
    """

    currencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    repeated: tuple[str, str] | None = None
    no_units: tuple[str, ...] = ()
    no_money: tuple[str, ...] = ()
    heavy: tuple[str, float, float] | None = None


def find_doubts(
    connection: duckdb.DuckDBPyConnection,
    sql: ContractSql,
    profiles: Sequence[ColumnProfile],
    chosen: Mapping[str, str],
    day: str,
    open_columns: Sequence[str],
) -> Doubts:
    """Look for doubts.

    Args:
        connection: Connection whose profiled rows are looked at.
        sql: How the project reads values.
        profiles: All columns.
        chosen: {contract column: column of the file}, where one was taken.
        day: SQL of the day.
        open_columns: Those of `quantity` and `amount` that were not found.
    """
    free = [profile for profile in profiles if profile.name not in chosen.values()]
    numbers = [
        p
        for p in free
        if p.number_share >= _MOST
        and p.date_share < _MOST
        and p.distinct_share * p.filled > 1.5
        and p.boolean_share < 1
        and not is_key_name(p.name)
        and not is_beside_the_money(p.name)
    ]
    units = [p for p in numbers if p.whole_share >= _MOST and 0 < (p.median or 0) <= _LARGEST_UNITS]
    money = [p for p in numbers if p not in units]
    has_money = "amount" in chosen
    return Doubts(
        _currencies(connection, sql, free, chosen.get("amount")) if has_money else {},
        _repeated(connection, sql, free, chosen, day) if has_money else None,
        _names(units) if "quantity" in open_columns else (),
        _names(money) if "amount" in open_columns else (),
        _heavy(connection, sql, profiles, chosen.get("quantity")),
    )


def _names(profiles: Sequence[ColumnProfile]) -> tuple[str, ...]:
    return tuple(profile.name for profile in profiles[:_NAMED_AT_MOST])


def _currencies(
    connection: duckdb.DuckDBPyConnection,
    sql: ContractSql,
    profiles: Sequence[ColumnProfile],
    amount: str | None,
) -> dict[str, tuple[str, ...]]:
    found = {
        p.name: tuple(sorted(p.values))
        for p in profiles
        if len(p.values) > 1
        and (p.values <= _CURRENCIES or not {"currency", "wahrung"}.isdisjoint(words_of(p.name)))
    }
    if amount is not None:
        mark = f"lower(regexp_extract({sql.text(amount)}, '[$€£¥]|[A-Za-z]{{3}}'))"
        marks = connection.execute(f"select distinct {mark} from profiled_rows").fetchall()
        known = {value for (value,) in marks} & _CURRENCIES
        if len(known) > 1:
            found[amount] = tuple(sorted(known))
    return found


def _repeated(
    connection: duckdb.DuckDBPyConnection,
    sql: ContractSql,
    profiles: Sequence[ColumnProfile],
    chosen: Mapping[str, str],
    day: str,
) -> tuple[str, str] | None:
    """Return money and orders where every line of an order has the sum of all."""
    money, customer = sql.text(chosen["amount"]), sql.text(chosen["customer_id"])
    for order in profiles:
        # a column of orders repeats, in a row or in few
        if not 0.01 <= order.distinct_share <= 0.99 or order.date_share >= _MOST:
            continue
        orders, of_one, same, sums = connection.execute(
            "select count(*), avg(cast(is_one as integer)), "
            "avg(cast(sums = 1 as integer)) filter (is_one), count(distinct money) from ("
            f"select count(distinct {day}) = 1 and count(distinct {customer}) = 1 as is_one, "
            f"count(distinct {money}) as sums, min({money}) as money from profiled_rows "
            f"where {sql.text(order.name)} is not null group by {sql.text(order.name)} "
            "having count(*) > 1)"
        ).fetchall()[0]
        if (
            orders >= _ENOUGH_ORDERS
            and sums >= _ENOUGH_SUMS
            and min(of_one, same or 0) >= _NEARLY_ALL
        ):
            return chosen["amount"], order.name
    return None


def _heavy(
    connection: duckdb.DuckDBPyConnection,
    sql: ContractSql,
    profiles: Sequence[ColumnProfile],
    column: str | None,
) -> tuple[str, float, float] | None:
    """Return units of which most stand in few rows, as litres do among pieces."""
    units = next((profile for profile in profiles if profile.name == column), None)
    if units is None or not units.median or units.median < 0:
        return None
    number = number_expression(sql, units.name, units.number_format)
    of_units, of_rows = connection.execute(
        "select sum(number) filter (is_heavy) / sum(number), avg(cast(is_heavy as integer)) from ("
        f"select number, number >= {_FAR_BEYOND * units.median} as is_heavy from ("
        f"select cast({number} as double) from profiled_rows) as numbers(number) where number > 0)"
    ).fetchall()[0]
    return (units.name, of_units, of_rows) if (of_units or 0) > _MOST_UNITS else None
