"""Names of features under given windows and grain."""

from pathlib import Path

import pytest
from attrition.settings.feature_names import (
    FeatureDefinition,
    definitions_in_catalog,
    existing_features,
    expand,
    find_definitions,
    window_suffixes,
)
from macro_harness import Macros

PROJECT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("windows", "grain", "expected"),
    [
        ("", "month", ("",)),
        ("lookback", "month", ("3m", "6m")),
        ("lookback", "week", ("3w", "6w")),
        ("18", "month", ("18m",)),
        ("6", "week", ("26w",)),
        ("12", "week", ("52w",)),
        ("18", "week", ("78w",)),
        ("1", "week", ("4w",)),
        ("2", "week", ("9w",)),
    ],
)
def test_windows_end_the_names(windows, grain, expected):
    assert window_suffixes(windows, grain, [3, 6]) == expected


def test_a_windowed_feature_becomes_one_feature_for_each_window():
    definition = FeatureDefinition("order_count_{window}", "sales", "lookback", True, False)
    assert expand(definition, "month", [3, 12]) == ("order_count_3m", "order_count_12m")


@pytest.mark.parametrize("grain", ["month", "week"])
def test_plain_dbt_knows_the_same_features(grain):
    variables = {
        "time_grain": grain,
        "lookback_windows": [2, 13],
    }
    in_dbt = Macros(variables).existing_features()
    in_python = existing_features(find_definitions(PROJECT), grain, [2, 13])
    assert {
        name: (facts["domain"], facts["data_type"], facts["monotone_direction"])
        for name, facts in in_dbt.items()
    } == {name: (d.domain, d.data_type, d.monotone_direction) for name, d in in_python.items()}


def test_definitions_of_the_installed_package_are_found(tmp_path):
    seeds = tmp_path / "dbt_packages" / "attrition" / "seeds"
    seeds.mkdir(parents=True)
    text = (PROJECT / "seeds" / "attrition_feature_definitions.csv").read_text(encoding="utf-8")
    (seeds / "attrition_feature_definitions.csv").write_text(text, encoding="utf-8")
    assert find_definitions(tmp_path) == find_definitions(PROJECT)


def test_without_definitions_there_is_nothing_to_check_against(tmp_path):
    assert find_definitions(tmp_path) == ()


def in_use(definitions):
    """Return what the fingerprint of training holds about features under some definitions."""
    macros = Macros({"feature_domains": ["sales", "warranty"]})
    macros.feature_definitions = lambda: definitions
    return macros.features_in_use()


def test_a_new_feature_and_another_direction_are_reasons_to_train():
    definitions = Macros().feature_definitions()
    before = in_use(definitions)
    assert {"order_count", "warranty_length_months"} <= before.keys()
    assert "age_years" not in before
    new = [*definitions, ["parcels", "sales", "", "numeric", 0, "", ""]]
    assert in_use(new).keys() - before.keys() == {"parcels"}
    turned = [
        [*row[:4], 1, *row[5:]] if row[0] == "warranty_length_months" else row
        for row in definitions
    ]
    assert in_use(turned) != before
    elsewhere = [*definitions, ["height", "demographics", "", "numeric", 0, "", ""]]
    assert in_use(elsewhere) == before


def test_the_catalog_of_a_dataset_says_which_features_there_are():
    row = {"original_name": "age_years", "domain": "demographics", "data_type": "numeric"}
    [found] = definitions_in_catalog([row | {"is_core": True, "is_sensitive": True}])
    assert found == FeatureDefinition("age_years", "demographics", "", True, True, "numeric")
