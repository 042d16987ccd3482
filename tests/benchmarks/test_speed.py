import json

import duckdb
import numpy as np
import pytest
from dbt_project import ROOT

from benchmarks.speed import Measured, interleaved, peak_mb, reasons, sql_scoring, table
from benchmarks.speed.growth import draw, growth
from benchmarks.speed.kept import KEPT, updated


def test_two_functions_run_in_turn_and_the_medians_are_their_own():
    calls = []
    first, second = interleaved(lambda: calls.append("a"), lambda: calls.append("b"))
    assert calls == ["a", "b"] * 3
    assert first >= 0
    assert second >= 0


def test_what_is_timed_scores_every_customer_as_xgboost_does(tmp_path):
    booster = reasons.trained(depth=3, trees=5)
    warehouse = tmp_path / "scored.duckdb"
    reasons.store(warehouse, 300)
    reasons.score_warehouse(warehouse, bytes(booster.save_raw("ubj")))
    with duckdb.connect(str(warehouse)) as connection:
        query = connection.sql("select probability from scores order by customer_id")
        found = query.fetchnumpy()["probability"]
    margin = booster.inplace_predict(reasons.numbers(300, seed=2), predict_type="margin")
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-margin.astype(float))), atol=1e-12)


def test_growth_is_held_against_the_growth_of_the_data(tmp_path):
    rows = [
        Measured("features", size, seconds, "s")
        for size, seconds in ((10, 2.0), (1_000, 150.0), (100, 18.0))
    ]
    first, second = growth(rows)
    # 9 times for 10 times as many, 8.33 times for the next 10 times
    assert (first.size, first.ratio, first.met) == (100, 0.9, True)
    assert (second.size, round(second.ratio, 4)) == (1_000, 0.8333)
    assert not list(growth([Measured("features", 10, 2.0, "s"), Measured("peak", 100, 3.0, "MB")]))
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: no curve is drawn")
    draw(rows, tmp_path / "speed.svg")
    assert (tmp_path / "speed.svg").read_text(encoding="utf-8").count("<svg") == 1


def test_what_is_timed_in_a_bare_duckdb_scores_as_xgboost_does(monkeypatch):
    monkeypatch.setattr(sql_scoring, "SHAPES", ((3, 5),))
    away, each, one = sql_scoring.measured(300)
    assert away.unit == "log-odds"
    assert away.value <= 1e-6
    assert each.value > 0
    assert one.size == 1


def test_the_table_of_the_page_is_that_of_the_file():
    rows = json.loads(KEPT.read_text(encoding="utf-8"))
    assert any(row["goal"] is not None for row in rows)
    assert table.table(rows) in (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")


def test_a_part_that_ran_again_replaces_its_own_rows():
    kept = [Measured("fit", 1, 5.0, "s", goal=1.1), Measured("build", 1, 9.0, "s")]
    again = [Measured("fit", 1, 4.0, "s", goal=1.1), Measured("fit", 2, 8.0, "s", goal=1.1)]
    assert updated(kept, again) == [again[0], kept[1], again[1]]


def test_the_peak_of_a_process_is_its_own():
    big = bytearray(300 * 2**20)
    assert peak_mb(abs, -1) < len(big) / 2**20
