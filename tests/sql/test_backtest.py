"""Origins of a backtest against a plain loop, and its metrics against scikit-learn."""

from __future__ import annotations

import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import pytest
from macro_harness import Macros
from sklearn import metrics as sklearn_metrics

NEWEST = 100
DAY_ZERO = dt.date(2020, 1, 1)


def origins(snapshots: list[int], measured: list[int], **settings: object) -> list[tuple[int, int]]:
    """Run the model over snapshots by number; those of the last horizon have no label yet."""
    horizon = settings["attrition_horizon"]
    buckets = pd.DataFrame({"bucket": range(NEWEST + 1)})
    buckets["as_of_date"] = [DAY_ZERO + dt.timedelta(days=number) for number in buckets.bucket]
    buckets["is_matured"] = buckets.bucket + horizon <= NEWEST
    made = (
        f"select 'v1' as version_id, unnest({measured}::int[]) + date '{DAY_ZERO}' as origin_date"
    )

    def previous_state(model: str, columns: dict[str, str]) -> str:
        assert (model, set(columns)) == ("attrition_backtest", {"version_id", "origin_date"})
        return f"({made}) as made"

    macros = Macros(settings, names={"previous_state": previous_state})
    sql = macros.model("int_evaluation__backtest_origins")
    with duckdb.connect() as connection:
        connection.register("int_population__buckets", buckets)
        splits = pd.DataFrame({"as_of_date": buckets.as_of_date[snapshots].repeat(2)})
        connection.register("int_population__splits", splits)
        contenders = pd.DataFrame([("v1", "challenger", True), ("v0", "incumbent", True)])
        contenders.columns = ["version_id", "role", "needs_judging"]
        connection.register("int_evaluation__contenders", contenders)
        found = connection.sql(
            f"select version_id, datediff('day', date '{DAY_ZERO}', origin_date::date) as origin,"
            f" datediff('day', date '{DAY_ZERO}', last_fit_date::date) as last_fit"
            f" from ({sql}) order by origin desc"
        ).fetchall()
    assert {version for version, *_ in found} <= {"v1"}
    return [(origin, last_fit) for _, origin, last_fit in found]


@pytest.mark.parametrize("grain", ["month", "week"])
@pytest.mark.parametrize("horizon", [1, 6, 26])
@pytest.mark.parametrize("quarters", [0, 1, 4, 9])
@pytest.mark.parametrize("first", [10, 60, 90])
def test_origins_are_the_newest_labelled_snapshot_and_those_of_quarters_before(
    grain: str, horizon: int, quarters: int, first: int
) -> None:
    # some snapshots have no customers
    snapshots = [number for number in range(first, NEWEST + 1) if number % 17]
    labelled = [number for number in snapshots if number + horizon <= NEWEST]
    step = {"month": 3, "week": 13}[grain]
    measured = [labelled[-1] - step] if labelled else []
    expected = []
    for back in range(quarters):
        origin = labelled[-1] - back * step if labelled else None
        known = [number for number in labelled if origin and number + horizon <= origin]
        if origin in labelled and known and origin not in measured:
            expected.append((origin, max(known)))

    found = origins(
        snapshots,
        measured,
        time_grain=grain,
        attrition_horizon=horizon,
        backtest_quarters=quarters,
    )

    assert found == expected


def backtest_rows(seed: int, version: str, origin: dt.date, fit_row_count: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    risk = np.round(rng.random(400), 2)
    return pd.DataFrame(
        {
            "version_id": version,
            "origin_date": origin,
            "last_label_date": origin - dt.timedelta(days=180),
            "is_attrition": (rng.random(400) < risk).astype(int),
            "probability": risk,
            "decision": (risk > 0.6).astype(int),
            "fit_row_count": fit_row_count,
        }
    )


def test_each_origin_has_the_metrics_of_its_rows() -> None:
    first, second = dt.date(2024, 1, 1), dt.date(2024, 4, 1)
    parts = {
        ("v1", first): backtest_rows(1, "v1", first, 90),
        ("v1", second): backtest_rows(2, "v1", second, 120),
        ("v2", first): backtest_rows(3, "v2", first, 90),
    }
    rows = pd.concat(parts.values())

    with duckdb.connect() as connection:
        connection.register("ml_backtest", rows)
        sql = Macros().model("attrition_backtest")
        made = connection.sql(sql).df()

    assert len(made) == len(parts)
    for said in made.itertuples():
        part = parts[said.version_id, said.origin_date.date()]
        assert said.last_fit_date.date() == part.last_label_date.iloc[0]
        assert (said.row_count, said.fit_row_count) == (400, part.fit_row_count.iloc[0])
        area = sklearn_metrics.roc_auc_score(part.is_attrition, part.probability)
        assert said.roc_auc == pytest.approx(area, abs=1e-9)
        brier = sklearn_metrics.brier_score_loss(part.is_attrition, part.probability)
        assert said.brier_score == pytest.approx(brier, abs=1e-9)
        f1 = sklearn_metrics.f1_score(part.is_attrition, part.decision)
        assert said.f1 == pytest.approx(f1, abs=1e-9)
