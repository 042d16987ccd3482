"""Metrics in SQL against scikit-learn, numpy and hand-worked rows."""

from __future__ import annotations

import math
from itertools import combinations

import duckdb
import numpy as np
import pandas as pd
import pytest
from quality_sql import metrics_sql, random_rows, scored_rows, sql_metrics
from sklearn import metrics as sklearn_metrics


def extreme_rows() -> pd.DataFrame:
    """Return rows with certain probabilities, half of them wrong."""
    return scored_rows([0.0, 0.0, 1.0, 1.0, 0.5, 1e-300, 1 - 1e-16], [0, 1, 0, 1, 1, 1, 0])


ROWS = {
    "distinct probabilities": random_rows(1, 500),
    "two digits": random_rows(2, 997, digits=2),
    "one digit": random_rows(3, 1203, digits=1),
    "certain and wrong": extreme_rows(),
    "one probability for all": scored_rows(np.full(30, 0.25), [1] * 5 + [0] * 25),
    "one attrition": scored_rows(np.linspace(0, 1, 41), [0] * 30 + [1] + [0] * 10),
    "two rows": scored_rows([0.2, 0.9], [0, 1]),
    "wrong way round": scored_rows([0.9, 0.8, 0.1], [0, 0, 1]),
}


@pytest.mark.parametrize("name", ROWS)
def test_metrics_equal_scikit_learns(name: str) -> None:
    rows = ROWS[name]
    actual, probability, decision = rows.is_attrition, rows.probability, rows.decision

    measured = sql_metrics(rows)

    expected = {
        "row_count": len(rows),
        "attrition_count": actual.sum(),
        "attrition_share": actual.mean(),
        "mean_probability": probability.mean(),
        "roc_auc": sklearn_metrics.roc_auc_score(actual, probability),
        "average_precision": sklearn_metrics.average_precision_score(actual, probability),
        "log_loss": sklearn_metrics.log_loss(actual, probability),
        "brier_score": sklearn_metrics.brier_score_loss(actual, probability),
        "accuracy": sklearn_metrics.accuracy_score(actual, decision),
        "f1": sklearn_metrics.f1_score(actual, decision, zero_division=0),
        "precision": sklearn_metrics.precision_score(actual, decision, zero_division=0),
        "recall": sklearn_metrics.recall_score(actual, decision, zero_division=0),
    }
    assert {key: measured[key] for key in expected} == pytest.approx(expected, rel=0, abs=1e-9)
    # what scikit-learn does not have, the next tests compute
    assert set(measured) - set(expected) == {"split", "ece", "lift_top_decile"}


@pytest.mark.parametrize("name", ROWS)
def test_ece_is_the_gap_between_promised_and_seen_in_ten_bins(name: str) -> None:
    rows = ROWS[name]
    lower = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    bins = np.searchsorted(lower, rows.probability, side="right")
    gap = 0.0
    for bin_number in np.unique(bins):
        inside = rows[bins == bin_number]
        gap += len(inside) * abs(inside.probability.mean() - inside.is_attrition.mean())

    assert sql_metrics(rows)["ece"] == pytest.approx(gap / len(rows), rel=0, abs=1e-9)


def test_top_decile_lift_is_the_rate_of_the_riskiest_tenth_over_the_whole_rate() -> None:
    rows = random_rows(4, 1001)
    top = rows.sort_values("probability", ascending=False).head(101)

    lift = sql_metrics(rows)["lift_top_decile"]

    expected = top.is_attrition.mean() / rows.is_attrition.mean()
    assert lift == pytest.approx(expected, rel=0, abs=1e-9)


def test_top_decile_lift_averages_over_every_way_to_break_a_tie_at_the_border() -> None:
    probability = [0.9] + [0.5] * 5 + [0.1] * 18
    is_attrition = [1, 1, 1, 0, 0, 0] + [1] * 3 + [0] * 15
    # the riskiest tenth of 24 rows is 3: the first row and any two of the five tied
    lifts = [
        (is_attrition[0] + is_attrition[first] + is_attrition[second]) / 3 / (6 / 24)
        for first, second in combinations(range(1, 6), 2)
    ]

    lift = sql_metrics(scored_rows(probability, is_attrition))["lift_top_decile"]

    assert lift == pytest.approx(np.mean(lifts), rel=0, abs=1e-9)


def test_nobody_left_leaves_ranking_metrics_unknown() -> None:
    probability = np.array([0.1, 0.2, 0.2, 1.0])

    measured = sql_metrics(scored_rows(probability, [0, 0, 0, 0]))

    unknown = ("roc_auc", "average_precision", "lift_top_decile")
    assert [measured[name] for name in unknown] == [None] * 3
    assert (measured["precision"], measured["recall"], measured["f1"]) == (0, 0, 0)
    assert measured["accuracy"] == 0.75
    expected = sklearn_metrics.log_loss([0, 0, 0, 0], probability, labels=[0, 1])
    assert measured["log_loss"] == pytest.approx(expected, rel=0, abs=1e-9)


def test_everybody_left_leaves_only_the_roc_auc_unknown() -> None:
    measured = sql_metrics(scored_rows([0.1, 0.2, 0.6], [1, 1, 1]))

    assert measured["roc_auc"] is None
    assert (measured["average_precision"], measured["lift_top_decile"]) == (1, 1)
    assert (measured["precision"], measured["recall"]) == (1, pytest.approx(1 / 3))


@pytest.mark.parametrize("is_attrition", [0, 1])
def test_a_single_row_has_metrics(is_attrition: int) -> None:
    measured = sql_metrics(scored_rows([0.8], [is_attrition]))

    assert measured["roc_auc"] is None
    assert measured["row_count"] == 1
    assert measured["brier_score"] == pytest.approx((0.8 - is_attrition) ** 2, abs=1e-12)
    assert measured["log_loss"] == pytest.approx(-math.log(0.8 if is_attrition else 0.2))


def test_no_rows_have_no_metrics() -> None:
    with duckdb.connect() as connection:
        connection.register("scored", scored_rows([], []))
        rows = connection.sql(metrics_sql("scored", ["split"])).fetchall()

    assert rows == []


def test_groups_are_measured_apart() -> None:
    first, second = random_rows(5, 300, digits=2), random_rows(6, 40, digits=1)
    both = pd.concat([first, second.assign(split="train")], ignore_index=True)
    with duckdb.connect() as connection:
        connection.register("scored", both)
        answer = connection.sql(metrics_sql("scored", ["split"]))
        measured = {
            row[0]: dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()
        }

    assert measured == {
        "test": sql_metrics(first),
        "train": sql_metrics(second) | {"split": "train"},
    }


def test_every_bit_is_the_same_for_any_number_of_threads_and_order_of_rows() -> None:
    rows = random_rows(7, 300_000)
    shuffled = rows.sample(frac=1, random_state=1)

    first = sql_metrics(rows, threads=1)

    assert sql_metrics(rows, threads=2) == first
    assert sql_metrics(shuffled, threads=2) == first
