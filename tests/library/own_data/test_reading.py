"""A file of sales becomes a mapping and a copy that loses nothing."""

import random
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from attrition.errors import AttritionError
from attrition.own_data.contract_sql import ContractSql
from attrition.own_data.raw_contract import read_raw_contract
from attrition.own_data.reading import Reading, Told, Unread, read_file

PROJECT = Path(__file__).resolve().parents[3]
CDNOW = PROJECT.parent / "shared" / "data" / "CDNOW_master.txt"
SALES = read_raw_contract(PROJECT)["sales"]
SQL = ContractSql(PROJECT)
RANDOM = random.Random(3)


def purchases(customers: int = 120, days: int = 720, gap: int = 40) -> list[tuple[str, date]]:
    """Return (customer, day) of customers who buy every `gap` days or so."""
    rows = []
    for number in range(customers):
        day = date(2022, 1, 1) + timedelta(days=RANDOM.randrange(gap))
        while day < date(2022, 1, 1) + timedelta(days=days):
            rows.append((f"{number:05d}", day))
            day += timedelta(days=RANDOM.randrange(gap // 2, gap * 3 // 2))
    return rows


ROWS = purchases()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def look(file: Path, project: Path, told: Told | None = None, **given: str | None) -> Reading:
    with duckdb.connect() as connection:
        reading = read_file(connection, file, told or Told(given), SALES, SQL)
        if reading.needs_copy:
            reading.write_copy(connection, project / "raw")
    return reading


def lines(path: Path, separator: str, header: tuple[str, ...], row) -> Path:
    text = [separator.join(header)] + [
        separator.join(row(position, *pair)) for position, pair in enumerate(ROWS)
    ]
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return path


def test_a_csv_with_other_names_is_mapped_and_copied_whole(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ";",
        ("OrderNo", "Client", "OrderDate", "Pieces", "Total", "Remark"),
        lambda n, who, day: (f"N{n}", who, day.isoformat(), "2", "9.90", "fine"),
    )
    reading = look(file, project)
    assert reading.mapping == {
        "customer_id": "Client",
        "sold_on": "OrderDate",
        "quantity": "Pieces",
        "amount": "Total",
    }
    copy = duckdb.read_parquet(str(project / "raw" / "sales.parquet"))
    assert copy.columns == ["OrderNo", "Client", "OrderDate", "Pieces", "Total", "Remark"]
    rows = copy.fetchall()
    assert rows[0] == ("N0", ROWS[0][0], ROWS[0][1].isoformat(), "2", "9.90", "fine")
    assert len(rows) == len(ROWS)


def test_dates_and_money_that_the_contract_cannot_read_are_rewritten_beside_the_original(
    project, tmp_path
):
    file = lines(
        tmp_path / "shop.csv",
        "\t",
        ("customer", "day", "revenue"),
        lambda n, who, day: (
            (who, day.strftime("%d/%m/%Y"), "$1,250.00") if n else (who, "unknown", "nothing")
        ),
    )
    reading = look(file, project)
    mapping = reading.mapping
    assert mapping == {"customer_id": "customer"}
    first, second = (
        duckdb.sql(f"select day, revenue, sold_on, amount from '{project}/raw/sales.parquet'")
        .limit(2)
        .fetchall()
    )
    assert first == ("unknown", "nothing", "unknown", "nothing")
    day = ROWS[1][1]
    assert second == (day.strftime("%d/%m/%Y"), "$1,250.00", day.isoformat(), "1250.0000")


def test_a_file_that_the_project_can_read_stays_where_it_lies(project):
    folder = project / "mine"
    folder.mkdir()
    file = lines(
        folder / "sales.csv",
        ",",
        ("customer_id", "sold_on", "quantity"),
        lambda n, who, day: (who, day.isoformat(), "1"),
    )
    reading = look(file, project)
    assert not reading.needs_copy
    assert reading.settings("mine")["raw_columns"] == {}
    assert not (project / "raw").exists()


def test_a_sales_file_with_dates_that_the_project_cannot_read_is_copied(project):
    folder = project / "mine"
    folder.mkdir()
    file = lines(
        folder / "sales.csv",
        ",",
        ("customer_id", "day", "quantity"),
        lambda n, who, day: (who, day.strftime("%d/%m/%Y"), "1"),
    )
    reading = look(file, project)
    assert reading.needs_copy


def test_a_parquet_file_is_read_with_its_types(project, tmp_path):
    file = tmp_path / "shop.parquet"
    connection = duckdb.connect()
    connection.execute("create table t (buyer varchar, bought_at timestamp, paid decimal(9, 2))")
    connection.executemany("insert into t values (?, ?, 5.25)", [[w, d] for w, d in ROWS])
    connection.execute(f"copy t to '{file}' (format parquet)")
    reading = look(file, project)
    assert reading.mapping == {
        "customer_id": "buyer",
        "sold_on": "bought_at",
        "amount": "paid",
    }


def test_rows_without_units_and_money_count_as_one_unit(project, tmp_path):
    file = lines(
        tmp_path / "visits.csv",
        ",",
        ("member_id", "date"),
        lambda n, who, day: (who, day.isoformat()),
    )
    assert look(file, project).columns["quantity"].derived == "1"
    copy = duckdb.sql(f"select sum(quantity) from '{project}/raw/sales.parquet'")
    assert copy.fetchall() == [(len(ROWS),)]


def test_a_price_per_unit_is_not_taken_for_the_money_of_the_sale(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("customer", "date", "quantity", "price"),
        lambda n, who, day: (who, day.isoformat(), "2", "4.95"),
    )
    assert "amount" not in look(file, project).mapping


def test_a_column_that_repeats_is_no_key(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("sale_id", "customer", "date", "quantity"),
        lambda n, who, day: (str(n // 2), who, day.isoformat(), "2"),
    )
    columns = look(file, project).columns
    assert columns["sale_id"].theirs is None
    assert columns["amount"].theirs is None


def test_a_column_that_is_different_in_every_row_is_the_key(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("transaction_id", "customer", "date", "quantity"),
        lambda n, who, day: (f"T{n}", who, day.isoformat(), "2"),
    )
    assert look(file, project).columns["sale_id"].theirs == "transaction_id"


def test_columns_that_are_given_win_and_must_be_there(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("a", "b", "c", "d"),
        lambda n, who, day: (who, day.isoformat(), (day + timedelta(days=9)).isoformat(), "1"),
    )
    given = {"customer_id": "a", "sold_on": "c", "quantity": "d"}
    assert look(file, project, **given).mapping == given
    with pytest.raises(AttritionError, match="has no column `e`; it has a, b, c, d"):
        look(file, project, sold_on="e")


def test_a_file_without_dates_is_one_clear_error(project, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("customer,age\na,3\nb,4\n", encoding="utf-8")
    with pytest.raises(AttritionError, match=r"No column of people\.csv looks like dates; it has"):
        look(file, project)


def test_seconds_in_a_column_of_another_name_are_asked_for_and_read_when_said(project, tmp_path):
    file = tmp_path / "messages.txt"
    epoch = date(1970, 1, 1)
    file.write_text(
        "".join(f"{int(who) + 1} {position} {(day - epoch).days * 86_400}\n"
                for position, (who, day) in enumerate(ROWS)),
        encoding="utf-8",
    )  # fmt: skip
    with pytest.raises(AttritionError, match=r"`column_3`.* seconds since 1970.*sold_on: column_3"):
        look(file, project)
    reading = look(file, project, sold_on="column_3")
    assert reading.columns["customer_id"].theirs == "column_1"
    days = duckdb.sql(
        f"select min(sold_on), max(sold_on) from '{project / 'raw' / 'sales.parquet'}'"
    ).fetchall()[0]
    assert days == (str(min(day for _, day in ROWS)), str(max(day for _, day in ROWS)))


@pytest.mark.skipif(not CDNOW.is_file(), reason=f"CDNOW is not there: {CDNOW}")
def test_cdnow_is_read_whole(project):
    reading = look(CDNOW, project)
    assert reading.settings("raw") == {
        "raw_data": "source",
        "raw_location": "raw",
        "raw_columns": {
            "sales": {"sold_on": "date", "quantity": "number_of_cds", "amount": "dollar_value"}
        },
        "feature_domains": ["sales"],
    }
    copy = duckdb.sql(f"select count(*) from '{project}/raw/sales.parquet'")
    assert copy.fetchall() == [(69659,)]


def test_a_column_of_the_contracts_name_that_is_something_else_is_not_read(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("customer_id", "sold_on", "quantity", "product_type"),
        lambda n, who, day: (who, day.isoformat(), "1", ("Shirts", "Shoes")[n % 2]),
    )
    assert look(file, project).mapping["product_type"] is None


def test_a_column_can_be_given_as_none(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("customer_id", "sold_on", "quantity", "amount"),
        lambda n, who, day: (who, day.isoformat(), "1", "2.5"),
    )
    assert look(file, project, amount=None).mapping == {"amount": None}


def test_a_copy_beside_a_csv_that_the_project_would_read_is_refused(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("customer", "day", "units"),
        lambda n, who, day: (who, day.isoformat(), "1"),
    )
    (project / "raw").mkdir()
    (project / "raw" / "sales.csv").write_text("older", encoding="utf-8")
    with pytest.raises(AttritionError, match=r"sales\.csv lies there already"):
        look(file, project)
    assert not (project / "raw" / "sales.parquet").exists()


def test_an_order_is_no_customer_where_customers_come_back(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("Id", "Artikel", "who", "Menge", "date"),
        lambda n, who, day: (f"N{n}", f"A{n % 40}", who, "1", day.isoformat()),
    )
    assert look(file, project).mapping["customer_id"] == "who"


def test_kinds_of_customers_and_receipts_are_no_customers(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("Invoice ID", "Customer type", "Quantity", "Date"),
        lambda n, who, day: (f"N{n}", ("Member", "Normal")[n % 2], "1", day.isoformat()),
    )
    with pytest.raises(AttritionError, match="looks like customers"):
        look(file, project)


def test_a_birth_date_is_no_purchase(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("member_id", "birth_date", "transaction_time"),
        lambda n, who, day: (who, f"{1950 + int(who) % 40}-03-12", f"{day} 12:30"),
    )
    assert look(file, project).mapping["sold_on"] == "transaction_time"


def test_money_is_units_times_the_price_of_one_where_there_is_no_other(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ";",
        ("customer", "date", "Quantity", "UnitPrice"),
        lambda n, who, day: (who, day.isoformat(), "3", "$1,000.50"),
    )
    reading = look(file, project)
    assert reading.columns["amount"].reason == "`Quantity` times `UnitPrice`"
    copy = duckdb.sql(f"select distinct amount from '{project}/raw/sales.parquet'")
    assert [float(value) for (value,) in copy.fetchall()] == [3001.5]
    given = look(file, project, amount=None).columns["amount"]
    assert (given.theirs, given.derived) == (None, None)


def test_dates_that_fit_two_ways_are_asked_for(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("customer", "date"),
        lambda n, who, day: (who, day.replace(day=1).strftime("%m/%d/%Y")),
    )
    with pytest.raises(AttritionError, match="as day/month/year or month/day/year"):
        look(file, project)


def test_dates_in_no_known_form_are_shown_with_what_to_do(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("customer", "Datum"),
        lambda n, who, day: (who, f"{day.day}. Januar {day.year}"),
    )
    with pytest.raises(AttritionError, match=r"`Datum` of shop\.csv is named as a date"):
        look(file, project)


def test_sales_that_were_undone_are_named(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("customer", "date", "status"),
        lambda n, who, day: (who, day.isoformat(), ("completed", "Cancelled", "refunded")[n % 3]),
    )
    assert look(file, project).undone == {"status": ("cancelled", "refunded")}


def test_a_customer_by_name_is_believed_though_nobody_came_back(project, tmp_path):
    file = tmp_path / "shop.csv"
    text = "".join(f"N{n},S{n % 40},2024-01-{1 + n % 28:02}\n" for n in range(400))
    file.write_text(f"account_id,store,day\n{text}", encoding="utf-8")
    assert look(file, project).mapping["customer_id"] == "account_id"


def orders(tmp_path: Path, header: tuple[str, ...] = ("customer_id", "sold_on", "status")) -> Path:
    """A shop with a guest in each third row and a cancelled order in each seventh."""
    return lines(
        tmp_path / "shop.csv",
        ",",
        header,
        lambda n, who, day: (
            who if n % 3 else "0", day.isoformat(), "done" if n % 7 else "Cancelled"
        ),
    )  # fmt: skip


def test_guests_are_left_out_on_request(project, tmp_path):
    reading = look(orders(tmp_path), project, Told(guests=["0"]))
    guests = len(ROWS[::3])
    assert f"{guests:,} rows of guests will be rejected" in reading.columns["customer_id"].reason
    name = reading.mapping["customer_id"]
    copy = duckdb.sql(
        f"select count(*), count({name}), count(*) filter ({name} = customer_id) "
        f"from '{project}/raw/sales.parquet'"
    )
    assert copy.fetchall() == [(len(ROWS), len(ROWS) - guests, len(ROWS) - guests)]


def test_undone_orders_are_returns_on_request(project, tmp_path):
    file = orders(tmp_path)
    assert look(file, project).undone == {"status": ("cancelled",)}
    reading = look(file, project, Told(undone={"Status": ["CANCELLED"]}))
    assert reading.undone == {}
    copy = duckdb.sql(f"select count(*) filter (is_return) from '{project}/raw/sales.parquet'")
    assert copy.fetchall() == [(len(ROWS[::7]),)]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told(guests=["guest"]), "--guest guest: no row of `customer_id` has it; .* are 0, "),
        (Told(undone={"state": ["x"]}), "--undone state: shop.csv has no such column; it has cust"),
        (Told(undone={"status": ["x"]}), "no row of `status` has it; .* are done, cancelled"),
    ],
)
def test_a_guest_or_a_status_that_is_not_there_is_said(project, tmp_path, told, words):
    with pytest.raises(AttritionError, match=words):
        look(orders(tmp_path), project, told)


def test_a_file_of_subscriptions_is_no_file_of_purchases(project, tmp_path):
    file = lines(
        tmp_path / "subscriptions.csv",
        ",",
        ("subscription", "account_id", "start_date", "end_date"),
        lambda n, who, day: (f"S{n}", f"A{n}", f"{day}", f"{day + timedelta(90)}" if n % 2 else ""),
    )
    with pytest.raises(AttritionError, match=r"reach from `start_date` to `end_date`, as subscr"):
        look(file, project)
    assert look(file, project, sold_on="start_date").mapping["sold_on"] == "start_date"


def test_purchases_with_a_start_and_an_end_are_purchases_where_customers_come_back(
    project, tmp_path
):
    file = lines(
        tmp_path / "rentals.csv",
        ",",
        ("account_id", "start_date", "end_date"),
        lambda _, who, day: (who, f"{day}", f"{day + timedelta(3)}"),
    )
    assert look(file, project).mapping["sold_on"] == "start_date"


def with_amounts(project: Path, amounts: list[str]) -> Reading:
    file = lines(
        project / "shop.csv",
        ";",
        ("customer_id", "sold_on", "Amount"),
        lambda n, who, day: (who, day.isoformat(), amounts[n % len(amounts)]),
    )
    return look(file, project)


@pytest.mark.parametrize(
    ("written", "money"),
    [
        (["1.250", "980", "12.300"], [1250, 980, 12300]),
        (["1'250.50", "980", "12'300.00"], [1250.5, 980, 12300]),
        (["1 250,50", "980", "12\u00a0300,00"], [1250.5, 980, 12300]),
        (["0,500", "1,250"], [0.5, 1.25]),
        (["0.500", "1.250"], [0.5, 1.25]),
    ],
)
def test_thousands_are_told_from_decimals(project, tmp_path, written, money):
    reading = with_amounts(project, written)
    with duckdb.connect() as connection:
        path = (
            reading.write_copy(connection, tmp_path / "raw")
            if reading.needs_copy
            else reading.source.path
        )
        name = reading.columns["amount"].theirs
        found = connection.sql(
            f"select distinct {name}::double from '{path}' order by 1"
        ).fetchall()
    assert [value for (value,) in found] == sorted(money)


@pytest.mark.parametrize("written", [["1.250", "2.000"], ["1,250", "2,000"]])
def test_numbers_that_read_two_ways_are_asked_for(project, written):
    with pytest.raises(AttritionError, match=r"Every number of `Amount`, such as 1.250, can be"):
        with_amounts(project, written)


def test_an_amount_by_name_that_is_no_number_is_named(project):
    with pytest.raises(
        AttritionError, match=r'`Amount` of shop.csv is named as `amount` is.*"few"'
    ):
        with_amounts(project, ["few", "many"])


@pytest.mark.parametrize("form", ["{:.2f}", "{:,.2f}"])
def test_values_that_are_written_unlike_the_others_are_said_with_one_of_each(
    project, tmp_path, form
):
    file = lines(
        tmp_path / "shop.csv",
        ";",
        ("customer_id", "sold_on", "amount"),
        lambda n, who, day: (
            who, day.isoformat(), "12,5" if n in (5, 90) else form.format(1200 + n)
        ),
    )  # fmt: skip
    [(name, unread)] = look(file, project).unread.items()
    first = form.format(1200)
    assert (name, unread) == ("amount", Unread(2, len(ROWS), "12,5", first))


def test_e_mails_that_differ_in_capitals_alone_are_one_customer(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("email", "date", "quantity"),
        lambda n, who, day: (f"{'Ann' if n % 3 else 'ann'}{who}@Shop.example", f"{day}", "1"),
    )
    reading = look(file, project, Told(guests=["ann00000@shop.example"]))
    assert "e-mails differ from others in capitals alone" in reading.columns["customer_id"].reason
    assert reading.spelled_apart == 0
    copy = duckdb.sql(f"select count(distinct customer_id) from '{project}/raw/sales.parquet'")
    assert copy.fetchall() == [(len({who for who, _ in ROWS}) - 1,)]


def test_ids_that_differ_in_capitals_alone_stay_apart_and_are_counted(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("customer_id", "date", "quantity"),
        lambda n, who, day: (f"{'C' if n % 2 and who < '00007' else 'c'}{who}", f"{day}", "1"),
    )
    reading = look(file, project)
    assert (reading.columns["customer_id"].theirs, reading.spelled_apart) == ("customer_id", 7)


def test_sales_that_were_undone_in_part_are_not_undone(project, tmp_path):
    states = ("wc-refunded", "partially_refunded", "Payment declined", "not cancelled")
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("customer", "date", "state"),
        lambda n, who, day: (who, f"{day}", states[n % 4]),
    )
    assert look(file, project).undone == {"state": ("payment declined", "wc-refunded")}


def test_lines_with_the_sum_of_their_order_are_found(project, tmp_path):
    def doubts(each):
        header = ("order", "customer", "date", "units", "amount", "currency")
        file = tmp_path / "shop.csv"
        text = [",".join(header)] + [
            f"N{n},{who},{day},{1 + n % 3},{each(n, line)},{('EUR', 'usd')[n % 2]}"
            for n, (who, day) in enumerate(ROWS)
            for line in range(1 + n % 2)
        ]
        file.write_text("\n".join(text), encoding="utf-8")
        return look(file, project).doubts

    whole = doubts(lambda n, line: f"{n}.25")
    assert whole.repeated == ("amount", "order")
    assert whole.currencies == {"currency": ("eur", "usd")}
    assert doubts(lambda n, line: f"{n + line}.25").repeated is None


def test_currencies_within_the_money_itself_are_found(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("customer", "date", "amount"),
        lambda n, who, day: (who, f"{day}", f"{n}.50 {'EUR' if n % 9 else 'USD'}"),
    )
    assert look(file, project).doubts.currencies == {"amount": ("eur", "usd")}


def test_numbers_that_nothing_reads_are_named_where_units_or_money_are_missing(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("customer", "date", "seats", "stores_id", "fare"),
        lambda n, who, day: (who, f"{day}", str(1 + n % 5), str(n % 40), str(900 + n)),
    )
    doubts = look(file, project).doubts
    assert (doubts.no_units, doubts.no_money) == (("seats",), ("fare",))
    doubts = look(file, project, quantity="seats", amount=None).doubts
    assert (doubts.no_units, doubts.no_money) == ((), ())


@pytest.mark.parametrize(("each", "is_heavy"), [(12_500, True), (12, False)])
def test_units_of_which_few_records_hold_most_are_doubted(project, tmp_path, each, is_heavy):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("customer", "date", "quantity", "amount"),
        lambda n, who, day: (who, f"{day}", str(each if n % 50 == 0 else 1 + n % 2), f"{n}.25"),
    )
    heavy = look(file, project).doubts.heavy
    assert (heavy is not None) == is_heavy
    if heavy:
        assert heavy[0] == "quantity"
        assert (heavy[1] > 0.99, round(heavy[2], 2)) == (True, 0.02)


def test_seconds_in_a_column_named_created_are_days(project, tmp_path):
    file = lines(
        tmp_path / "charges.csv",
        ",",
        ("id", "amount", "created", "customer", "paid"),
        lambda n, who, day: (
            f"ch_{n}", f"{n}.25", f"{(day - date(1970, 1, 1)).days * 86400 + 7}", who, "true"
        ),
    )  # fmt: skip
    reading = look(file, project)
    assert reading.columns["sold_on"].original == "created"
    assert reading.doubts.no_units == ()
    copy = duckdb.sql(f"select min(sold_on) from '{project}/raw/sales.parquet'")
    assert copy.fetchall() == [(str(min(day for _, day in ROWS)),)]
