"""A file of sales becomes a mapping, settings and a copy that loses nothing."""

import random
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from attrition.errors import AttritionError
from attrition.own_data.proposal import propose, propose_settings, write_copy
from attrition.own_data.purchase_history import PurchaseHistory
from attrition.own_data.raw_contract import read_raw_contract
from attrition.settings.loading import SettingsError, check_settings

PROJECT = Path(__file__).resolve().parents[3]
CDNOW = PROJECT.parent / "shared" / "data" / "CDNOW_master.txt"
SALES = read_raw_contract(PROJECT)["sales"]
TODAY = date(2026, 1, 1)
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


def look(file: Path, project: Path, last_day: date | None = None, **overrides):
    with duckdb.connect() as connection:
        proposal = propose(
            connection,
            file,
            out="raw",
            project_dir=project,
            overrides=overrides,
            sales=SALES,
            ask_last_day=lambda _: last_day,
            today=TODAY,
        )
        if proposal.needs_copy:
            write_copy(connection, proposal.source, proposal.columns, project / "raw")
    return proposal


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
    proposal = look(file, project)
    assert proposal.settings["raw_columns"] == {
        "sales": {
            "customer_id": "Client",
            "sold_on": "OrderDate",
            "quantity": "Pieces",
            "amount": "Total",
        }
    }
    copy = duckdb.read_parquet(str(project / "raw" / "sales.parquet"))
    assert copy.columns == ["OrderNo", "Client", "OrderDate", "Pieces", "Total", "Remark"]
    rows = copy.fetchall()
    assert rows[0] == ("N0", ROWS[0][0], ROWS[0][1].isoformat(), "2", "9.90", "fine")
    assert len(rows) == len(ROWS)


def test_what_the_project_does_not_believe_is_no_part_of_the_history(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("cust", "date", "qty"),
        lambda n, who, day: (who, (day if n else date(2025, 6, 1)).isoformat(), "1"),
    )
    reach = max(day for _, day in ROWS[1:])
    proposal = look(file, project, last_day=reach)
    assert (proposal.history.last_day, proposal.history.stray_count) == (reach, 1)
    assert f"1 purchases are dated after {reach}" in proposal.warnings[0]


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
    proposal = look(file, project)
    mapping = proposal.settings["raw_columns"]["sales"]
    assert mapping == {"customer_id": "customer"}
    first, second = (
        duckdb.sql(f"select day, revenue, sold_on, amount from '{project}/raw/sales.parquet'")
        .limit(2)
        .fetchall()
    )
    assert first == ("unknown", "nothing", "unknown", "nothing")
    day = ROWS[1][1]
    assert second == (day.strftime("%d/%m/%Y"), "$1,250.00", day.isoformat(), "1250.0000")
    assert proposal.history.customer_count == len({who for who, _ in ROWS})


def test_a_file_that_the_project_can_read_stays_where_it_lies(project):
    folder = project / "mine"
    folder.mkdir()
    file = lines(
        folder / "sales.csv",
        ",",
        ("customer_id", "sold_on", "quantity"),
        lambda n, who, day: (who, day.isoformat(), "1"),
    )
    proposal = look(file, project)
    assert not proposal.needs_copy
    assert proposal.settings["raw_location"] == "mine"
    assert proposal.settings["raw_columns"] == {}
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
    proposal = look(file, project)
    assert proposal.needs_copy
    assert proposal.settings["raw_location"] == "raw"


def test_a_parquet_file_is_read_with_its_types(project, tmp_path):
    file = tmp_path / "shop.parquet"
    connection = duckdb.connect()
    connection.execute("create table t (buyer varchar, bought_at timestamp, paid decimal(9, 2))")
    connection.executemany("insert into t values (?, ?, 5.25)", [[w, d] for w, d in ROWS])
    connection.execute(f"copy t to '{file}' (format parquet)")
    proposal = look(file, project)
    assert proposal.settings["raw_columns"]["sales"] == {
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
    proposal = look(file, project)
    assert "supply_days_per_unit" not in proposal.settings
    copy = duckdb.sql(f"select sum(quantity) from '{project}/raw/sales.parquet'")
    assert copy.fetchall() == [(len(ROWS),)]


def test_a_price_per_unit_is_not_taken_for_the_money_of_the_sale(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("customer", "date", "quantity", "price"),
        lambda n, who, day: (who, day.isoformat(), "2", "4.95"),
    )
    assert "amount" not in look(file, project).settings["raw_columns"]["sales"]


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


def test_overrides_win_and_are_checked(project, tmp_path):
    file = lines(
        tmp_path / "shop.csv",
        ",",
        ("a", "b", "c", "d"),
        lambda n, who, day: (who, day.isoformat(), (day + timedelta(days=9)).isoformat(), "1"),
    )
    columns = {"sales": {"customer_id": "a", "sold_on": "c", "quantity": "d"}}
    proposal = look(file, project, raw_columns=columns, population="ever")
    assert proposal.settings["raw_columns"] == columns
    assert proposal.settings["population"] == "ever"
    assert proposal.history.first_day == min(day for _, day in ROWS) + timedelta(days=9)
    with pytest.raises(SettingsError, match="Did you mean ever"):
        look(file, project, raw_columns=columns, population="evr")
    with pytest.raises(AttritionError, match="has no column `e`; it has a, b, c, d"):
        look(file, project, raw_columns={"sales": {"sold_on": "e"}})


def test_a_file_without_dates_is_one_clear_error(project, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("customer,age\na,3\nb,4\n", encoding="utf-8")
    with pytest.raises(AttritionError, match=r"No column of people\.csv looks like dates; it has"):
        look(file, project)


def made(first: date, last: date, usual: float | None, **changes) -> PurchaseHistory:
    values = {
        "first_day": first,
        "last_day": last,
        "customer_count": 1000,
        "purchase_count": 5000,
        "repeating_count": 800,
        "median_gap_days": usual,
        "usual_gap_days": usual,
        "days_per_unit": None,
        "unusable_count": 0,
        "stray_count": 0,
        "dense_month": first.strftime("%Y-%m"),
        **changes,
    }
    return PurchaseHistory(**values)


@pytest.mark.parametrize(
    ("last", "usual", "grain", "horizon"),
    [
        (date(2023, 12, 31), 80.0, "month", 3),
        (date(2023, 12, 31), 150.0, "month", 6),
        (date(2023, 12, 31), 14.0, "week", 2),
        (date(2020, 6, 30), 30.0, "week", 6),
        (date(2021, 6, 30), 700.0, "month", 6),
        (date(2023, 12, 31), None, "month", 12),
    ],
)
def test_the_horizon_fits_the_usual_gap_and_the_length_of_the_history(last, usual, grain, horizon):
    values, _ = propose_settings(made(date(2020, 1, 1), last, usual))
    assert (values["time_grain"], values["attrition_horizon"]) == (grain, horizon)


def test_a_long_history_is_judged_on_more_months_than_a_short_one():
    long, _ = propose_settings(made(date(2020, 1, 1), date(2023, 12, 31), 80.0))
    short, _ = propose_settings(made(date(2022, 7, 1), date(2023, 12, 31), 150.0))
    assert long["split"] == {"mode": "last_n_months", "months": 3}
    assert short["split"] == {"mode": "last_n_months", "months": 1}


def test_a_trickle_at_the_beginning_is_left_out():
    values, _ = propose_settings(
        made(date(1999, 1, 1), date(2023, 12, 31), 80.0, dense_month="2020-03")
    )
    assert values["start_month"] == "2020-03"


@pytest.mark.parametrize("usual", [None, 1.0, 40.0, 4000.0])
@pytest.mark.parametrize("days", [1, 40, 200, 1000, 9000])
def test_every_proposal_is_a_valid_setting(usual, days):
    values, reasons = propose_settings(
        made(date(2000, 1, 1), date(2000, 1, 1) + timedelta(days=days), usual)
    )
    check_settings(values)
    assert set(reasons) >= set(values)


def test_the_owner_is_warned_of_what_stands_in_the_way(project, tmp_path):
    file = tmp_path / "shop.csv"
    file.write_text(
        "customer,date,quantity\na,2024-01-02,1\na,2024-02-02,1\nb,2024-01-05,1\n,2024-01-06,1\n",
        encoding="utf-8",
    )
    proposal = look(file, project, attrition_horizon=50)
    assert proposal.warnings[0].startswith("1 of 4 rows have no customer, no date or")
    assert proposal.warnings[1].startswith("No snapshot has a label")


@pytest.mark.skipif(not CDNOW.is_file(), reason=f"CDNOW is not there: {CDNOW}")
def test_cdnow_gets_a_half_year_horizon_by_month(project):
    proposal = look(CDNOW, project)
    settings = proposal.settings
    assert settings["raw_columns"] == {
        "sales": {"sold_on": "date", "quantity": "number_of_cds", "amount": "dollar_value"}
    }
    assert settings["feature_domains"] == ["sales"]
    assert (settings["time_grain"], settings["attrition_horizon"]) == ("month", 6)
    assert settings["split"] == {"mode": "last_n_months", "months": 1}
    assert proposal.history.customer_count == 23570
    assert proposal.plan.test == (date(1998, 1, 1),)
    assert proposal.plan.snapshots[-1] == date(1998, 7, 1)
    copy = duckdb.sql(f"select count(*) from '{project}/raw/sales.parquet'")
    assert copy.fetchall() == [(69659,)]
    assert proposal.warnings == ()
