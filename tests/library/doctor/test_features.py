"""Features that say nothing or the same."""

import duckdb
import numpy as np
import pytest
from attrition.doctor.features import (
    FeatureFacts,
    Pair,
    correlations,
    duplicates,
    feature_findings,
    read_feature_facts,
)


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(7)


def test_correlations_are_those_of_numpy_on_the_rows_that_both_have(random):
    matrix = random.normal(size=(400, 4)) * [1, 1e4, 1e-3, 1] + [0, 1e6, 0, 3]
    matrix[:, 3] += matrix[:, 0]
    matrix[random.random(matrix.shape) < 0.2] = np.nan
    found, both = correlations(matrix)
    for one in range(4):
        for other in range(4):
            rows = ~np.isnan(matrix[:, [one, other]]).any(axis=1)
            assert both[one, other] == rows.sum()
            expected = np.corrcoef(matrix[rows, one], matrix[rows, other])[0, 1]
            assert found[one, other] == pytest.approx(expected, abs=1e-9)


def test_equal_mirrored_and_shifted_columns_are_duplicates_and_others_are_not(random):
    base, other = random.normal(size=500), random.normal(size=500)
    noise = random.normal(size=500)
    matrix = np.column_stack([base, base, -3 * base + 5, base + 0.01 * noise, base + 0.2 * noise])
    matrix = np.column_stack([matrix, other])
    pairs = duplicates(matrix, ["a", "same", "mirrored", "near", "not_so_near", "other"])
    assert {(pair.first, pair.second): pair.is_equal for pair in pairs} == {
        ("a", "same"): True,
        ("a", "mirrored"): False,
        ("a", "near"): False,
    }
    near = next(pair for pair in pairs if pair.second == "near")
    assert near.correlation == pytest.approx(np.corrcoef(matrix[:, [0, 3]].T)[0, 1])


def test_without_the_second_of_each_pair_no_duplicate_is_left(random):
    base = random.normal(size=(300, 3))
    steps = random.normal(size=300)
    chain = np.column_stack([base[:, 0] + 0.03 * step * steps for step in range(6)])
    matrix, names = np.column_stack([chain, base]), list("abcdefghi")
    pairs = duplicates(matrix, names)
    assert pairs
    left = [n for n, name in enumerate(names) if name not in {pair.second for pair in pairs}]
    assert duplicates(matrix[:, left], [names[n] for n in left]) == ()


def test_missing_values_do_not_hide_a_duplicate(random):
    base = random.normal(size=500)
    copy = base.copy()
    copy[:100] = np.nan
    [pair] = duplicates(np.column_stack([base, copy]), ["a", "b"])
    assert pair.is_equal


def test_columns_that_are_seldom_known_together_are_no_duplicates(random):
    base = random.normal(size=500)
    one, other = base.copy(), base.copy()
    one[:230], other[270:] = np.nan, np.nan
    assert duplicates(np.column_stack([one, other]), ["a", "b"]) == ()
    assert duplicates(np.column_stack([base, base])[:29], ["a", "b"]) == ()


def test_a_constant_column_has_no_correlation():
    matrix = np.column_stack([np.full(50, 7.1), np.arange(50.0), np.full(50, np.nan)])
    found, _ = correlations(matrix)
    assert np.isnan(found[0, 1])
    assert duplicates(matrix, ["a", "b", "c"]) == ()


def tables(rows: int = 60) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        "create table modeling_dataset as select "
        "'c' || n as customer_id, date '2024-01-01' as as_of_date, md5('c' || n) as customer_hash, "
        f"case when n < {rows - 10} then 'train' else 'unlabelled' end as split, "
        "cast(n * 37 % 59 as real) as gap, cast(2 * (n * 37 % 59) as real) as twice_the_gap, "
        f"case when n >= {rows - 10} then 1 end as empty_column, "
        f"case when n < {rows - 10} then 4 else 5 end as steady, "
        "case when n % 2 = 0 then 1 end as half_known, "
        "case when n % 3 = 0 then 'north' else 'south' end as area, "
        "'one' as only_area, n % 2 = 0 as is_even, n % 59 as left_out "
        f"from range({rows}) as t(n)"
    )
    names = {
        "gap": "gap", "twice_the_gap": "twice_the_gap", "empty_column": "sensor_order_count",
        "steady": "steady", "half_known": "half_known", "is_even": "is_even",
    }  # fmt: skip
    values = [f"('{column}', '{name}', 'numeric', true)" for column, name in names.items()]
    values += [f"('{column}', '{column}', 'category', true)" for column in ("area", "only_area")]
    values.append("('left_out', 'left_out', 'numeric', false)")
    connection.execute(
        f"create table attrition_feature_catalog as from (values {', '.join(values)}) "
        "as t(feature, original_name, data_type, is_selected)"
    )
    return connection


def test_features_are_judged_on_labelled_rows_by_the_names_of_the_settings():
    facts = read_feature_facts(tables())
    assert facts.count == 8
    assert facts.missing == ("sensor_order_count",)
    assert facts.constant == ("only_area", "steady")
    assert [(pair.first, pair.second) for pair in facts.pairs] == [("gap", "twice_the_gap")]


def test_without_labels_all_rows_are_looked_at():
    connection = tables()
    connection.execute("update modeling_dataset set split = 'unlabelled'")
    assert read_feature_facts(connection).constant == ("only_area",)


def test_large_datasets_are_read_in_part(monkeypatch):
    monkeypatch.setattr("attrition.doctor.features.SAMPLE_ROWS", 35)
    facts = read_feature_facts(tables())
    assert [pair.first for pair in facts.pairs] == ["gap"]
    monkeypatch.setattr("attrition.doctor.features.SAMPLE_ROWS", 20)
    assert read_feature_facts(tables()).pairs == ()


def test_each_kind_of_useless_feature_is_a_warning_with_what_to_drop():
    facts = FeatureFacts(
        9, ("a",), ("b", "c"), (Pair("d", "e", -0.9994, False), Pair("f", "g", 1.0, True))
    )
    found = feature_findings(facts)
    assert {finding.status for finding in found} == {"warning"}
    assert [finding.fix for finding in found] == [
        "drop: [a]",
        "drop: [b, c]",
        "drop: [e]",
        "drop: [g]",
    ]
    assert "correlated by -0.9994" in found[2].text
    assert "equal" in found[3].text


def test_long_lists_of_pairs_are_cut():
    pairs = tuple(Pair(f"a{n}", f"b{n}", 1.0, True) for n in range(13))
    found = feature_findings(FeatureFacts(30, pairs=pairs))
    assert len(found) == 11
    assert found[-1].text.startswith("3 more pairs")


def test_nothing_found_is_in_order():
    assert [finding.status for finding in feature_findings(FeatureFacts(51))] == ["ok"]
