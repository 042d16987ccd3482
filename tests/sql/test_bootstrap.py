"""Bootstrap intervals in SQL against numpy and scikit-learn."""

from __future__ import annotations

from typing import get_args

import duckdb
import numpy as np
import pandas as pd
import pytest
from attrition.settings.model import Promotion
from macro_harness import Macros
from quality_sql import frame, predictions, random_rows, scored_rows, store
from sklearn import metrics as sklearn_metrics

MACROS = Macros()
METRICS = ("roc_auc", "average_precision", "log_loss", "brier_score")


def test_what_may_decide_can_be_set_and_its_interval_is_checked_here() -> None:
    can_be_set = get_args(Promotion.model_fields["metric"].annotation)
    assert tuple(MACROS.deciding_metrics()) == can_be_set == METRICS


def customer_rows(
    seed: int, customers: int, rows: int, digits: int | None = None, noise: float = 1.0
) -> pd.DataFrame:
    """Return rows of customers who are alike from row to row."""
    rng = np.random.default_rng(seed)
    customer = np.sort(rng.integers(0, customers, rows))
    risk = rng.normal(-1.5, 1.5, customers)[customer]
    seen = risk + rng.normal(0, noise, customers)[customer] + rng.normal(0, 0.3, rows)
    probability = 1 / (1 + np.exp(-seen))
    given = probability if digits is None else np.clip(np.round(probability, digits), 0.05, 0.95)
    scored = scored_rows(given, rng.random(rows) < 1 / (1 + np.exp(-risk)))
    return scored.assign(customer_id=[f"c{number:05}" for number in customer])


def shifts(rows: pd.DataFrame, threads: int = 1) -> dict[str, float | None]:
    """Return the distance of both ends of each interval from the metric."""
    replicates = MACROS.bootstrap_replicates("scored", ["split"])
    query = MACROS.bootstrap_shifts("replicates", ["split"], METRICS)
    with duckdb.connect(config={"threads": threads}) as connection:
        store(connection, "scored", rows)
        answer = connection.sql(f"with replicates as ({replicates}) {query}")
        [values] = answer.fetchall()
        return dict(zip(answer.columns, values, strict=True))


def half_widths(ends: dict[str, float]) -> np.ndarray:
    return np.array([(ends[f"{m}_upper"] - ends[f"{m}_lower"]) / 2 for m in METRICS])


class Ranking:
    """Rows in the order of their probability, to be weighted again and again."""

    def __init__(self, rows: pd.DataFrame) -> None:
        ordered = rows.sort_values("probability", ascending=False)
        probability = ordered.probability.to_numpy()
        self.is_attrition = ordered.is_attrition.to_numpy().astype(float)
        self.step_ends = np.flatnonzero(np.diff(probability, append=-1))
        self.losses = -np.log(np.where(self.is_attrition == 1, probability, 1 - probability))
        self.errors = (probability - self.is_attrition) ** 2
        _, self.customer = np.unique(ordered.customer_id, return_inverse=True)
        self.customer_count = self.customer.max() + 1

    def metrics(self, drawn: np.ndarray) -> np.ndarray:
        """Return the four metrics when each customer counts as often as it was drawn."""
        weight = drawn[self.customer].astype(float)
        left = np.cumsum(weight * self.is_attrition)[self.step_ends]
        all_rows = np.cumsum(weight)[self.step_ends]
        stayed = all_rows - left
        gained, recalled = np.diff(stayed, prepend=0), np.diff(left, prepend=0)
        area = (gained * (left - recalled / 2)).sum() / left[-1] / stayed[-1]
        precision = (recalled * left / np.maximum(all_rows, 1)).sum() / left[-1]
        losses = [(weight * loss).sum() / weight.sum() for loss in (self.losses, self.errors)]
        return np.array([area, precision, *losses])

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Draw as many customers as there are, with replacement."""
        chosen = rng.integers(0, self.customer_count, self.customer_count)
        return np.bincount(chosen, minlength=self.customer_count)


def strangers(seed: int) -> pd.DataFrame:
    """Return rows of as many customers."""
    return random_rows(seed, 3000).assign(customer_id=[f"c{number:05}" for number in range(3000)])


KINDS = {
    "three rows a customer": lambda seed: customer_rows(seed, 1000, 3000),
    "one row a customer": strangers,
    "many ties": lambda seed: customer_rows(seed, 1500, 4000, digits=1),
    "more customers than clusters": lambda seed: customer_rows(seed, 12_000, 15_000),
    "rows beyond which clusters are larger": lambda seed: customer_rows(seed, 25_000, 51_000),
}


@pytest.mark.parametrize("kind", KINDS)
def test_intervals_are_as_wide_as_numpys(kind: str) -> None:
    ratios = []
    for seed in range(4):
        rows, rng = KINDS[kind](seed), np.random.default_rng(seed)
        ranking = Ranking(rows)
        drawn = [ranking.metrics(ranking.draw(rng)) for _ in range(500)]
        lower, upper = np.quantile(drawn, [0.025, 0.975], axis=0)
        ratios.append(half_widths(shifts(rows)) / ((upper - lower) / 2))

    # 200 and 500 replicates know a half width to 7 % and 4 %, a mean of four to half of that
    assert np.mean(ratios, axis=0) == pytest.approx(np.ones(4), abs=0.12)
    assert np.ravel(ratios) == pytest.approx(np.ones(16), abs=0.25)


def test_a_replicate_is_scikit_learns_metric_with_the_drawn_weights(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    # ties stay in one bin, so that a few distinct probabilities lose nothing
    rows = customer_rows(6, 400, 1500, digits=1)
    store(connection, "scored", rows)
    cells = MACROS.bootstrap_cells("scored", ["split", "customer_id"])
    weights = connection.sql(
        f"with cells as ({cells}), weights as ({MACROS.bootstrap_weights('cells')})"
        " select distinct customer_id, replicate, weight from cells"
        " inner join weights using (cluster_hash)"
    ).df()
    replicates = connection.sql(MACROS.bootstrap_replicates("scored", ["split"])).df()

    assert sorted(replicates.replicate) == list(range(201))
    for number in (0, 1, 16, 17, 200):
        drawn = weights[weights.replicate == number].set_index("customer_id").weight
        weight = rows.customer_id.map(drawn).fillna(0)
        given = (rows.is_attrition, rows.probability)
        expected = (
            sklearn_metrics.roc_auc_score(*given, sample_weight=weight),
            sklearn_metrics.average_precision_score(*given, sample_weight=weight),
            sklearn_metrics.log_loss(*given, sample_weight=weight),
            sklearn_metrics.brier_score_loss(*given, sample_weight=weight),
        )
        [found] = replicates[replicates.replicate == number][list(METRICS)].to_numpy()
        assert tuple(found) == pytest.approx(expected, abs=1e-9)


def test_weights_have_mean_and_variance_one_like_poissons() -> None:
    values = ", ".join(f"('{byte:02x}')" for byte in range(256))
    with duckdb.connect() as connection:
        query = f"select {MACROS.poisson_weight('byte')} from (values {values}) as bytes (byte)"
        weights = np.array(connection.sql(query).fetchall())[:, 0]

    assert (weights.mean(), weights.var()) == (1, 1)
    poisson = np.exp(-1) / np.array([1, 1, 2, 6, 24, 120])
    assert np.bincount(weights) / 256 == pytest.approx(poisson, abs=0.005)


def test_clusters_are_drawn_apart_from_one_another(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.sql(
        "create table cells as select printf('%03x', range) as cluster_hash from range(4096)"
    )
    weights = connection.sql(MACROS.bootstrap_weights("cells")).df()
    drawn = weights.pivot_table("weight", "cluster_hash", "replicate", fill_value=0)

    assert (drawn.shape, set(drawn[0])) == ((4096, 201), {1})
    replicates = drawn.drop(columns=0).to_numpy()
    assert replicates.mean() == pytest.approx(1, abs=0.005)
    assert replicates.sum(axis=0).std() == pytest.approx(np.sqrt(4096), rel=0.2)
    assert replicates.sum(axis=1).std() == pytest.approx(np.sqrt(200), rel=0.05)


def test_rows_that_a_customer_repeats_narrow_nothing() -> None:
    rows = customer_rows(7, 500, 500, digits=1)
    repeated = pd.concat([rows] * 4)
    of_strangers = repeated.assign(customer_id=[f"n{number}" for number in range(2000)])

    once = half_widths(shifts(rows))

    assert half_widths(shifts(repeated)) == pytest.approx(once, rel=1e-9)
    assert half_widths(shifts(of_strangers)) == pytest.approx(once / 2, rel=0.3)


def test_every_bit_of_an_interval_is_the_same_for_any_number_of_threads_and_order() -> None:
    rows = customer_rows(8, 30_000, 60_000)

    first = shifts(rows, threads=1)

    assert shifts(rows, threads=2) == first
    assert shifts(rows.sample(frac=1, random_state=1), threads=2) == first


# -- intervals of the public tables


@pytest.mark.parametrize("name", ["attrition_model_metrics", "attrition_baselines"])
def test_only_test_rows_have_intervals(name: str, connection: duckdb.DuckDBPyConnection) -> None:
    system = "recency" if name == "attrition_baselines" else "model"
    rows = customer_rows(9, 300, 600)
    given = [
        predictions(rows, system=system, split=split, customer_id=rows.customer_id)
        for split in ("train", "validation", "test")
    ]
    store(connection, "int_evaluation__predictions", pd.concat(given))
    ends = [f"{metric}_{end}" for metric in METRICS for end in ("lower", "upper")]

    found = frame(connection, name).set_index("split")

    assert found.loc[["train", "validation"], ends].isna().all(axis=None)
    expected = shifts(rows)
    for metric in METRICS:
        for end in ("lower", "upper"):
            name = f"{metric}_{end}"
            moved = found.loc["test", metric] + expected[name]
            assert found.loc["test", name] == pytest.approx(moved, abs=1e-12)
        assert found.loc["test", f"{metric}_lower"] < found.loc["test", metric]
        assert found.loc["test", f"{metric}_upper"] > found.loc["test", metric]


def test_intervals_stay_within_what_a_metric_can_be(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    # perfect, but for a bin of two rows that holds one of each outcome
    rows = scored_rows(np.linspace(0.01, 0.99, 400), [0] * 251 + [1] * 149)
    rows = predictions(rows)
    store(connection, "int_evaluation__predictions", rows)

    [found] = frame(connection, "attrition_model_metrics").to_dict("records")

    for metric in ("roc_auc", "average_precision"):
        assert found[metric] == 1
        assert shifts(rows)[f"{metric}_upper"] > 0
        assert found[f"{metric}_upper"] == 1
    assert 0 <= found["brier_score_lower"] < found["brier_score_upper"] <= 1
    assert found["log_loss_lower"] >= 0


def test_one_outcome_has_no_interval_of_the_ranking(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = scored_rows(np.linspace(0.01, 0.4, 60), [0] * 60)
    store(connection, "int_evaluation__predictions", predictions(rows))

    [found] = frame(connection, "attrition_model_metrics").to_dict("records")

    assert np.isnan([found["roc_auc_lower"], found["average_precision_upper"]]).all()
    assert found["brier_score_lower"] < found["brier_score"] < found["brier_score_upper"]
