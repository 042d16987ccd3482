"""Which number columns of a file hold what was paid: no price of one unit, no tax, no discount."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb

from attrition.own_data.column_match import (
    ColumnProfile,
    is_key_name,
    number_expression,
    words_of,
)
from attrition.own_data.contract_sql import ContractSql

_MOST = 0.9
_ENOUGH_ROWS = 20
_MOST_COLUMNS = 20
_UNIT_PRICES = {
    "price", "unitprice", "priceperunit", "itemprice", "unitcost", "einzelpreis", "stuckpreis",
    "pu", "puht", "prixunitaire", "preciounitario", "prezzounitario", "単価",
}  # fmt: skip
# What is beside the money of a sale, unless its name says that it is taken in or left out.
_BESIDE = set(
    words_of(
        "tax vat mwst ust steuer steuerbetrag tva iva discount rabatt remise descuento sconto fee "
        "shipping freight versand versandkosten porto tip refund refunded"
    )
)
_WITH_OR_WITHOUT = set(
    words_of(
        "incl excl inc ex including excluding with without before after less net gross total inkl "
        "exkl ohne zzgl hors sans con sin"
    )
)
_GROWS = 0.6


@dataclass(frozen=True)
class MoneyColumns:
    """What the number columns of a file are.

    Attributes:
        sums: Those that can be the money of a sale.
        price: That of a price of one unit, None where there is none or several.
    """

    sums: tuple[ColumnProfile, ...] = ()
    price: ColumnProfile | None = None


def is_beside_the_money(name: str) -> bool:
    """Say whether a column is named as a tax, a discount or another part of a sum."""
    words = set(words_of(name))
    return not words.isdisjoint(_BESIDE) and words.isdisjoint(_WITH_OR_WITHOUT)


def money_columns(
    connection: duckdb.DuckDBPyConnection,
    sql: ContractSql,
    profiles: Sequence[ColumnProfile],
    units: ColumnProfile | None,
    named: Collection[str],
) -> MoneyColumns:
    """Tell sums of money from prices of one unit, by what they hold and then by name.

    A price times the units is another column; or it does not grow with the units, as a sum does.

    Args:
        connection: Connection whose profiled rows are looked at.
        sql: How the project reads values.
        profiles: Columns that may be either.
        units: The column of units, None where there is none.
        named: Columns whose names speak for money.
    """
    sums = [p for p in profiles if not is_beside_the_money(p.name)]
    if units is None:
        return MoneyColumns(tuple(sums))
    numbers = [
        p
        for p in sums
        if p.number_share >= _MOST and p.date_share < _MOST and not is_key_name(p.name)
    ][:_MOST_COLUMNS]
    _read_numbers(connection, sql, numbers, units)
    products = [
        (price, total)
        for price in numbers
        for total in numbers
        if price is not total
        and _is_product(connection, numbers.index(price), numbers.index(total))
    ]
    by_product = {price.name for price, _ in products}
    totals = {total.name for _, total in products}
    prices = [
        p
        for place, p in enumerate(numbers)
        if p.name in by_product
        or (
            "".join(words_of(p.name)) in _UNIT_PRICES
            and p.name not in totals
            and not _grows_with_units(connection, place)
        )
    ]
    sums = [p for p in sums if p not in prices]
    if totals and not any(p.name in named for p in sums):
        sums = [p for p in sums if p.name in totals]
    return MoneyColumns(tuple(sums), prices[0] if len(prices) == 1 else None)


def _read_numbers(
    connection: duckdb.DuckDBPyConnection,
    sql: ContractSql,
    numbers: Sequence[ColumnProfile],
    units: ColumnProfile,
) -> None:
    read = "".join(
        f", abs({number_expression(sql, p.name, p.number_format)})::double as number_{place}"
        for place, p in enumerate(numbers)
    )
    connection.execute(
        "create or replace temp table profiled_numbers as select "
        f"abs({number_expression(sql, units.name, units.number_format)})::double as units{read} "
        "from profiled_rows"
    )


def _is_product(connection: duckdb.DuckDBPyConnection, price: int, total: int) -> bool:
    """Say whether a column is units times another one, but for cents lost in rounding."""
    count, share = connection.execute(
        f"select count(*), avg(cast(abs(number_{total} - units * number_{price}) "
        "<= 0.005 * units + 0.005 as integer)) from profiled_numbers "
        f"where units not in (0, 1) and number_{price} > 0.05 and number_{total} > 0.05"
    ).fetchall()[0]
    return count >= _ENOUGH_ROWS and share >= _MOST


def _grows_with_units(connection: duckdb.DuckDBPyConnection, place: int) -> bool:
    """Say whether twice the units mean nearly twice the number, as in the sum of a line."""
    slope = connection.execute(
        f"select case when count(*) filter (units = 1) >= {_ENOUGH_ROWS} "
        f"and count(*) filter (units > 1) >= {_ENOUGH_ROWS} "
        f"then regr_slope(ln(number_{place}), ln(units)) end "
        f"from profiled_numbers where units > 0 and number_{place} > 0"
    ).fetchall()[0][0]
    return slope is not None and slope >= _GROWS
