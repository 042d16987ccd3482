"""Model quality in SQL against scikit-learn, numpy and hand-worked rows.

The macros and models are rendered with Jinja alone and run in an in-memory DuckDB, so that these
tests need no dbt project build.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from itertools import combinations

import duckdb
import numpy as np
import pandas as pd
import pytest
from quality_sql import (
    PROMOTION,
    SNAPSHOT,
    frame,
    metrics_sql,
    model_sql,
    predictions,
    random_rows,
    scored_rows,
    sql_metrics,
    store,
)
from sklearn import metrics as sklearn_metrics

APPENDED = (
    "attrition_model_metrics",
    "attrition_baselines",
    "attrition_confusion_matrix",
    "attrition_lift",
    "attrition_model_curves",
)


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


# -- models over predictions


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def test_curve_points_lie_on_scikit_learns_curves(connection: duckdb.DuckDBPyConnection) -> None:
    rows = random_rows(8, 5000)
    store(connection, "int_evaluation__predictions", predictions(rows))
    false_rate, true_rate, cuts = sklearn_metrics.roc_curve(
        rows.is_attrition, rows.probability, drop_intermediate=False
    )
    precision, recall, pr_cuts = sklearn_metrics.precision_recall_curve(
        rows.is_attrition, rows.probability
    )
    on_roc = {cut: xy for cut, *xy in zip(cuts, false_rate, true_rate, strict=True)}
    on_pr = {cut: xy for cut, *xy in zip(pr_cuts, recall[:-1], precision[:-1], strict=True)}

    curves = frame(connection, "attrition_model_curves").sort_values("point")

    for curve, exact, start in (
        ("roc", on_roc, (0, 0)),
        ("precision_recall", on_pr, (0, 1)),
    ):
        drawn = curves[curves.curve == curve]
        assert drawn.point.tolist() == list(range(len(drawn)))
        assert 90 <= len(drawn) <= 101
        assert tuple(drawn.iloc[0][["x", "y"]]) == start
        for point in drawn.iloc[1:].itertuples():
            assert (point.x, point.y) == pytest.approx(exact[point.threshold], abs=1e-12)
            assert point.row_count == (rows.probability >= point.threshold).sum()
    roc = curves[curves.curve == "roc"]
    assert tuple(roc.iloc[-1][["x", "y"]]) == (1, 1)
    area = sklearn_metrics.roc_auc_score(rows.is_attrition, rows.probability)
    assert sklearn_metrics.auc(roc.x, roc.y) == pytest.approx(area, abs=0.001)


def test_calibration_curve_has_a_point_for_each_bin_with_rows(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = scored_rows([0.02, 0.05, 0.3, 0.95, 1.0], [0, 1, 0, 1, 1])
    store(connection, "int_evaluation__predictions", predictions(rows))

    curves = frame(connection, "attrition_model_curves")

    points = curves[curves.curve == "calibration"].sort_values("point")
    assert points.point.tolist() == [1, 4, 10]
    assert points.threshold.tolist() == [0.0, 0.3, 0.9]
    assert points.x.tolist() == pytest.approx([0.035, 0.3, 0.975])
    assert points.y.tolist() == [0.5, 0, 1]
    assert points.row_count.tolist() == [2, 1, 2]


def test_rows_with_one_outcome_draw_only_the_calibration(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = scored_rows([0.1, 0.4], [0, 0])
    store(connection, "int_evaluation__predictions", predictions(rows))

    assert set(frame(connection, "attrition_model_curves").curve) == {"calibration"}


@pytest.mark.parametrize("name", APPENDED)
def test_what_was_measured_is_not_measured_again(
    name: str, connection: duckdb.DuckDBPyConnection
) -> None:
    system = "recency" if name == "attrition_baselines" else "model"
    old = predictions(random_rows(9, 200), system=system)
    store(connection, "int_evaluation__predictions", old)
    first = frame(connection, name)
    store(connection, "made", first)
    connection.sql("alter table made alter newest_label_date type date")
    new = old.assign(newest_label_date=date(2024, 2, 1))
    train = old.assign(split="train")
    store(connection, "int_evaluation__predictions", pd.concat([old, new, train]))

    appended = frame(connection, name, made="made")

    keys = appended[["split", "newest_label_date"]].drop_duplicates()
    assert len(first)
    assert sorted(keys.astype(str).itertuples(index=False, name=None)) == [
        ("test", "2024-02-01"),
        ("train", "2024-01-01"),
    ]


@pytest.mark.parametrize("name", APPENDED)
def test_a_model_is_not_mixed_with_its_baselines(
    name: str, connection: duckdb.DuckDBPyConnection
) -> None:
    is_baseline = name == "attrition_baselines"
    asked, other = ("recency", "model") if is_baseline else ("model", "recency")
    rows = predictions(random_rows(10, 200), system=asked)
    store(connection, "int_evaluation__predictions", rows)
    alone = frame(connection, name)
    rival = predictions(random_rows(11, 200), system=other)
    store(connection, "int_evaluation__predictions", pd.concat([rows, rival]))

    order = list(alone.columns)
    together = frame(connection, name).sort_values(order, ignore_index=True)

    pd.testing.assert_frame_equal(together, alone.sort_values(order, ignore_index=True))


# -- challenger against incumbent

DECIDING = ("roc_auc", "average_precision", "log_loss", "brier_score")


class Contest:
    """The tables that `int_evaluation__comparison` reads, with a challenger `new`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.contenders = [("new", "challenger", True)]
        self.versions = [("new", "six months", SNAPSHOT, '{"a": {}}', b"new")]
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
    ) -> None:
        self.contenders.append((version, "incumbent", False))
        self.versions.append((version, task, newest_label_date, preprocessing, judged_booster))

    def comparison(self) -> list[dict[str, object]]:
        columns = ["version_id", "role", "needs_judging"]
        contenders = pd.DataFrame(self.contenders, columns=columns)
        store(self.connection, "int_evaluation__contenders", contenders)
        columns = ["version_id", "task_fingerprint", "newest_label_date", "preprocessing"]
        versions = pd.DataFrame(self.versions, columns=[*columns, "judged_booster"])
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


def incumbent_that_ranks_alike(contest: Contest) -> None:
    contest.incumbent("old", judged_booster=b"new")
    contest.predict("old", random_rows(15, 300))


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


# -- the gate


@pytest.fixture
def verdict(connection: duckdb.DuckDBPyConnection) -> Callable[..., tuple[str, str] | None]:
    """Return a function from a comparison and a rule to decision and reason."""

    def judge(rule: dict[str, object] | None = None, made: str | None = None, **given: object):
        row = {
            "challenger_version": "new",
            "incumbent_version": "old",
            "incumbent_state": "comparable",
            "incumbent_promotion_id": "p1",
            "newest_label_date": SNAPSHOT,
            "row_count": 1000,
            "attrition_count": 150,
            "challenger_roc_auc": 0.8,
            "incumbent_roc_auc": 0.78,
            "challenger_log_loss": 0.3,
            "incumbent_log_loss": 0.25,
            "challenger_roc_auc_lower": 0.76,
            "challenger_ece": 0.02,
            "roc_auc_gain_lower": 0.005,
            "roc_auc_gain_upper": 0.035,
            "roc_auc_best_baseline": "recency",
            "roc_auc_best_baseline_value": 0.7,
            "log_loss_gain_lower": -0.07,
            "log_loss_gain_upper": -0.03,
            "log_loss_best_baseline": "logistic_regression",
            "log_loss_best_baseline_value": 0.31,
        }
        store(connection, "int_evaluation__comparison", pd.DataFrame([row | given]))
        sql = model_sql("attrition_promotions", made=made, promotion=PROMOTION | (rule or {}))
        found = connection.sql(f"select decision, reason from ({sql})").fetchall()
        assert len(found) <= 1
        return found[0] if found else None

    return judge


@pytest.mark.parametrize(
    ("rule", "given", "decision"),
    [
        ({}, {}, "promoted"),
        ({}, {"incumbent_roc_auc": 0.8}, "kept"),
        ({}, {"incumbent_roc_auc": 0.81}, "kept"),
        ({"min_gain": -0.1}, {"incumbent_roc_auc": 0.81}, "kept"),
        ({"min_gain": 0.03}, {}, "kept"),
        ({"min_gain": 0.015}, {}, "promoted"),
        ({"metric": "log_loss"}, {}, "kept"),
        ({"metric": "log_loss"}, {"incumbent_log_loss": 0.35}, "promoted"),
        ({}, {"row_count": 199}, "kept"),
        ({}, {"row_count": 200}, "promoted"),
        ({}, {"attrition_count": 29}, "kept"),
        ({}, {"attrition_count": 30}, "promoted"),
        ({}, {"challenger_roc_auc_lower": 0.5}, "kept"),
        ({}, {"challenger_roc_auc_lower": 0.5001}, "promoted"),
        ({"min_attritions": 0}, {"attrition_count": 0, "challenger_roc_auc": None}, "kept"),
        ({}, {"incumbent_state": "other_task", "incumbent_roc_auc": None}, "promoted"),
        ({}, {"incumbent_state": "other_task", "row_count": 10}, "kept"),
        ({}, {"roc_auc_best_baseline_value": 0.8}, "kept"),
        ({}, {"roc_auc_best_baseline_value": 0.79}, "promoted"),
        ({}, {"roc_auc_best_baseline_value": None}, "promoted"),
        ({}, {"roc_auc_best_baseline_value": 0.81, "incumbent_state": "none"}, "kept"),
        ({}, {"roc_auc_best_baseline_value": 0.81, "incumbent_state": "other_task"}, "kept"),
        ({"beat_baselines": False}, {"roc_auc_best_baseline_value": 0.81}, "promoted"),
        (
            {"metric": "log_loss"},
            {"incumbent_log_loss": 0.35, "log_loss_best_baseline_value": 0.3},
            "kept",
        ),
        (
            {"metric": "log_loss"},
            {"incumbent_log_loss": 0.35, "roc_auc_best_baseline_value": 0.81},
            "promoted",
        ),
        ({"max_ece": 0.019}, {}, "kept"),
        ({"max_ece": 0.02}, {}, "promoted"),
        ({"max_ece": 0.019}, {"incumbent_state": "none"}, "kept"),
        ({"evidence": "interval"}, {}, "promoted"),
        ({"evidence": "interval"}, {"roc_auc_gain_lower": 0.0}, "kept"),
        ({"evidence": "interval"}, {"roc_auc_gain_lower": None}, "kept"),
        ({"evidence": "interval", "min_gain": 0.004}, {}, "promoted"),
        ({"evidence": "interval", "min_gain": 0.005}, {}, "kept"),
        ({"evidence": "interval"}, {"incumbent_state": "none"}, "promoted"),
        ({}, {"roc_auc_gain_lower": -0.01}, "promoted"),
        (
            {"evidence": "interval", "metric": "log_loss"},
            {"incumbent_log_loss": 0.35, "log_loss_gain_lower": 0.001},
            "promoted",
        ),
    ],
)
def test_the_gate(
    rule: dict[str, object],
    given: dict[str, object],
    decision: str,
    verdict: Callable[..., tuple[str, str]],
) -> None:
    assert verdict(rule, **given)[0] == decision


@pytest.mark.parametrize(
    ("rule", "given", "reason"),
    [
        (
            {},
            {"row_count": 120},
            "no automatic promotion: 120 test rows, at least 200 are needed",
        ),
        (
            {},
            {"attrition_count": 12},
            "no automatic promotion: 12 attritions in 1000 test rows, at least 30 are needed",
        ),
        (
            {},
            {"challenger_roc_auc": 0.51, "challenger_roc_auc_lower": 0.471},
            "there is nothing to learn here: roc_auc 0.510 on 1000 test rows may be as low as"
            " 0.471, and guessing has 0.5",
        ),
        (
            {"min_attritions": 0},
            {"challenger_roc_auc": None},
            "there is nothing to learn here: the same outcome in all 1000 test rows",
        ),
        (
            {},
            {},
            "roc_auc 0.8000 against 0.7800 on 1000 test rows: better by 0.02000;"
            " 95 % interval of the gain 0.00500 to 0.03500",
        ),
        (
            {"min_gain": 0.05},
            {},
            "roc_auc 0.8000 against 0.7800 on 1000 test rows: a gain of 0.02000,"
            " at least 0.05 is needed; 95 % interval of the gain 0.00500 to 0.03500",
        ),
        (
            {"metric": "log_loss"},
            {},
            "log_loss 0.3000 against 0.2500 on 1000 test rows: a gain of -0.05000,"
            " more than 0 is needed; 95 % interval of the gain -0.07000 to -0.03000",
        ),
        (
            {},
            {"incumbent_state": "none", "incumbent_version": None},
            "first version: roc_auc 0.8000 on 1000 test rows",
        ),
        (
            {},
            {"incumbent_state": "not_scored"},
            "champion old cannot be applied to this dataset: roc_auc 0.8000 on 1000 test rows",
        ),
        (
            {},
            {"incumbent_state": "other_task"},
            "champion old answers another question: roc_auc 0.8000 on 1000 test rows",
        ),
        (
            {"max_ece": 0.01},
            {"roc_auc_best_baseline_value": 0.8125},
            "no better than a baseline: roc_auc 0.8000 on 1000 test rows, where recency has 0.8125,"
            " and promotion.beat_baselines asks for better",
        ),
        (
            {"max_ece": 0.015, "min_gain": 0.05},
            {},
            "probabilities are off: ece 0.0200 on 1000 test rows, promotion.max_ece allows 0.015",
        ),
        (
            {"evidence": "interval", "min_gain": 0.01},
            {},
            "roc_auc 0.8000 against 0.7800 on 1000 test rows: a gain of 0.02000, and"
            " promotion.evidence wants its whole interval above 0.01; 95 % interval of the gain"
            " 0.00500 to 0.03500",
        ),
    ],
)
def test_the_reason_says_what_decided(
    rule: dict[str, object],
    given: dict[str, object],
    reason: str,
    verdict: Callable[..., tuple[str, str]],
) -> None:
    assert verdict(rule, **given)[1] == reason


def test_a_judgement_keeps_its_figures(
    connection: duckdb.DuckDBPyConnection, verdict: Callable[..., tuple[str, str]]
) -> None:
    verdict()

    sql = model_sql("attrition_promotions", promotion=PROMOTION | {"metric": "log_loss"})
    columns = "metric, gain_lower, gain_upper, best_baseline, best_baseline_value"

    found = connection.sql(f"select {columns} from ({sql})").fetchall()
    assert found == [("log_loss", -0.07, -0.03, "logistic_regression", 0.31)]


def test_the_same_contest_is_judged_once(
    connection: duckdb.DuckDBPyConnection, verdict: Callable[..., tuple[str, str] | None]
) -> None:
    verdict()
    connection.sql(f"create table made as {model_sql('attrition_promotions')}")

    assert verdict(made="made") is None
    assert verdict(made="made", newest_label_date=date(2024, 2, 1)) is not None
    assert verdict(made="made", incumbent_version="older") is not None
