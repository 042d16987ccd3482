"""Sums of money, prices of one unit and what stands beside them, told by what they hold."""

from pathlib import Path

import duckdb
import pytest
from attrition.own_data.column_match import profile_columns, words_of
from attrition.own_data.contract_sql import ContractSql
from attrition.own_data.money_columns import MoneyColumns, is_beside_the_money, money_columns

SQL = ContractSql(Path(__file__).resolve().parents[3])


def told_apart(columns: dict[str, str], named: tuple[str, ...] = ()) -> MoneyColumns:
    """Tell the number columns of 300 lines apart: `u` units of a product, `p` the price of one."""
    listed = ", ".join(f'({text})::varchar as "{name}"' for name, text in columns.items())
    with duckdb.connect() as connection:
        connection.execute(
            f"create table lines as select {listed} from (select 1 + n % 4 as u, "
            "round(3 + (n * 37 % 101) / 7, 2)::decimal(9, 2) as p from range(300) as r(n))"
        )
        units, *others = profile_columns(connection, "lines", list(columns), SQL)
        return money_columns(connection, SQL, others, units, named)


def names(money: MoneyColumns) -> tuple[list[str], str | None]:
    return [p.name for p in money.sums], money.price.name if money.price else None


def test_what_times_the_units_is_another_column_is_a_price_whatever_its_name():
    columns = {"ilosc": "u", "cena": "p", "podatek": "u * p * 0.23", "wartosc": "u * p"}
    assert names(told_apart(columns)) == (["wartosc"], "cena")


def test_a_sum_with_a_name_for_money_stays_beside_the_products():
    columns = {"qty": "u", "base_price": "p", "gross": "u * p", "total": "u * p * 0.9"}
    assert names(told_apart(columns, ("total",))) == (["gross", "total"], "base_price")


@pytest.mark.parametrize(
    ("held", "found"), [("p", ([], "item-price")), ("u * p", (["item-price"], None))]
)
def test_a_price_by_name_that_grows_with_the_units_is_the_money_of_the_line(held, found):
    assert names(told_apart({"quantity": "u", "item-price": held})) == found


def test_numbers_too_large_to_multiply_are_told_apart_too():
    columns = {"Menge": "(u * 100) || ',000'", "Faktura": "90000000123456", "Betrag": "u * p"}
    assert "Betrag" in names(told_apart(columns))[0]


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("item-tax", True), ("Discounts", True), ("Amount Refunded", True), ("TVA", True),
        ("Total incl. VAT", False), ("Montant hors TVA", False), ("Net Sales", False),
    ],
)  # fmt: skip
def test_a_tax_is_not_the_money_and_a_sum_with_or_without_it_is(name, beside):
    assert is_beside_the_money(name) is beside


def test_words_have_no_accents_and_letters_of_any_script():
    assert words_of("Quantité HT") == ["quantite", "ht"]
    assert words_of("Código_cliente") == ["codigo", "cliente"]
    assert words_of("数量") == ["数量"]
