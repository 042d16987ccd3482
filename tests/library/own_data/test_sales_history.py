"""A horizon longer than the sales, and months outside them, in Python and in plain dbt alike."""

import dataclasses
from datetime import date
from pathlib import Path

import pytest
from attrition.own_data.raw_check import check_raw_files
from attrition.own_data.sales_history import (
    check_history,
    history_of,
    history_problems,
    sales_bounds,
)
from attrition.settings.loading import SettingsError, check_settings
from macro_harness import Macros

PROJECT = Path(__file__).resolve().parents[3]
TODAY = date(2024, 6, 15)
REACH = "the accepted sales reach from 2023-01-20 to 2023-12-31"

# Sales from 20 January to 31 December 2023: the snapshots are 1 February 2023 to 1 January 2024.
CASES = {
    "fits": ({"attrition_horizon": 11}, None),
    "as long as the history": ({"attrition_horizon": 12}, None),
    "longer": (
        {"attrition_horizon": 13},
        f"attrition_horizon: 13 is longer than the history: {REACH}, 12 months; at most 11 would"
        " fit.",
    ),
    "longer than what start_month leaves": (
        {"attrition_horizon": 6, "start_month": "2023-09"},
        f"attrition_horizon: 6 is longer than the history: {REACH}, of which start_month leaves"
        " 4 months; at most 4 would fit.",
    ),
    "longer than what two months leave": (
        {"attrition_horizon": 2, "start_month": "2023-09", "max_month": "2023-10"},
        f"attrition_horizon: 2 is longer than the history: {REACH}, of which start_month and"
        " max_month leave 1 month; at most 1 would fit.",
    ),
    "no label between two months": (
        {"start_month": "2023-09", "max_month": "2023-09"},
        f"attrition_horizon: 6 is longer than the history: {REACH}, of which start_month and"
        " max_month leave 0 months; none would fit: widen the range.",
    ),
    "scoring one month without training": (
        {"start_month": "2023-09", "max_month": "2023-09", "retrain": "never"},
        None,
    ),
    "before the first snapshot": (
        {"max_month": "2023-01"},
        f'max_month: "2023-01" leaves no snapshot: {REACH}; allowed: 2023-02 or later.',
    ),
    "first snapshot": ({"max_month": "2023-02", "attrition_horizon": 1}, None),
    "after the newest snapshot": (
        {"start_month": "2024-02"},
        f'start_month: "2024-02" leaves no snapshot: {REACH}; allowed: 2024-01 or earlier.',
    ),
    "newest snapshot": ({"start_month": "2024-01", "retrain": "never"}, None),
    # 16 January 2023, a Monday, to 1 January 2024, a Monday
    "as long in weeks": ({"time_grain": "week", "attrition_horizon": 50}, None),
    "longer in weeks": (
        {"time_grain": "week", "attrition_horizon": 51},
        f"attrition_horizon: 51 is longer than the history: {REACH}, 50 weeks; at most 49 would"
        " fit.",
    ),
    "weeks before the first snapshot": (
        {"time_grain": "week", "max_month": "2022-12"},
        f'max_month: "2022-12" leaves no snapshot: {REACH}; allowed: 2023-01 or later.',
    ),
}


def problems_in_python(values: dict) -> list[str]:
    settings = check_settings(values)
    return history_problems(history_of(date(2023, 1, 20), date(2023, 12, 31), settings), settings)


@pytest.mark.parametrize(("values", "expected"), CASES.values(), ids=CASES)
def test_what_does_not_fit_is_named_with_what_would(values, expected):
    assert problems_in_python(values) == ([expected] if expected else [])


@pytest.mark.parametrize("values", [values for values, _ in CASES.values()], ids=CASES)
def test_plain_dbt_says_the_same(values):
    history = history_of(date(2023, 1, 20), date(2023, 12, 31), check_settings(values))
    said = Macros(values).history_problems(dataclasses.asdict(history))
    assert said == problems_in_python(values)


def test_a_history_of_one_day_fits_no_horizon():
    settings = check_settings({"attrition_horizon": 2})
    day = date(2023, 5, 31)
    [line] = history_problems(history_of(day, day, settings), settings)
    assert line.endswith("2023-05-31, 1 month; none would fit: a longer history is needed.")


SALES = """sale_id,customer_id,sold_on,product_type,quantity,amount
1,a,2023-03-05,consumable,1,
2,a,2023-09-30,sensor,,10
3,,2022-01-01,consumable,1,
4,a,2022-01-02,unknown,1,
5,a,2022-01-03,consumable,,
6,a,2022-01-04,consumable,many,
7,a,2029-01-01,consumable,1,
8,a,1023-01-01,consumable,1,
9,a,soon,consumable,1,
,a,2022-01-05,consumable,1,
10,a,20230401, Consumable ,1,
"""


def sales_file(folder: Path, text: str = SALES) -> str:
    path = folder / "sales.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_only_accepted_sales_count(tmp_path):
    assert sales_bounds(sales_file(tmp_path), {}, TODAY) == (date(2023, 3, 5), date(2023, 9, 30))


def test_columns_are_read_under_their_mapped_names(tmp_path):
    text = "who,day,qty\na,2023-03-05,1\nb,20230706,2\n"
    mapping = {"customer_id": "WHO", "sold_on": "day", "quantity": "qty"}
    bounds = sales_bounds(sales_file(tmp_path, text), mapping, TODAY)
    assert bounds == (date(2023, 3, 5), date(2023, 7, 6))


def test_without_an_accepted_sale_there_is_no_history(tmp_path):
    text = "customer_id,sold_on,quantity\n,2023-03-05,1\n"
    assert sales_bounds(sales_file(tmp_path, text), {}, TODAY) is None


def test_ones_own_file_is_held_against_the_horizon(tmp_path):
    sales_file(tmp_path)
    values = {"raw_data": "source", "raw_location": ".", "feature_domains": ["sales"]}
    settings = check_settings(values | {"attrition_horizon": 8})
    with pytest.raises(SettingsError, match=r"2023-03-05 to 2023-09-30, 7 months; at most 6"):
        check_history(settings, tmp_path, check_raw_files(settings, tmp_path))


def test_the_sample_is_held_against_the_horizon():
    history = check_history(check_settings({"attrition_horizon": 47}), PROJECT, {})
    assert history.newest_bucket - history.first_bucket == 48
    with pytest.raises(SettingsError, match=r"attrition_horizon: 49 .* 48 months; at most 47"):
        check_history(check_settings({"attrition_horizon": 49}), PROJECT, {})


def test_sales_that_only_dbt_can_read_are_left_to_it(tmp_path):
    values = {"raw_data": "source", "raw_location": "s3://bucket/raw", "attrition_horizon": 900}
    assert check_history(check_settings(values), tmp_path, {}) is None
    assert check_history(check_settings({"attrition_horizon": 900}), tmp_path, {}) is None
