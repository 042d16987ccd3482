import duckdb
import numpy as np

from benchmarks.speed import interleaved, reasons


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
