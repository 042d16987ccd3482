"""What somebody sees whose files do not fit the raw contract."""

from pathlib import Path

import duckdb
import pytest
from attrition.own_data.raw_check import RawDataError, check_raw_files
from attrition.settings.loading import check_settings

SALES = "customer_id,sold_on,quantity\n1,2024-01-02,3\n2,20240105,1\n"


def problems(folder: Path, **settings) -> tuple[str, ...]:
    with pytest.raises(RawDataError) as caught:
        check(folder, **settings)
    return caught.value.problems


def check(folder: Path, **settings):
    values = {
        "raw_data": "source",
        "raw_location": "raw",
        "feature_domains": ["sales"],
        **settings,
    }
    return check_raw_files(check_settings(values), folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    return tmp_path


def write(folder: Path, text: str, name: str = "sales.csv") -> None:
    (folder / "raw" / name).write_text(text, encoding="utf-8")


def test_files_that_fit_are_named_with_their_rows(folder):
    write(folder, SALES)
    file = check(folder)["sales"]
    assert (file.name, file.row_count) == ("sales.csv", 2)


def test_names_are_found_in_any_case_and_mapped(folder):
    write(folder, "CUSTOMER_ID,Day,Qty\n1,2024-01-02,3\n")
    check(folder, raw_columns={"sales": {"sold_on": "day", "quantity": "Qty"}})


def test_parquet_is_preferred_as_the_build_does(folder):
    write(folder, "nonsense\n")
    path = folder / "raw" / "sales.parquet"
    duckdb.sql(
        "copy (select 1 as customer_id, date '2024-01-02' as sold_on, 2.5 as amount) "
        f"to '{path}' (format parquet)"
    )
    assert check(folder)["sales"].name == "sales.parquet"


def test_the_sample_and_a_cloud_location_are_not_looked_at(tmp_path):
    assert check_raw_files(check_settings({}), tmp_path) == {}
    assert check(tmp_path, raw_location="s3://bucket/raw") == {}


def test_a_missing_folder_is_named(tmp_path):
    assert problems(tmp_path) == ("raw_location: the folder raw does not exist.",)


def test_a_missing_file_is_named_with_what_is_there(folder):
    write(folder, SALES, "sale.csv")
    (line,) = problems(folder)
    assert line.startswith("sales.parquet or sales.csv is missing in ")
    assert line.endswith("it has sale.csv. Did you mean sale.csv?")


def test_a_missing_optional_table_says_how_to_do_without(folder):
    write(folder, SALES)
    (line,) = problems(folder, feature_domains=["sales", "warranty"])
    assert line.startswith("warranty.parquet or warranty.csv is missing")
    assert "take warranty out of feature_domains" in line


def test_a_missing_column_is_named_with_the_likely_one(folder):
    write(folder, "cust,date,qty\n1,2024-01-02,3\n1,2024-02-02,3\n")
    assert problems(folder) == (
        "`customer_id` is missing from sales.csv; it has `cust`, `date`, `qty`. "
        "Map it: raw_columns: {sales: {customer_id: cust}}",
        "`sold_on` is missing from sales.csv; it has `cust`, `date`, `qty`. "
        "Map it: raw_columns: {sales: {sold_on: date}}",
        "`quantity` and `amount` are missing from sales.csv, and one of them is required; "
        "it has `cust`, `date`, `qty`. Map it: raw_columns: {sales: {quantity: qty}}",
    )


def test_a_mapping_to_a_column_that_is_not_there_is_named(folder):
    write(folder, "customer_id,sold_on,amount,kind\n1,2024-01-02,3,consumable\n")
    (line,) = problems(folder, raw_columns={"sales": {"product_type": "kinds"}})
    assert line.startswith("raw_columns.sales.product_type: sales.csv has no column `kinds`;")
    assert line.endswith("Did you mean kind?")


def test_a_column_of_wholly_the_wrong_type_is_named_with_an_example(folder):
    write(folder, "customer_id,sold_on,quantity\n1,monday,many\n2,tuesday,few\n")
    lines = problems(folder)
    assert len(lines) == 2
    assert lines[0].startswith("`sold_on` of sales.csv holds no date at all (for example 'monday')")
    assert lines[1].startswith("`quantity` of sales.csv holds no number at all (for example 'few')")


def test_one_readable_value_is_enough_because_the_rest_is_rejected_row_by_row(folder):
    write(folder, "customer_id,sold_on,quantity\n1,monday,1\n2,2024-01-02,2\n")
    check(folder)


def test_an_empty_required_column_is_named(folder):
    write(folder, "customer_id,sold_on,quantity\n,2024-01-02,1\n,2024-01-03,2\n")
    assert problems(folder) == (
        "`customer_id` of sales.csv is empty, and customer_id is required.",
    )


def test_a_file_without_rows_is_named(folder):
    write(folder, "customer_id,sold_on,quantity\n")
    assert problems(folder) == ("sales.csv has a header and no rows.",)


def test_a_file_that_is_no_parquet_is_named(folder):
    write(folder, "no parquet", "sales.parquet")
    (line,) = problems(folder)
    assert line.startswith("sales.parquet cannot be read as parquet:")
