"""Which column is which, by name and by contents."""

import duckdb
import pytest
from attrition.own_data.column_match import (
    best_match,
    date_expression,
    name_score,
    number_expression,
    profile_columns,
)
from attrition.own_data.contract_sql import ContractSql
from attrition.own_data.raw_contract import read_raw_contract
from compiled_project import ROOT

SQL = ContractSql(ROOT)
SALES = read_raw_contract(ROOT)["sales"]


def profiled(values: list[str]):
    with duckdb.connect() as connection:
        connection.execute("create table t as select unnest(?) as x", [values])
        return profile_columns(connection, "t", ["x"], SQL)[0]


@pytest.mark.parametrize(
    ("values", "date_format"),
    [
        (["2024-01-31", "2024-02-01 10:00:00"], None),
        (["20240131", "20240201"], None),
        (["31/01/2024", "01/02/2024"], "%d/%m/%Y"),
        (["01/31/2024", "02/01/2024"], "%m/%d/%Y"),
        (["31.01.2024", "01.02.2024"], "%d.%m.%Y"),
        (["31/01/2024 07:45", "01/02/2024 23:10"], "%d/%m/%Y"),
        (["31 Jan 2024", "1 Feb 2024"], "%d %b %Y"),
    ],
)
def test_dates_are_recognised_with_their_format(values, date_format):
    profile = profiled(values)
    assert profile.date_share == 1.0
    assert profile.date_format == date_format
    with duckdb.connect() as connection:
        connection.execute("create table t as select unnest(?) as x", [values])
        days = connection.sql(f"select {date_expression(SQL, 'x', date_format)} from t").fetchall()
    assert [str(day) for (day,) in days] == ["2024-01-31", "2024-02-01"]


@pytest.mark.parametrize(
    "values", [["1", "2"], ["4.5", "1"], ["a-1 22", "b"], ["199701", "199702"]]
)
def test_other_values_are_no_dates(values):
    assert profiled(values).date_share == 0.0


@pytest.mark.parametrize(
    ("values", "number_format", "first"),
    [
        (["1.5", "-2"], "plain", 1.5),
        (["1,234.50", "$12.00"], "comma for thousands", 1234.5),
        (["1.234,50", "12,00"], "comma for decimals", 1234.5),
    ],
)
def test_numbers_are_recognised_as_people_write_them(values, number_format, first):
    profile = profiled(values)
    assert (profile.number_share, profile.number_format) == (1.0, number_format)
    with duckdb.connect() as connection:
        connection.execute("create table t as select unnest(?) as x", [values])
        found = connection.sql(
            f"select {number_expression(SQL, 'x', number_format)} from t"
        ).fetchall()
    assert float(found[0][0]) == first


def test_codes_with_digits_are_no_money():
    assert profiled(["A12", "B7x", "CC3"]).number_share == 0.0


@pytest.mark.parametrize(
    ("contract", "theirs"),
    [
        ("customer_id", "CustomerID"),
        ("customer_id", "Customer ID"),
        ("customer_id", "cust"),
        ("sold_on", "InvoiceDate"),
        ("sold_on", "order_date"),
        ("quantity", "number_of_cds"),
        ("quantity", "Qty"),
        ("amount", "dollar_value"),
        ("amount", "Total"),
        ("product_id", "StockCode"),
    ],
)
def test_usual_names_are_known(contract, theirs):
    assert name_score(SALES.column(contract), theirs) > 0.5


def test_a_name_like_no_other_scores_nothing():
    assert name_score(SALES.column("customer_id"), "weather") == 0.0


def test_a_name_does_not_make_a_date_of_a_text():
    with duckdb.connect() as connection:
        connection.execute("create table t as select 'monday' as date, '2024-01-02' as happened")
        profiles = profile_columns(connection, "t", ["date", "happened"], SQL)
    assert best_match(SALES.column("sold_on"), profiles).name == "happened"


@pytest.mark.parametrize("name", ["order_id", "invoice_number", "product code", "SalesKey"])
def test_names_of_identifiers_are_not_taken_for_numbers(name):
    assert name_score(SALES.column("quantity"), name) == 0.0
    assert name_score(SALES.column("amount"), name) == 0.0


def test_a_category_with_gaps_is_left_alone_because_its_records_would_be_rejected():
    with duckdb.connect() as connection:
        connection.execute("create table t as select unnest(['sensor', null]) as product_type")
        profiles = profile_columns(connection, "t", ["product_type"], SQL)
    assert best_match(SALES.column("product_type"), profiles) is None


def test_a_category_is_taken_only_when_all_its_values_are_in_the_contract():
    with duckdb.connect() as connection:
        connection.execute(
            "create table t as select unnest(['Sensor', 'consumable']) as kind, "
            "unnest(['sensor', 'shoes']) as product_type"
        )
        profiles = profile_columns(connection, "t", ["kind", "product_type"], SQL)
    assert best_match(SALES.column("product_type"), profiles).name == "kind"


@pytest.mark.parametrize(
    ("values", "date_format"),
    [
        (["03-Jan-22", "14-Feb-22"], "%d-%b-%y"),
        (["3 January 2022", "14 February 2022"], "%d %B %Y"),
        (["January 3, 2022", "February 14, 2022"], "%B %d, %Y"),
        (["Jan 3, 2022, 11:30 PM", "Feb 14, 2022, 1:05 AM"], "%b %d, %Y"),
        (["Mon Jan 03 10:00:00 EST 2022", "Mon Feb 14 10:00:00 EST 2022"], "%b %d %Y"),
        (["Mon, 03 Jan 2022 10:00:00 GMT", "Mon, 14 Feb 2022 10:00:00 GMT"], "%d %b %Y"),
        (["1/3/22 4:05 PM", "2/14/22 4:05 AM"], "%m/%d/%y"),
        (["03/01/2022T10:00", "14/02/2022T10:00"], "%d/%m/%Y"),
        (["2022.01.03", "2022.02.14"], "%Y.%m.%d"),
        (["44564", "44606"], "days as Excel counts them"),
        (["1641204000", "1644832800"], "seconds since 1970"),
        (["1641204000000", "1644832800000"], "milliseconds since 1970"),
    ],
)
def test_dates_of_other_programs_are_recognised(values, date_format):
    with duckdb.connect() as connection:
        connection.execute("create table t as select unnest(?) as order_date", [values])
        [profile] = profile_columns(connection, "t", ["order_date"], SQL)
        read = date_expression(SQL, "order_date", profile.date_format)
        days = connection.sql(f"select {read} from t").fetchall()
    assert (profile.date_format, profile.date_share) == (date_format, 1.0)
    assert [str(day) for (day,) in days] == ["2022-01-03", "2022-02-14"]


@pytest.mark.parametrize(("day_first", "day"), [(True, "2022-01-03"), (False, "2022-03-01")])
def test_an_order_of_day_and_month_that_both_fit_is_seen_and_can_be_said(day_first, day):
    with duckdb.connect() as connection:
        connection.execute("create table t as select unnest(['03/01/2022', '04/01/2022']) as x")
        assert profile_columns(connection, "t", ["x"], SQL)[0].fits_swapped
        [said] = profile_columns(connection, "t", ["x"], SQL, day_first)
        read = date_expression(SQL, "x", said.date_format)
        assert str(connection.sql(f"select min({read}) from t").fetchall()[0][0]) == day
    assert not said.fits_swapped


@pytest.mark.parametrize(
    ("text", "value"),
    [("($12.34)", -12.34), ("12.34-", -12.34), ("-12.34", -12.34), ("$1,250.00", 1250.0), ("7", 7)],
)
def test_money_of_accountants_keeps_its_sign(text, value):
    profile = profiled([*["$3.50"] * 20, text])
    assert profile.number_share == 1.0
    with duckdb.connect() as connection:
        connection.execute("create table t as select ? as x", [text])
        read = number_expression(SQL, "x", profile.number_format)
        assert float(connection.sql(f"select {read} from t").fetchall()[0][0]) == value


def test_few_numbers_with_a_separator_decide_of_the_form():
    profile = profiled([*["13.74"] * 99, "1,250.00"])
    assert (profile.number_format, profile.number_share) == ("comma for thousands", 1.0)
