"""A challenger and its incumbent, on the rows that neither was fitted on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest
from quality_sql import (
    SNAPSHOT,
    model_sql,
    predictions,
    random_rows,
    scored_rows,
    sql_metrics,
    store,
)
from sklearn import metrics as sklearn_metrics

DECIDING = ("roc_auc", "average_precision", "log_loss", "brier_score")


class Contest:
    """The tables that `int_evaluation__comparison` reads, with a challenger `new`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.contenders = [("new", "challenger", True)]
        self.versions = [
            ("new", "six months", SNAPSHOT, '{"a": {}}', b"new", '{"boosted_trees": 1.0}')
        ]
        self.predictions: list[pd.DataFrame] = []

    def predict(self, version: str, rows: pd.DataFrame, **columns: object) -> None:
        given = {"version_id": version, "is_held_out": True} | columns
        self.predictions.append(predictions(rows, **given))

    def incumbent(
        self,
        version: str,
        task: str = "six months",
        newest_label_date: date = SNAPSHOT,
        preprocessing: str = '{"features": [{"feature": "a"}]}',
        judged_booster: bytes = b"old",
        weights: str = '{"boosted_trees": 1.0}',
    ) -> None:
        self.contenders.append((version, "incumbent", False))
        self.versions.append(
            (version, task, newest_label_date, preprocessing, judged_booster, weights)
        )

    def comparison(self) -> list[dict[str, object]]:
        columns = ["version_id", "role", "needs_judging"]
        contenders = pd.DataFrame(self.contenders, columns=columns)
        store(self.connection, "int_evaluation__contenders", contenders)
        columns = ["version_id", "task_fingerprint", "newest_label_date", "preprocessing"]
        versions = pd.DataFrame(self.versions, columns=[*columns, "judged_booster", "weights"])
        store(self.connection, "attrition_model_artefacts", versions)
        catalog = pd.DataFrame({"feature": ["a", "b"], "is_selected": [True, False]})
        store(self.connection, "attrition_feature_catalog", catalog)
        store(self.connection, "ml_test_predictions", pd.concat(self.predictions))
        plan = pd.DataFrame({"newest_label_date": [SNAPSHOT], "incumbent_promotion_id": ["p1"]})
        store(self.connection, "training_plan", plan)
        for step in ("pair", "fair_rows", "fair_metrics", "fair_replicates", "best_baselines"):
            sql = model_sql(f"int_evaluation__{step}")
            self.connection.sql(f"create or replace table int_evaluation__{step} as {sql}")
        answer = self.connection.sql(model_sql("int_evaluation__comparison"))
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]

    def metrics_of(self, contestant: str) -> dict[str, object] | None:
        """Return the metrics of one contestant on the fair rows."""
        answer = self.connection.sql(
            f"from int_evaluation__fair_metrics where contestant = '{contestant}'"
        )
        found = [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]
        assert len(found) <= 1
        return gate_metrics(found[0]) if found else None


@pytest.fixture
def contest(connection: duckdb.DuckDBPyConnection) -> Contest:
    return Contest(connection)


def gate_metrics(measured: dict[str, object]) -> dict[str, object]:
    """Return the metrics that the gate asks about."""
    return {name: measured[name] for name in (*DECIDING, "ece")}


def test_both_are_measured_on_the_rows_that_both_held_out(contest: Contest) -> None:
    new = random_rows(12, 400)
    old = scored_rows(np.sqrt(new.probability), new.is_attrition)
    numbers = np.arange(400)
    contest.incumbent("old")
    contest.predict("new", new, is_held_out=numbers >= 100)
    contest.predict("old", old, is_held_out=numbers < 350)
    contest.predict("old", old, split="train", as_of_date=date(2023, 1, 1))
    contest.predict("new", old, system="recency")

    [row] = contest.comparison()

    assert (row["challenger_version"], row["incumbent_version"]) == ("new", "old")
    assert row["incumbent_state"] == "comparable"
    assert row["row_count"] == 250
    assert row["attrition_count"] == new.is_attrition[100:350].sum()
    assert contest.metrics_of("challenger") == gate_metrics(sql_metrics(new[100:350]))
    assert contest.metrics_of("incumbent") == gate_metrics(sql_metrics(old[100:350]))


def test_the_lowest_roc_auc_is_that_of_a_bootstrap_of_customers(contest: Contest) -> None:
    rows = random_rows(13, 600)
    customers = np.arange(600) // 2
    names = [f"c{number:04}" for number in customers]
    dates = np.array([SNAPSHOT, date(2024, 2, 1)] * 300)
    contest.predict("new", rows, customer_id=names, as_of_date=dates)
    rng = np.random.default_rng(1)
    areas = [
        sklearn_metrics.roc_auc_score(
            rows.is_attrition,
            rows.probability,
            sample_weight=np.bincount(rng.integers(0, 300, 300), minlength=300)[customers],
        )
        for _ in range(400)
    ]

    [row] = contest.comparison()

    area = sklearn_metrics.roc_auc_score(rows.is_attrition, rows.probability)
    assert row["challenger_roc_auc"] == pytest.approx(area, abs=1e-12)
    width = area - np.quantile(areas, 0.025)
    assert row["challenger_roc_auc_lower"] == pytest.approx(area - width, abs=width / 4)


def measures(rows: pd.DataFrame, weight: np.ndarray | None = None) -> np.ndarray:
    """Return scikit-learn's values of `DECIDING`, larger being better."""
    given = (rows.is_attrition, rows.probability)
    return np.array(
        [
            sklearn_metrics.roc_auc_score(*given, sample_weight=weight),
            sklearn_metrics.average_precision_score(*given, sample_weight=weight),
            -sklearn_metrics.log_loss(*given, sample_weight=weight),
            -sklearn_metrics.brier_score_loss(*given, sample_weight=weight),
        ]
    )


def test_the_interval_of_the_gain_draws_the_same_customers_for_both(contest: Contest) -> None:
    new = random_rows(20, 900)
    noise = np.random.default_rng(2).normal(0, 0.4, 900)
    odds = np.log(new.probability / (1 - new.probability)) + noise
    old = scored_rows(1 / (1 + np.exp(-odds)), new.is_attrition)
    customers = np.arange(900) // 2
    names = [f"c{number:04}" for number in customers]
    dates = np.array([SNAPSHOT, date(2024, 2, 1)] * 450)
    contest.incumbent("old")
    contest.predict("new", new, customer_id=names, as_of_date=dates)
    contest.predict("old", old, customer_id=names, as_of_date=dates)
    rng = np.random.default_rng(3)
    gains = []
    for _ in range(200):
        drawn = np.bincount(rng.integers(0, 450, 450), minlength=450)[customers]
        gains.append(measures(new, drawn) - measures(old, drawn))

    [row] = contest.comparison()

    lower, upper = np.quantile(gains, [0.025, 0.975], axis=0)
    found = [(row[f"{name}_gain_lower"], row[f"{name}_gain_upper"]) for name in DECIDING]
    widths = [above - below for below, above in found]
    assert widths == pytest.approx(upper - lower, rel=0.25)
    middles = [(above + below) / 2 for below, above in found]
    apart = np.abs(middles - (measures(new) - measures(old))) / widths
    assert max(apart) < 0.25


def test_a_rival_that_says_the_same_leaves_no_doubt_about_the_gain(contest: Contest) -> None:
    rows = random_rows(21, 500)
    contest.incumbent("old")
    contest.predict("new", rows)
    contest.predict("old", rows)

    [row] = contest.comparison()

    for name in DECIDING:
        assert (row[f"{name}_gain_lower"], row[f"{name}_gain_upper"]) == (0, 0)


def test_the_best_baseline_is_found_for_each_metric_on_the_same_rows(contest: Contest) -> None:
    numbers = np.arange(400)
    new = random_rows(22, 400)
    ranked = scored_rows(new.probability**3 / 2, new.is_attrition)
    level = scored_rows(np.full(400, new.is_attrition[100:].mean()), new.is_attrition)
    contest.incumbent("old")
    contest.predict("new", new)
    contest.predict("old", new, is_held_out=numbers >= 100)
    contest.predict("new", ranked, system="recency")
    contest.predict("new", level, system="logistic_regression")
    contest.predict("old", new, system="logistic_regression")

    [row] = contest.comparison()

    found = {
        name: (row[f"{name}_best_baseline"], row[f"{name}_best_baseline_value"])
        for name in DECIDING
    }
    rivals = {"recency": ranked[100:], "logistic_regression": level[100:]}
    for position, name in enumerate(DECIDING):
        values = {system: measures(rows)[position] for system, rows in rivals.items()}
        best = max(values, key=values.get)
        assert found[name] == (best, pytest.approx(abs(values[best]), abs=1e-9))
    assert {system for system, _ in found.values()} == set(rivals)


def test_equal_baselines_are_told_apart_by_name(contest: Contest) -> None:
    rows = random_rows(25, 300)
    contest.predict("new", rows)
    contest.predict("new", rows, system="recency")
    contest.predict("new", rows, system="logistic_regression")

    [row] = contest.comparison()

    assert {row[f"{name}_best_baseline"] for name in DECIDING} == {"logistic_regression"}


def test_without_incumbent_there_are_baselines_but_no_gain(contest: Contest) -> None:
    rows = random_rows(23, 300)
    contest.predict("new", rows)
    contest.predict("new", rows, system="recency")

    [row] = contest.comparison()

    assert row["roc_auc_best_baseline"] == "recency"
    assert row["roc_auc_best_baseline_value"] == row["challenger_roc_auc"]
    assert {row[f"{name}_gain_lower"] for name in DECIDING} == {None}


def test_without_baselines_none_is_the_best(contest: Contest) -> None:
    contest.predict("new", random_rows(24, 300))

    [row] = contest.comparison()

    assert (row["roc_auc_best_baseline"], row["roc_auc_best_baseline_value"]) == (None, None)


def without_incumbent(contest: Contest) -> None:
    pass


def incumbent_of_another_task(contest: Contest) -> None:
    contest.incumbent("old", task="three months")
    contest.predict("old", random_rows(15, 300))


def incumbent_without_predictions(contest: Contest) -> None:
    contest.incumbent("old")


def incumbent_that_held_out_nothing(contest: Contest) -> None:
    contest.incumbent("old")
    contest.predict("old", random_rows(15, 300), is_held_out=False)


def incumbent_of_later_labels(contest: Contest) -> None:
    contest.incumbent("old", newest_label_date=date(2024, 2, 1))
    contest.predict("old", random_rows(15, 300))


def incumbent_with_a_feature_left_out(contest: Contest) -> None:
    contest.incumbent("old", preprocessing='{"features": [{"feature": "a"}, {"feature": "b"}]}')
    contest.predict("old", random_rows(15, 300))


def incumbent_with_other_weights(contest: Contest) -> None:
    contest.incumbent("old", judged_booster=b"new", weights='{"recency": 1.0}')
    contest.predict("old", random_rows(15, 300))


def incumbent_that_ranks_alike(contest: Contest) -> None:
    contest.incumbent("old", judged_booster=b"new")
    contest.predict("old", random_rows(15, 300))


def test_other_weights_make_another_model(contest: Contest) -> None:
    contest.predict("new", random_rows(14, 300))
    incumbent_with_other_weights(contest)
    [row] = contest.comparison()
    assert row["incumbent_state"] == "comparable"


@pytest.mark.parametrize(
    ("prepare", "state"),
    [
        (without_incumbent, "none"),
        (incumbent_of_another_task, "other_task"),
        (incumbent_without_predictions, "not_scored"),
        (incumbent_that_held_out_nothing, "not_held_out"),
        (incumbent_of_later_labels, "later_labels"),
        (incumbent_with_a_feature_left_out, "not_selected"),
        (incumbent_that_ranks_alike, "same_model"),
    ],
)
def test_without_a_comparable_incumbent_the_challenger_stands_alone(
    prepare: Callable[[Contest], None], state: str, contest: Contest
) -> None:
    rows = random_rows(14, 300)
    contest.predict("new", rows)
    prepare(contest)

    [row] = contest.comparison()

    assert (row["incumbent_state"], row["row_count"]) == (state, 300)
    assert contest.metrics_of("challenger") == gate_metrics(sql_metrics(rows))
    assert contest.metrics_of("incumbent") is None
    assert {row[f"incumbent_{name}"] for name in DECIDING} == {None}


def test_contenders_without_a_shared_row_are_compared_on_none(contest: Contest) -> None:
    rows = random_rows(16, 300)
    contest.incumbent("old")
    contest.predict("new", rows)
    contest.predict("old", rows, as_of_date=date(2024, 2, 1))

    [row] = contest.comparison()

    assert (row["incumbent_state"], row["row_count"]) == ("comparable", 0)
    assert row["attrition_count"] == 0
    assert row["challenger_roc_auc"] is None


def test_there_is_nothing_to_compare_without_a_new_challenger(contest: Contest) -> None:
    contest.predict("old", random_rows(17, 300))
    contest.incumbent("old")
    assert contest.comparison() == []

    contest.predict("new", random_rows(17, 300))
    assert len(contest.comparison()) == 1

    contest.contenders[0] = ("new", "challenger", False)
    assert contest.comparison() == []

    contest.contenders[0] = ("old", "challenger", True)
    assert contest.comparison() == []
