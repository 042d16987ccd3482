import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from attrition.training.preprocessing import (
    MAX_LEVELS,
    FeatureRule,
    Preprocessing,
    feature_types,
    fit_preprocessing,
    profile,
    transform,
)

TYPES = {"gap": "numeric", "is_auto": "boolean", "payer": "category"}


def fit(table, types, **rules):
    """Fit with the default rule of each type, or the rule given for a feature."""
    return fit_preprocessing(
        table, {name: rules.get(name) or FeatureRule(kind) for name, kind in types.items()}
    )


TRAINING = pa.table(
    {
        "gap": pa.array([1.5, None, 3.0], pa.float32()),
        "is_auto": pa.array([1.0, 0.0, None], pa.float32()),
        "payer": ["b", "a", None],
    }
)


def test_numbers_stay_booleans_become_0_1_and_categories_one_column_per_level():
    matrix = transform(fit(TRAINING, TYPES), TRAINING)
    expected = np.array([[1.5, 1, 0, 1], [np.nan, 0, 1, 0], [3.0, np.nan, 0, 0]], dtype=np.float32)
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, expected)


def test_one_hot_columns_equal_those_of_pandas():
    fitted = fit(TRAINING, {"payer": "category"})
    expected = pd.get_dummies(TRAINING["payer"].to_pandas(), prefix="payer", prefix_sep="=")
    assert fitted.column_names == tuple(expected.columns)
    np.testing.assert_array_equal(transform(fitted, TRAINING), expected.to_numpy("float32"))


def test_a_level_that_training_did_not_have_is_zero_everywhere():
    fitted = fit(TRAINING, {"payer": "category"})
    later = pa.table({"payer": ["never seen", "b"]})
    assert transform(fitted, later).tolist() == [[0, 0], [0, 1]]


def test_real_booleans_and_infinite_numbers_are_read():
    table = pa.table({"gap": [np.inf, -np.inf, 2.0], "is_auto": [True, False, None]})
    types = {"gap": "numeric", "is_auto": "boolean"}
    matrix = transform(fit(table, types), table)
    np.testing.assert_array_equal(matrix, np.float32([[np.nan, 1], [np.nan, 0], [2, np.nan]]))


def test_it_survives_json():
    fitted = fit(TRAINING, TYPES)
    assert Preprocessing.from_json(fitted.to_json()) == fitted


def test_slices_say_where_a_feature_is():
    fitted = fit(TRAINING, {"payer": "category", "gap": "numeric"})
    assert fitted.slices() == {"payer": slice(0, 2), "gap": slice(2, 3)}
    assert fitted.column_names == ("payer=a", "payer=b", "gap")


def test_a_category_without_a_known_value_has_no_column():
    table = pa.table({"payer": pa.array([None, None], pa.string()), "gap": [1.0, 2.0]})
    fitted = fit(table, {"payer": "category", "gap": "numeric"})
    assert transform(fitted, table).tolist() == [[1.0], [2.0]]


def test_rare_levels_beyond_the_limit_are_read_as_unknown():
    levels = [f"level {number:03d}" for number in range(MAX_LEVELS + 1)]
    table = pa.table({"payer": levels * 2 + levels[1:]})
    fitted = fit(table, {"payer": "category"})
    assert fitted.width == MAX_LEVELS
    assert transform(fitted, pa.table({"payer": levels[:1]})).sum() == 0


def test_categories_are_read_as_text_booleans_as_flags_and_the_rest_as_float32():
    rules = {name: FeatureRule(kind) for name, kind in TYPES.items()}
    assert feature_types(rules) == {"gap": "float32", "is_auto": "flag", "payer": "text"}


def test_the_profile_gives_missing_shares_deciles_and_shares():
    values = np.arange(101, dtype=np.float32)
    table = pa.table(
        {
            "gap": pa.array(values, pa.float32()),
            "is_auto": pa.array([1.0] * 25 + [0.0] * 75 + [None], pa.float32()),
            "payer": ["a"] * 60 + ["b"] * 20 + [None] * 21,
        }
    )
    found = profile(fit(table, TYPES), table)
    assert found["gap"]["deciles"] == pytest.approx(np.percentile(values, range(0, 101, 10)))
    assert found["is_auto"]["shares"] == {"false": 0.75, "true": 0.25}
    assert found["is_auto"]["missing_share"] == pytest.approx(1 / 101)
    assert found["payer"]["shares"] == {"a": 0.75, "b": 0.25}
    assert found["payer"]["missing_share"] == pytest.approx(21 / 101)


def test_a_category_that_is_no_dummy_is_ranked_by_how_common_its_levels_are():
    table = pa.table({"payer": ["b", "b", "a", "c", "c", "c", None]})
    fitted = fit(table, {"payer": "category"}, payer=FeatureRule("category", is_dummy=False))
    assert fitted.column_names == ("payer",)
    later = pa.table({"payer": ["a", "b", "c", "new", None]})
    np.testing.assert_array_equal(
        transform(fitted, later), np.float32([[2], [1], [0], [np.nan], [np.nan]])
    )


def test_a_number_as_dummies_has_one_column_per_training_value():
    table = pa.table({"gap": pa.array([10.0, 2.5, None, 2.5], pa.float32())})
    fitted = fit(table, {"gap": "numeric"}, gap=FeatureRule("numeric", is_dummy=True))
    assert fitted.column_names == ("gap=2.5", "gap=10")
    later = pa.table({"gap": pa.array([2.5, 3.0, None, 10.0], pa.float32())})
    assert transform(fitted, later).tolist() == [[1, 0], [0, 0], [0, 0], [0, 1]]
    assert Preprocessing.from_json(fitted.to_json()) == fitted


@pytest.mark.parametrize(
    ("method", "expected"), [("median", 2.0), ("mean", 3.5), ("zero", 0.0), ("most_frequent", 1.0)]
)
def test_missing_numbers_are_filled_with_what_training_rows_had(method, expected):
    training = pa.table({"gap": pa.array([1, 1, None, 3, 9], pa.float32())})
    fitted = fit(training, {"gap": "numeric"}, gap=FeatureRule("numeric", imputation=method))
    later = pa.table({"gap": pa.array([None, 100.0], pa.float32())})
    assert transform(fitted, later).ravel().tolist() == [expected, 100.0]
    assert Preprocessing.from_json(fitted.to_json()) == fitted


def test_a_missing_level_is_filled_with_the_most_frequent_one():
    training = pa.table({"payer": ["b", "a", "b", None]})
    rule = FeatureRule("category", imputation="most_frequent")
    fitted = fit(training, {"payer": "category"}, payer=rule)
    assert transform(fitted, pa.table({"payer": [None, "a", "z"]})).tolist() == [
        [0, 1],
        [1, 0],
        [0, 0],
    ]


def test_a_feature_without_a_known_value_stays_missing():
    training = pa.table({"gap": pa.array([None, None], pa.float32())})
    fitted = fit(training, {"gap": "numeric"}, gap=FeatureRule("numeric", imputation="median"))
    assert np.isnan(transform(fitted, training)).all()


def test_directions_are_those_of_numbers_and_dummies_are_free():
    fitted = fit(TRAINING, TYPES, gap=FeatureRule("numeric", monotone_direction=-1))
    assert fitted.directions() == (-1, 0, 0, 0)


def test_a_later_format_is_refused():
    text = fit(TRAINING, TYPES).to_json().replace('"format": 1', '"format": 99')
    with pytest.raises(ValueError, match="format 99"):
        Preprocessing.from_json(text)


def test_both_zeros_are_one_level():
    rule = FeatureRule("numeric", is_dummy=True)
    training = pa.table({"gap": pa.array([-0.0, 0.0, 1.0], pa.float32())})
    fitted = fit(training, {"gap": "numeric"}, gap=rule)
    assert fitted.column_names == ("gap=0", "gap=1")
    assert transform(fitted, training).tolist() == [[1, 0], [1, 0], [0, 1]]
