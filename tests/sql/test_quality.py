"""Curves against scikit-learn's, and what the tables of a version's quality append."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd
import pytest
from quality_sql import frame, predictions, random_rows, scored_rows, store
from sklearn import metrics as sklearn_metrics

APPENDED = (
    "attrition_model_metrics",
    "attrition_baselines",
    "attrition_confusion_matrix",
    "attrition_lift",
    "attrition_model_curves",
)


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
