"""Profit in SQL against brute force."""

from __future__ import annotations

import json
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest
from quality_sql import SNAPSHOT, frame, store

MONEY = {"cost_of_contact": 7.0, "value_of_customer": 120.0, "success_rate": 0.8}
SCENARIOS = {
    "as set": {},
    "cost_of_contact half": {"cost_of_contact": 3.5},
    "cost_of_contact one and a half times": {"cost_of_contact": 10.5},
    "value_of_customer half": {"value_of_customer": 60.0},
    "value_of_customer one and a half times": {"value_of_customer": 180.0},
    "success_rate half": {"success_rate": 0.4},
    "success_rate one and a half times": {"success_rate": 1.0},
}


def scored(seed: int, count: int, digits: int = 8, share: float = 0.25) -> pd.DataFrame:
    """Return test rows whose probabilities say something about who leaves."""
    rng = np.random.default_rng(seed)
    probability = np.round(rng.beta(1, 1 / share - 1, count), digits)
    return pd.DataFrame(
        {
            "version_id": "v1",
            "system": "model",
            "split": "test",
            "newest_label_date": SNAPSHOT,
            "customer_id": [f"c{number:05}" for number in range(count)],
            "is_attrition": (rng.random(count) < probability).astype(np.int32),
            "probability": probability,
        }
    )


def versions(money: dict[str, float] | None, decision_threshold: float) -> pd.DataFrame:
    threshold = {"mode": "f1"} | (money or {})
    return pd.DataFrame(
        {
            "version_id": ["v1"],
            "decision_threshold": [decision_threshold],
            "settings": [json.dumps({"threshold": threshold, "other": {"threshold": 1}})],
        }
    )


def brute_profits(rows: pd.DataFrame, money: dict[str, float]) -> dict[float | None, float]:
    """Return the profit of every threshold that occurs, and of contacting nobody."""
    profits: dict[float | None, float] = {None: 0.0}
    for threshold in rows.probability.unique():
        contacted = rows[rows.probability >= threshold]
        kept = contacted.is_attrition.sum() * money["success_rate"]
        cost = len(contacted) * money["cost_of_contact"]
        profits[threshold] = kept * money["value_of_customer"] - cost
    return profits


def known(threshold: float) -> float | None:
    return None if pd.isna(threshold) else threshold


@pytest.mark.parametrize(
    ("seed", "digits", "decision_threshold"),
    [(1, 8, 0.31), (2, 2, 0.3), (3, 8, 0.0), (4, 1, 0.05)],
)
def test_profit_is_that_of_brute_force(
    seed: int, digits: int, decision_threshold: float, connection: duckdb.DuckDBPyConnection
) -> None:
    rows = scored(seed, 3000, digits)
    store(connection, "int_evaluation__predictions", rows)
    store(connection, "attrition_model_artefacts", versions(MONEY, decision_threshold))

    curve = frame(connection, "attrition_profit_curve")

    assert set(curve.scenario) == SCENARIOS.keys()
    for scenario, change in SCENARIOS.items():
        money = MONEY | change
        drawn = curve[curve.scenario == scenario].sort_values("point")
        expected = brute_profits(rows, money)
        [said] = drawn[list(money)].drop_duplicates().to_dict("records")
        assert said == pytest.approx(money)
        assert drawn.point.tolist() == list(range(len(drawn)))
        assert drawn.contacted_count.is_monotonic_increasing
        for point in drawn.itertuples():
            assert point.expected_profit == pytest.approx(expected[known(point.threshold)])
        [best] = drawn[drawn.is_best].itertuples()
        assert best.expected_profit == pytest.approx(max(expected.values()))
        [decided] = drawn[drawn.is_decision_threshold].itertuples()
        flagged = rows[rows.probability >= decision_threshold]
        assert decided.contacted_count == len(flagged)
        assert decided.contacted_attrition_count == flagged.is_attrition.sum()
        last = drawn.iloc[-1]
        assert (last.contacted_count, last.profit_per_contact) == (
            3000,
            pytest.approx(last.expected_profit / 3000),
        )


def test_the_curve_has_about_a_hundred_points_the_same_in_all_scenarios(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    store(connection, "int_evaluation__predictions", scored(5, 20_000))
    store(connection, "attrition_model_artefacts", versions(MONEY, 0.2))

    curve = frame(connection, "attrition_profit_curve")

    points = curve.groupby("point").contacted_count.nunique()
    assert 90 <= len(points) <= 110
    assert set(points) == {1}
    assert set(curve.groupby("scenario").size()) == {len(points)}
    assert curve.groupby("scenario").is_best.sum().eq(1).all()


def test_where_no_contact_pays_nobody_is_best_contacted(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    store(connection, "int_evaluation__predictions", scored(6, 500))
    dear = MONEY | {"cost_of_contact": 1000.0}
    store(connection, "attrition_model_artefacts", versions(dear, 2.0))

    curve = frame(connection, "attrition_profit_curve")

    best = curve[curve.is_best]
    assert set(best.contacted_count) == {0}
    assert best.threshold.isna().all()
    assert best.profit_per_contact.isna().all()
    # nobody reaches this decision threshold either
    assert curve[curve.is_decision_threshold].contacted_count.tolist() == [0] * 7


@pytest.mark.parametrize("is_attrition", [0, 1])
def test_rows_with_one_outcome_have_a_profit_too(
    is_attrition: int, connection: duckdb.DuckDBPyConnection
) -> None:
    rows = scored(7, 50).assign(is_attrition=is_attrition)
    store(connection, "int_evaluation__predictions", rows)
    store(connection, "attrition_model_artefacts", versions(MONEY, 0.2))

    curve = frame(connection, "attrition_profit_curve")

    best = curve[curve.is_best & (curve.scenario == "as set")]
    assert best.contacted_count.tolist() == [50 * is_attrition]


@pytest.mark.parametrize(
    "money",
    [None, {"cost_of_contact": 5.0}, {"cost_of_contact": 5.0, "value_of_customer": 100.0}],
)
def test_without_money_there_is_no_profit(
    money: dict[str, float] | None, connection: duckdb.DuckDBPyConnection
) -> None:
    store(connection, "int_evaluation__predictions", scored(8, 100))
    store(connection, "attrition_model_artefacts", versions(money, 0.2))

    assert frame(connection, "attrition_profit_curve").empty


def test_a_profit_is_appended_for_new_labels_alone(connection: duckdb.DuckDBPyConnection) -> None:
    rows = scored(9, 200)
    store(connection, "int_evaluation__predictions", rows)
    store(connection, "attrition_model_artefacts", versions(MONEY, 0.2))
    store(connection, "made", frame(connection, "attrition_profit_curve"))
    connection.sql("alter table made alter newest_label_date type date")
    later = rows.assign(newest_label_date=date(2024, 2, 1))
    store(connection, "int_evaluation__predictions", pd.concat([rows, later]))

    appended = frame(connection, "attrition_profit_curve", made="made")

    assert set(appended.newest_label_date.astype(str)) == {"2024-02-01"}


def test_trains_and_baselines_do_not_enter_the_profit(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = scored(10, 300)
    store(connection, "attrition_model_artefacts", versions(MONEY, 0.2))
    store(connection, "int_evaluation__predictions", rows)
    alone = frame(connection, "attrition_profit_curve")
    others = [rows.assign(split="train"), rows.assign(system="recency")]
    store(connection, "int_evaluation__predictions", pd.concat([rows, *others]))

    together = frame(connection, "attrition_profit_curve")

    order = ["scenario", "point"]
    pd.testing.assert_frame_equal(
        together.sort_values(order, ignore_index=True), alone.sort_values(order, ignore_index=True)
    )
