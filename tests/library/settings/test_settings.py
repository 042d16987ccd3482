"""Each mistake in the settings ends in a line that names it."""

import datetime
import re
from pathlib import Path

import pytest
import yaml
from attrition.errors import AttritionError
from attrition.settings.feature_names import find_definitions
from attrition.settings.loading import SettingsError, check_settings, load_settings
from attrition.settings.model import Hyperparameters, Promotion, Settings
from attrition.settings.raw_names import find_raw_columns
from attrition.settings.time_grain import buckets_in_months, buckets_text
from attrition.training.search import DEFAULT_SPACE
from attrition.warehouse.abilities import ABILITIES
from macro_harness import CompilerError, Macros

PROJECT = Path(__file__).resolve().parents[3]
DOMAINS = ", ".join(Settings().feature_domains)

CIRCLE: list = []
CIRCLE.append(CIRCLE)
MANY_BY_ANCHORS: list = ["order_count"]
for _ in range(6):
    MANY_BY_ANCHORS = [MANY_BY_ANCHORS] * 10

MISTAKES = {
    "misspelt name": (
        {"attrition_horizn": 3},
        ["attrition_horizn is not a setting. Did you mean attrition_horizon?"],
    ),
    "name like no other": ({"zzz": 1}, ["zzz is not a setting."]),
    "text for a number": (
        {"attrition_horizon": "6"},
        ['attrition_horizon: "6" is not allowed; allowed: a whole number from 1 to 520, or null.'],
    ),
    "true for a number": (
        {"attrition_horizon": True},
        ["attrition_horizon: true is not allowed; allowed: a whole number from 1 to 520, or null."],
    ),
    "fraction for a whole number": (
        {"num_tuning_rounds": 2.5},
        ["num_tuning_rounds: 2.5 is not allowed; allowed: a whole number from 1 to 10000."],
    ),
    "below the minimum": (
        {"min_history_months": -1},
        ["min_history_months: -1 is not allowed; allowed: a whole number from 0 to 520."],
    ),
    "on an excluded bound": (
        {"max_tuning_minutes": 0},
        ["max_tuning_minutes: 0 is not allowed; allowed: a number above 0 and up to 10080,"],
    ),
    "above the maximum": (
        {"random_seed": 2**31},
        ["random_seed: 2147483648 is not allowed; allowed: a whole number from 0 to 2147483647."],
    ),
    "value not on the list": (
        {"time_grain": "weeks"},
        ['time_grain: "weeks" is not allowed; allowed: month, week. Did you mean week?'],
    ),
    "number for a text": (
        {"raw_data": 1},
        ["raw_data: 1 is not allowed; allowed: sample, source."],
    ),
    "month thirteen": (
        {"start_month": "2024-13"},
        ["start_month: \"2024-13\" is not allowed; allowed: a month as 'YYYY-MM' from 1900"],
    ),
    "month without a zero": (
        {"max_month": "2024-1"},
        ["max_month: \"2024-1\" is not allowed; allowed: a month as 'YYYY-MM' from 1900"],
    ),
    "day for a month": (
        {"max_month": datetime.date(2024, 1, 1)},
        ["max_month: 2024-01-01 is not allowed; allowed: a month as 'YYYY-MM' from 1900"],
    ),
    "months in the wrong order": (
        {"start_month": "2024-05", "max_month": "2024-04"},
        ['start_month: "2024-05" is after max_month "2024-04"; swap them or widen the range.'],
    ),
    "sales switched off": (
        {"feature_domains": ["complaint"]},
        ["feature_domains: sales is required and is not in the list."],
    ),
    "unknown domain": (
        {"feature_domains": ["sales", "complaints"]},
        [
            f'feature_domains: "complaints" is not allowed; allowed: {DOMAINS}.'
            " Did you mean complaint?"
        ],
    ),
    "one domain as a text": (
        {"feature_domains": "sales"},
        [
            f'feature_domains: "sales" is not allowed; allowed: a list of {DOMAINS}, none twice,'
            " not empty."
        ],
    ),
    "empty list": (
        {"lookback_windows": []},
        [
            "lookback_windows: [] is not allowed; allowed: a list, each a whole number from 1 to"
            " 520, none twice, not empty, at most 24, or null."
        ],
    ),
    "window of no length": (
        {"lookback_windows": [0, 3]},
        ["lookback_windows: 0 is not allowed; allowed: a whole number from 1 to 520."],
    ),
    "window named twice": (
        {"lookback_windows": [3, 3]},
        ["lookback_windows: 3 stands there twice."],
    ),
    "whole data as the test": (
        {"split": {"mode": "randomized", "perc_test": 1}},
        ["split.perc_test: 1 is not allowed; allowed: a number from 0.01 to 0.9."],
    ),
    "snapshots counted as months": (
        {"split": {"mode": "last_n_buckets", "months": 3}},
        ["split.months is not a key of split with mode last_n_buckets; keys: mode, buckets."],
    ),
    "key of another mode": (
        {"split": {"mode": "randomized", "months": 3}},
        ["split.months is not a key of split with mode randomized; keys: mode, perc_test."],
    ),
    "unknown mode": (
        {"threshold": {"mode": "fixd", "value": 1}},
        [
            'threshold.mode: "fixd" is not allowed; allowed: f1, fixed, cost, capacity.'
            " Did you mean fixed?"
        ],
    ),
    "mode without its value": (
        {"threshold": {"mode": "fixed"}},
        ["threshold.value is missing; allowed: a number from 0 to 1."],
    ),
    "mapping as a text": (
        {"split": "randomized"},
        [
            'split: "randomized" is not allowed; allowed: {mode: last_n_months, months}; or '
            "{mode: last_n_buckets, buckets}; or {mode: randomized, perc_test}."
        ],
    ),
    "misspelt key": (
        {"promotion": {"min_row": 3}},
        [
            "promotion.min_row is not a key of promotion; keys:"
            f" {', '.join(Promotion.model_fields)}. Did you mean min_rows?"
        ],
    ),
    "key without a value": (
        {"promotion": {"min_rows": None}},
        ["promotion.min_rows: null is not allowed; allowed: a whole number from 1 to 1000000000."],
    ),
    "unknown hyperparameter": (
        {"hyperparameters": {"max_depht": 3}},
        [
            "hyperparameters.max_depht is not a key of hyperparameters; keys: eta, gamma,"
            " max_depth, min_child_weight, num_round, reg_alpha, reg_lambda, subsample,"
            " colsample_bytree, objective. Did you mean max_depth?"
        ],
    ),
    "reversed range": (
        {"hyperparameters": {"eta": {"min": 0.3, "max": 0.1}}},
        ["hyperparameters.eta: {min: 0.3, max: 0.1}: min is above max."],
    ),
    "logarithm of zero": (
        {"hyperparameters": {"gamma": {"min": 0, "max": 1, "log": True}}},
        [
            "hyperparameters.gamma: {min: 0, max: 1, log: true}: a logarithmic range needs a min"
            " above 0."
        ],
    ),
    "half a range": (
        {"hyperparameters": {"max_depth": {"min": 1}}},
        ["hyperparameters.max_depth.max is missing; allowed: a whole number from 1 to 10."],
    ),
    "hyperparameter out of bounds": (
        {"hyperparameters": {"subsample": 1.5, "max_depth": 11}},
        [
            "hyperparameters.subsample: 1.5 is not allowed; allowed: a number from 0.0001 to 1.",
            "hyperparameters.max_depth: 11 is not allowed; allowed: a whole number from 1 to 10.",
        ],
    ),
    "source without a location": (
        {"raw_data": "source"},
        ["raw_location is missing: raw_data source reads <raw_location>/sales.parquet or .csv;"],
    ),
    "unknown table": (
        {"raw_columns": {"sale": {"sold_on": "date"}}},
        [f"raw_columns.sale is not a table; tables: {DOMAINS}. Did you mean sales?"],
    ),
    "unknown contract column": (
        {"raw_columns": {"sales": {"soldon": "date"}}},
        [
            "raw_columns.sales.soldon is not a column of the contract of sales; columns: sale_id,"
            " customer_id, sold_on, product_type, product_id, quantity, amount, is_return."
            " Did you mean sold_on?"
        ],
    ),
    "their column is no text": (
        {"raw_columns": {"sales": {"sold_on": 3}}},
        ["raw_columns.sales.sold_on: 3 is not allowed; allowed: a text on one line, up to 250"],
    ),
    "misspelt feature": (
        {"features": ["order_count", "overdue_ration"]},
        [
            "features: overdue_ration is not a feature; seeds/attrition_feature_definitions.csv"
            " lists them. Did you mean overdue_ratio?"
        ],
    ),
    "feature of a window that is not looked at": (
        {"drop": ["consumable_amount_9m"]},
        ["drop: consumable_amount_9m is not a feature;"],
    ),
    "feature of a domain switched off": (
        {"feature_domains": ["sales"], "drop": ["age_years"]},
        ["drop: age_years belongs to demographics, which is not in feature_domains."],
    ),
    "feature wanted and dropped": (
        {"features": ["order_count", "overdue_ratio"], "drop": ["order_count"]},
        ["features: order_count is in drop too; take it out of one."],
    ),
    "sensitive feature wanted and dropped": (
        {"features": ["age_years", "order_count"], "drop": ["sensitive"]},
        ["features: age_years is sensitive, and drop holds the word sensitive."],
    ),
    "unknown preset": (
        {"features": "coer"},
        ['features: "coer" is not allowed; allowed: all, core, or a list of names,'],
    ),
    "renaming what does not exist": (
        {"rename_cols": {"order_cont": "orders"}},
        [
            "rename_cols: order_cont is not a feature; seeds/attrition_feature_definitions.csv"
            " lists them. Did you mean order_count?"
        ],
    ),
    "renaming a feature of a domain switched off": (
        {"feature_domains": ["sales"], "rename_cols": {"age_years": "age"}},
        ["rename_cols: age_years belongs to demographics, which is not in feature_domains."],
    ),
    "new name that is no name": (
        {"rename_cols": {"order_count": "Order Count"}},
        [
            'rename_cols.order_count: "Order Count" is not allowed; allowed: a name of lower-case'
            " letters, digits and _, up to 100."
        ],
    ),
    "new name of a key column": (
        {"rename_cols": {"order_count": "split"}},
        ['rename_cols.order_count: "split" is a column of modeling_dataset; choose another name.'],
    ),
    "new name that is a word of SQL": (
        {"rename_cols": {"order_count": "order"}},
        ['rename_cols.order_count: "order" is a word of SQL; choose another name.'],
    ),
    "new name of another feature": (
        {"rename_cols": {"order_count": "overdue_ratio"}},
        ['rename_cols.order_count: "overdue_ratio" is another feature; choose another name.'],
    ),
    "one new name for two features": (
        {"rename_cols": {"order_count": "orders", "overdue_ratio": "orders"}},
        [
            'rename_cols.overdue_ratio: "orders" is the new name of order_count too; choose'
            " another name."
        ],
    ),
    "number for a feature": (
        {"rename_cols": {1: "orders"}},
        ["rename_cols, a key: 1 is not allowed; allowed: a text on one line, up to 250"],
    ),
    "feature by its new name": (
        {"rename_cols": {"order_count": "orders"}, "drop": ["orders"]},
        ["drop: orders is what rename_cols calls order_count; write order_count."],
    ),
    "columns for what does not exist": (
        {"dummy_cols": ["payer_typ"]},
        [
            "dummy_cols: payer_typ is not a feature; seeds/attrition_feature_definitions.csv lists"
            " them. Did you mean payer_type?"
        ],
    ),
    "one column as a text": (
        {"dummy_cols": "payer_type"},
        ['dummy_cols: "payer_type" is not allowed; allowed: all, or a list of names, none twice,'],
    ),
    "imputing what does not exist": (
        {"impute": {"age_year": "median"}},
        [
            "impute: age_year is not a feature; seeds/attrition_feature_definitions.csv lists them."
            " Did you mean age_years?"
        ],
    ),
    "median of a category": (
        {"impute": {"payer_type": "median", "region": "most_frequent"}},
        [
            'impute.payer_type: "median" is not allowed for a category; allowed: most_frequent.',
        ],
    ),
    "unknown imputation": (
        {"impute": {"all": "mode"}},
        ['impute.all: "mode" is not allowed; allowed: median, mean, zero, most_frequent.'],
    ),
    "a third of the money": (
        {"threshold": {"mode": "capacity", "n": 200, "cost_of_contact": 5}},
        [
            "threshold: value_of_customer and success_rate are missing; give cost_of_contact,"
            " value_of_customer and success_rate, or none of them."
        ],
    ),
    "two thirds of the money": (
        {"threshold": {"mode": "f1", "cost_of_contact": 5, "success_rate": 0.5}},
        ["threshold: value_of_customer is missing; give cost_of_contact, value_of_customer and"],
    ),
    "cost without its money": (
        {"threshold": {"mode": "cost", "cost_of_contact": 5, "success_rate": 0.5}},
        ["threshold.value_of_customer is missing; allowed: a number from 0.01 to 1000000000."],
    ),
    "champion beside itself": (
        {"champion_version": "v0123456789ab", "shadow_versions": ["v0123456789ab"]},
        ["shadow_versions: v0123456789ab is champion_version too; take it out of one."],
    ),
    "test longer than any history": (
        {"split": {"months": 1_000_000_000}},
        ["split.months: 1000000000 is not allowed; allowed: a whole number from 1 to 520."],
    ),
    "number that no file holds": (
        {"max_rows": 16**5000},
        ["max_rows: a number of more than 30 digits is not allowed; allowed: a whole number from"],
    ),
    "what is no number": (
        {"supply_days_per_unit": float("nan")},
        ["supply_days_per_unit: nan is not allowed; allowed: a number from 0.0001 to 3650."],
    ),
    "infinity": (
        {"promotion": {"min_gain": float("inf")}},
        ["promotion.min_gain: inf is not allowed; allowed: a number from 0 to 1."],
    ),
    "month with a line break": (
        {"max_month": "2024-01\n"},
        ["max_month: \"2024-01\\n\" is not allowed; allowed: a month as 'YYYY-MM' from 1900"],
    ),
    "month of another age": (
        {"start_month": "9999-12"},
        ["start_month: \"9999-12\" is not allowed; allowed: a month as 'YYYY-MM' from 1900"],
    ),
    "half of a character": (
        {"version_label": "\ud800"},
        ['version_label: "\\ud800" is not allowed; allowed: a text on one line, up to 250'],
    ),
    "text that moves the cursor": (
        {"raw_location": "raw\x1b[2J"},
        ['raw_location: "raw\\x1b[2J" is not allowed; allowed: a text on one line, up to 1000'],
    ),
    "text without an end": (
        {"champion_version": "v" * 251},
        [f'champion_version: "{"v" * 100}... (251 characters)" is not allowed; allowed: a text on'],
    ),
    "list without an end": (
        {"shadow_versions": [str(number) for number in range(101)]},
        [
            'shadow_versions: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",'
            ' "13", "14", "15", "16", "17", "18", "19", ... (101 of them)] is not allowed;'
            " allowed: a list of names, none twice, at most 100."
        ],
    ),
    "bytes for a list": (
        {"lookback_windows": b"\x03\x06"},
        ["lookback_windows: b'\\x03\\x06' is not allowed; allowed: a list, each a whole number"],
    ),
    "list for a mode": (
        {"threshold": {"mode": ["f1"]}},
        ['threshold.mode: ["f1"] is not allowed; allowed: f1, fixed, cost, capacity.'],
    ),
    "empty text for a number": (
        {"threshold": {"mode": "f1", "success_rate": ""}},
        ['threshold.success_rate: "" is not allowed; allowed: a number from 0.0001 to 1, or null.'],
    ),
    "number for a key": (
        {"split": {1: 2}},
        ["split.1 is not a key of split with mode last_n_months; keys: mode, months."],
    ),
    "number for a setting": ({1: 2}, ["1 is not a setting."]),
    "no blank after the colon": (
        {"attrition_horizon:3": None},
        [
            "attrition_horizon:3 is not a setting. Write a blank after the colon:"
            " attrition_horizon: 3."
        ],
    ),
    "no blank after the colon of a key": (
        {"split": {"months:3": None}},
        [
            "split.months:3 is not a key of split with mode last_n_months; keys: mode, months."
            " Write a blank after the colon: months: 3."
        ],
    ),
    "no blank after the colon of a feature": (
        {"impute": {"all:median": None}},
        [
            "impute.all:median: null is not allowed; allowed: median, mean, zero, most_frequent."
            " Write a blank after the colon: all: median."
        ],
    ),
    "list in a list for ever": (
        {"drop": CIRCLE},
        [
            "drop: [[[[...]]]] is not allowed: it is nested more than 10 deep, or contains itself"
            " by an anchor of YAML; write the value out."
        ],
    ),
    "million of values by anchors": (
        {"features": MANY_BY_ANCHORS},
        ["features: [[[[...], [...], [...], [...], [...], [...], [...], [...], [...], [...]], [["],
    ),
    "name that ends a text of SQL": (
        {"drop": ["x'; drop table sales"]},
        ["drop: x'; drop table sales is not a feature; seeds/attrition_feature_definitions.csv"],
    ),
    "three at once": (
        {"time_grain": "year", "refit": False, "start_month": "24-01"},
        ['time_grain: "year" is', "refit: false is", 'start_month: "24-01" is'],
    ),
}


def problems_in_python(values: dict) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        check_settings(values, find_definitions(PROJECT), raw_columns=find_raw_columns(PROJECT))
    return list(caught.value.problems)


def problems_in_dbt(values: dict) -> list[str]:
    with pytest.raises(CompilerError) as caught:
        Macros(command_line=values).check_settings()
    head, *lines = str(caught.value).split("\n  - ")
    assert head.startswith(f"{len(lines)} setting")
    return lines


@pytest.mark.parametrize(("values", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_with_what_is_allowed(values, expected):
    lines = problems_in_python(values)
    assert len(lines) == len(expected)
    for line, fragment in zip(sorted(lines), sorted(expected), strict=True):
        assert line.startswith(fragment)


TOGETHER = {
    "months in the wrong order",
    "sales switched off",
    "source without a location",
    "unknown table",
    "unknown contract column",
    "misspelt feature",
    "feature of a window that is not looked at",
    "feature of a domain switched off",
    "feature wanted and dropped",
    "sensitive feature wanted and dropped",
    "renaming what does not exist",
    "renaming a feature of a domain switched off",
    "new name of a key column",
    "new name that is a word of SQL",
    "new name of another feature",
    "one new name for two features",
    "feature by its new name",
    "columns for what does not exist",
    "imputing what does not exist",
    "median of a category",
    "a third of the money",
    "two thirds of the money",
    "champion beside itself",
    "name that ends a text of SQL",
}
"""Mistakes of several settings together, or of a name that only the library knows."""


@pytest.mark.parametrize("name", [name for name in MISTAKES if name not in TOGETHER])
def test_dbt_without_the_library_stops_at_names_types_and_ranges(name):
    values, expected = MISTAKES[name]
    places = {re.match(r"[\w.:]+", line)[0] for line in expected}
    assert places <= {re.match(r"[\w.:]+", line)[0] for line in problems_in_dbt(values)}


VALID = {
    "nothing": {},
    "null means the default": {"attrition_horizon": None, "champion_version": "null"},
    "empty text where null is allowed": {"start_month": "", "raw_location": "None"},
    "one key of a mapping": {"split": {"months": 1}, "promotion": {"min_rows": 50}},
    "another mode": {"split": {"mode": "randomized"}},
    "threshold by cost": {
        "threshold": {
            "mode": "cost",
            "cost_of_contact": 5,
            "value_of_customer": 100.0,
            "success_rate": 0.5,
        }
    },
    "hyperparameters": {
        "hyperparameters": {"eta": {"min": 0.01, "max": 0.3}, "max_depth": 3, "gamma": None}
    },
    "weeks": {"time_grain": "week", "drop": ["return_score_26w", "sensitive"]},
    "weeks that are given": {
        "time_grain": "week",
        "attrition_horizon": 4,
        "lookback_windows": [6, 12],
        "split": {"mode": "last_n_buckets"},
    },
    "source": {
        "raw_data": "source",
        "raw_location": "raw",
        "raw_columns": {"sales": {"sold_on": "date"}},
        "feature_domains": ["sales"],
    },
    "columns": {
        "rename_cols": {"order_count": "orders", "age_years": "age_years"},
        "dummy_cols": ["payer_type", "order_count"],
        "impute": {"all": "median", "payer_type": "most_frequent", "age_years": "zero"},
        "drop": ["age_years"],
    },
    "money beside another mode": {
        "threshold": {
            "mode": "capacity",
            "n": 200,
            "cost_of_contact": 0,
            "value_of_customer": 100,
            "success_rate": 0.5,
        }
    },
    "money that is not given": {"threshold": {"mode": "f1", "cost_of_contact": None}},
    "versions": {"champion_version": "v1", "shadow_versions": ["v2"], "version_label": "spring"},
    "gate": {"promotion": {"evidence": "interval", "max_ece": 0.05, "beat_baselines": False}},
    "list of features": {"features": ["order_count"], "lookback_windows": [4, 8]},
}


@pytest.mark.parametrize("values", VALID.values(), ids=VALID)
def test_both_sides_fill_in_the_same_defaults(values):
    settings = check_settings(values, find_definitions(PROJECT))
    macros = Macros(command_line=values)
    macros.check_settings()
    assert macros.settings() == settings.as_dict()


@pytest.mark.parametrize(
    ("grain", "horizon", "windows", "test"),
    [("month", 6, [3, 6, 12], 3), ("week", 26, [13, 26, 52], 13)],
)
@pytest.mark.parametrize("given", [{}, {"attrition_horizon": None, "lookback_windows": "null"}])
def test_what_is_not_given_is_as_long_at_either_grain(grain, horizon, windows, test, given):
    values = {"time_grain": grain, **given}
    settings = check_settings(values, find_definitions(PROJECT)).as_dict()
    macros = Macros(command_line=values)
    assert macros.settings() == settings
    assert (settings["attrition_horizon"], settings["lookback_windows"]) == (horizon, windows)
    assert macros.buckets_of_test() == test


@pytest.mark.parametrize(
    ("grain", "split", "test"),
    [
        ("month", {"months": 1}, 1),
        ("week", {"months": 1}, 4),
        ("month", {"mode": "last_n_buckets"}, 1),
        ("week", {"mode": "last_n_buckets", "buckets": 2}, 2),
        ("week", {"mode": "randomized"}, None),
    ],
)
def test_a_test_is_counted_in_months_or_in_snapshots(grain, split, test):
    assert Macros({"time_grain": grain, "split": split}).buckets_of_test() == test


@pytest.mark.parametrize("grain", ["month", "week"])
@pytest.mark.parametrize("buckets", [1, 13])
def test_both_sides_say_a_number_of_buckets_alike(grain, buckets):
    text = Macros({"time_grain": grain}).buckets_text(buckets)
    assert text == buckets_text(buckets, grain) == f"{buckets} {grain}{'s' if buckets > 1 else ''}"


@pytest.mark.parametrize("months", [1, 2, 3, 6, 12, 18])
def test_both_sides_count_the_same_weeks_in_months(months):
    weeks = Macros({"time_grain": "week"}).buckets_in_months(months)
    assert weeks == buckets_in_months(months, "week")
    assert abs(weeks * 7 - months * 365.25 / 12) < 4


def test_settings_survive_the_trip_through_json():
    settings = check_settings(VALID["hyperparameters"] | VALID["threshold by cost"])
    assert Settings.model_validate_json(settings.model_dump_json()) == settings


def test_parsing_a_model_names_every_wrong_setting_and_not_only_the_one_it_asks_for():
    macros = Macros({"lookback_windows": 3, "time_grain": "day"})
    with pytest.raises(CompilerError, match=r"2 settings are wrong"):
        macros.setting("lookback_windows")


def test_a_macro_that_asks_for_an_unknown_setting_fails():
    with pytest.raises(CompilerError, match="horizon is not a setting"):
        Macros().setting("horizon")


def test_on_snowflake_the_declared_source_needs_no_location():
    values = {"raw_data": "source"}
    Macros(values, warehouse="snowflake").check_settings()
    assert check_settings(values, abilities=ABILITIES["snowflake"]).raw_location is None


def test_vars_of_a_project_that_installs_this_one_are_not_ours():
    Macros(command_line={"country": "nl"}, project_name="shop").check_settings()


def test_what_decides_the_task_and_the_version_is_said_once():
    task, training = Macros().task_settings(), Macros().training_settings()
    assert task == ["raw_data", "time_grain", "attrition_horizon", "population", "target"]
    assert set(Settings.model_fields) - set(training) == {
        "words",
        "num_month_forecast",
        "contacts",
        "publish",
        "raw_location",
        "retrain",
        "champion_version",
        "promotion",
        "version_label",
        "score_with",
        "shadow_versions",
        "backtest_quarters",
        "backtest_max_rows",
        "compute_pool",
        "ray_address",
        "ray_storage",
    }


def write_project(folder: Path, text: str) -> Path:
    (folder / "dbt_project.yml").write_text(text, encoding="utf-8")
    return folder


def test_own_vars_win_over_global_ones_and_the_command_line_over_both(tmp_path):
    text = """
name: attrition
vars:
  attrition_horizon: 2
  random_seed: 2
  max_rows: 2
  attrition: {random_seed: 3, max_rows: 3}
"""
    settings = load_settings(write_project(tmp_path, text), {"max_rows": 4})
    assert (settings.attrition_horizon, settings.random_seed, settings.max_rows) == (2, 3, 4)


def test_vars_of_another_root_project_are_left_alone(tmp_path):
    text = "name: shop\nvars: {country: nl, shop: {a: 1}, attrition: {time_grain: week}}\n"
    assert load_settings(write_project(tmp_path, text)).time_grain == "week"


def test_a_misspelt_setting_in_another_root_project_is_found(tmp_path):
    folder = write_project(tmp_path, "name: shop\nvars: {time_grian: week}\n")
    with pytest.raises(SettingsError, match="Did you mean time_grain"):
        load_settings(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("vars: [\n", "not valid YAML"),
        ("- a\n", "not a mapping"),
        ("vars: 3\n", "vars"),
        ("vars: {attrition: 3}", r"vars\.attrition in dbt_project\.yml is 3, not a mapping"),
        ('vars: {attrition_horizon: !!int "x"}', "not of the type that it is written as"),
        ("vars: {start_month: 2024-02-30}", "a date that does not exist"),
        ("vars: {drop: " + "[" * 5000, "nested too deeply"),
        ("vars: {? [1, 2] : 3}", "not valid YAML"),
    ],
)
def test_a_broken_project_file_is_one_clear_error(tmp_path, text, message):
    with pytest.raises(AttritionError, match=message):
        load_settings(write_project(tmp_path, text))


def test_a_project_file_in_another_encoding_is_one_clear_error(tmp_path):
    (tmp_path / "dbt_project.yml").write_bytes("name: attrition\n# é".encode("latin-1"))
    with pytest.raises(AttritionError, match=r"dbt_project\.yml cannot be read as UTF-8"):
        load_settings(tmp_path)


def test_a_folder_without_a_project_is_one_clear_error(tmp_path):
    with pytest.raises(AttritionError, match=r"There is no dbt_project\.yml"):
        load_settings(tmp_path)


def test_the_project_file_lists_every_setting_with_its_default():
    path = PROJECT / "dbt_project.yml"
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))["vars"]
    assert listed.keys() == Settings.model_fields.keys()
    assert listed["promotion"].keys() == Promotion.model_fields.keys()
    assert check_settings(listed) == Settings()


def test_each_raw_table_is_a_domain():
    assert tuple(find_raw_columns(PROJECT)) == Settings().feature_domains


def test_every_hyperparameter_that_can_be_set_is_one_that_the_search_knows():
    assert set(Hyperparameters.model_fields) == {*DEFAULT_SPACE, "num_round", "objective"}
