"""Small files that went wrong once: what is built of each is what pandas reads, or refused."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from attrition.errors import AttritionError
from attrition.own_data.contract_sql import ContractSql
from attrition.own_data.raw_contract import read_raw_contract
from attrition.own_data.reading import Told, read_file
from macro_harness import ROOT
from staged_file import built

INPUTS = ROOT.parent / "shared" / "inputs"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not INPUTS.is_dir(), reason=f"{INPUTS} is not there"),
]
SQL = ContractSql(ROOT)
SALES = read_raw_contract(ROOT)["sales"]
UNDONE = {"status": ["cancelled", "failed", "refunded"]}


def number(values: pd.Series) -> pd.Series:
    """Read numbers with commas for thousands, currencies and parentheses for negatives."""
    sign = values.str.strip().str.startswith("(").map({True: -1, False: 1})
    return pd.to_numeric(values.str.replace(r"[^0-9.-]", "", regex=True)) * sign


def german(values: pd.Series) -> pd.Series:
    plain = values.str.replace(r"[^0-9,-]", "", regex=True).str.replace(",", ".")
    return pd.to_numeric(plain)


def one(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(1, index=frame.index)


def nothing(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(0, index=frame.index)


Of = Callable[[pd.DataFrame], pd.Series]
PLAIN: tuple[Of, Of] = (lambda f: number(f["quantity"]), lambda f: number(f["amount"]))
READ: dict[str, tuple[dict, Of, Of]] = {
    "accounting_negatives/ledger.csv": (
        {},
        lambda f: number(f["amount"]).map(lambda money: -1 if money < 0 else 1),
        lambda f: number(f["amount"]),
    ),
    "b2b_forty_percent/b2b.csv": ({}, *PLAIN),
    "birth_date_first/loyalty.csv": (
        {},
        lambda f: number(f["qty"]),
        lambda f: number(f["net"]),
    ),
    "csv_doubled_quotes/covers.csv": ({}, *PLAIN),
    "date_day_month_name/trans.csv": ({}, one, lambda f: number(f["tran_amount"])),
    "date_styles/excel_serial.csv": ({}, lambda f: number(f["quantity"]), nothing),
    "date_styles/us_ampm_short.csv": ({}, lambda f: number(f["quantity"]), nothing),
    "few_thousands_separators/mixed.csv": ({}, *PLAIN),
    "german_headers/verkauf.csv": (
        {"sep": ";", "encoding": "windows-1252"},
        lambda f: german(f["Menge"]),
        lambda f: german(f["Betrag"]),
    ),
    "german_headers/verkauf_latin1.csv": (
        {"sep": ";", "encoding": "latin-1"},
        lambda f: german(f["Menge"]),
        lambda f: german(f["Betrag"]),
    ),
    "own_product_type/sales.csv": ({}, *PLAIN),
    "pandas_index_column/online.csv": (
        {},
        lambda f: number(f["Quantity"]),
        lambda f: number(f["Quantity"]) * number(f["UnitPrice"]),
    ),
    "stale_parquet/new_sales.csv": ({}, *PLAIN),
    "unit_price_only/retail.csv": (
        {},
        lambda f: number(f["Quantity"]),
        lambda f: number(f["Quantity"]) * number(f["Price"]),
    ),
}
REFUSED = {
    "first_of_month_us/billing.csv": "Say which it is: --day-first or --month-first",
    "no_customer_column/supermarket.csv": "No column of supermarket.csv looks like customers",
    "subscription_spans/subscriptions.csv": "is no file of purchases",
    "date_styles/german_month.csv": "in no form that is read",
    "date_styles/year_month.csv": "in no form that is read",
    "date_styles/yyyymm.csv": "in no form that is read",
}


def built_of(path: Path, told: Told | None = None) -> dict:
    with duckdb.connect() as connection:
        reading = read_file(connection, path, told or Told(), SALES, SQL)
        with reading.readable_folder(connection) as folder:
            return built(reading, folder)


@pytest.mark.parametrize("name", READ)
def test_a_file_is_built_as_pandas_reads_it(name):
    options, units, money = READ[name]
    frame = pd.read_csv(INPUTS / name, dtype=str, keep_default_na=False, **options)
    found = built_of(INPUTS / name)
    assert (found["accepted"], found["rejected"]) == (len(frame), 0)
    assert float(found["units"]) == float(units(frame).sum())
    assert float(found["money"]) == pytest.approx(float(money(frame).sum()), abs=0.005)


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_with_certainty_is_refused(name):
    with pytest.raises(AttritionError, match=REFUSED[name]):
        built_of(INPUTS / name)


def test_guests_are_rejected_and_undone_orders_are_returns():
    path = INPUTS / "guest_zero" / "woo.csv"
    frame = pd.read_csv(path, dtype=str)
    named = frame[frame["customer_id"] != "0"]
    undone = named["status"].isin(UNDONE["status"])
    found = built_of(path, Told(guests=["0"], undone=UNDONE))
    assert (found["accepted"], found["rejected"]) == (len(named), len(frame) - len(named))
    money = number(named["order_total"]).where(~undone, -number(named["order_total"]).abs())
    assert float(found["money"]) == pytest.approx(float(money.sum()), abs=0.005)
