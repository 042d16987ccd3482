"""Trials, profit and a person's promotion in SQL, against the library and brute force."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest
from attrition.training.search import Rows, SearchResult, search
from macro_harness import Macros

SNAPSHOT = date(2024, 1, 1)
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


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def store(connection: duckdb.DuckDBPyConnection, name: str, rows: pd.DataFrame) -> None:
    connection.register("given_rows", rows)
    connection.sql(f"create or replace table {name} as select * from given_rows")
    connection.unregister("given_rows")


def model(
    connection: duckdb.DuckDBPyConnection, name: str, made: str | None = None
) -> pd.DataFrame:
    """Run a model; `made` names the table that an append continues."""
    names = {
        "config": lambda **_: "",
        "ref": lambda table: table,
        "this": made,
        "is_incremental": lambda: made is not None,
    }
    return connection.sql(Macros(names=names).model(name)).df()


# -- trials


def searched(optimize: str, hyperparameters: dict, num_tuning_rounds: int = 6) -> SearchResult:
    """Return a real search on rows of two columns."""
    rng = np.random.default_rng(5)
    parts = []
    for count in (600, 300):
        matrix = rng.normal(size=(count, 2)).astype(np.float32)
        leaves = rng.random(count) < 1 / (1 + np.exp(1 - matrix[:, 0]))
        parts.append(Rows(matrix, leaves.astype(np.int32)))
    return search(
        *parts,
        hyperparameters={"num_round": {"min": 10, "max": 40, "log": False}, **hyperparameters},
        optimize=optimize,
        num_tuning_rounds=num_tuning_rounds,
        random_seed=3,
        threads=1,
    )


def version_of(found: SearchResult, optimize: str, version: str = "v1") -> dict[str, object]:
    return {
        "version_id": version,
        "settings": json.dumps({"optimize": optimize}),
        "hyperparameters": json.dumps(found.best.parameters),
        "num_round": found.best.num_round,
        "trials": json.dumps(found.trials),
    }


@pytest.mark.parametrize("optimize", ["auc", "log_loss", "f1"])
def test_trials_are_those_of_the_search(
    optimize: str, connection: duckdb.DuckDBPyConnection
) -> None:
    found = searched(optimize, {})
    store(connection, "attrition_model_artefacts", pd.DataFrame([version_of(found, optimize)]))

    trials = model(connection, "attrition_tuning_trials").sort_values("trial")

    assert trials.trial.tolist() == [one["number"] for one in found.trials]
    assert trials.state.tolist() == [one["state"] for one in found.trials]
    for name in ("eta", "max_depth", "reg_alpha", "reg_lambda", "subsample", "gamma"):
        assert trials[name].tolist() == [one["parameters"][name] for one in found.trials]
    assert [json.loads(text) for text in trials.parameters] == [
        one["parameters"] for one in found.trials
    ]
    assert trials.num_round.tolist() == [one["num_round"] for one in found.trials]
    assert trials.validation_roc_auc.tolist() == [one["metrics"]["auc"] for one in found.trials]
    for name in ("average_precision", "log_loss", "f1", "accuracy"):
        expected = [one["metrics"][name] for one in found.trials]
        assert trials[f"validation_{name}"].tolist() == expected
    measured = "validation_roc_auc" if optimize == "auc" else f"validation_{optimize}"
    assert trials.value.tolist() == pytest.approx(trials[measured].tolist(), abs=1e-6)
    assert (trials.value > 0).all()
    assert (trials.duration_seconds > 0).all()
    assert trials[trials.is_best].trial.tolist() == [found.best.number]


def test_of_trials_that_are_alike_the_first_is_best(connection: duckdb.DuckDBPyConnection) -> None:
    found = searched("auc", {})
    best = found.trials[found.best.number - 1]
    longer = dict(best, number=0, num_round=best["num_round"] + 10)
    trials = [longer, *found.trials, dict(best, number=7)]
    version = version_of(found, "auc") | {"trials": json.dumps(trials)}
    store(connection, "attrition_model_artefacts", pd.DataFrame([version]))

    trials = model(connection, "attrition_tuning_trials")

    assert len(trials) == 8
    assert trials[trials.is_best].trial.tolist() == [found.best.number]


def test_each_version_has_its_own_trials(connection: duckdb.DuckDBPyConnection) -> None:
    first, second = searched("auc", {}), searched("log_loss", {"max_depth": 1})
    versions = [version_of(first, "auc", "v1"), version_of(second, "log_loss", "v2")]
    store(connection, "attrition_model_artefacts", pd.DataFrame(versions))

    trials = model(connection, "attrition_tuning_trials")

    best = trials[trials.is_best].set_index("version_id").trial.to_dict()
    assert best == {"v1": first.best.number, "v2": second.best.number}
    assert trials.groupby("version_id").size().to_dict() == {"v1": 6, "v2": 6}
    assert set(trials[trials.version_id == "v2"].max_depth) == {1}


# -- profit


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

    curve = model(connection, "attrition_profit_curve")

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

    curve = model(connection, "attrition_profit_curve")

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

    curve = model(connection, "attrition_profit_curve")

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

    curve = model(connection, "attrition_profit_curve")

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

    assert model(connection, "attrition_profit_curve").empty


def test_a_profit_is_appended_for_new_labels_alone(connection: duckdb.DuckDBPyConnection) -> None:
    rows = scored(9, 200)
    store(connection, "int_evaluation__predictions", rows)
    store(connection, "attrition_model_artefacts", versions(MONEY, 0.2))
    store(connection, "made", model(connection, "attrition_profit_curve"))
    connection.sql("alter table made alter newest_label_date type date")
    later = rows.assign(newest_label_date=date(2024, 2, 1))
    store(connection, "int_evaluation__predictions", pd.concat([rows, later]))

    appended = model(connection, "attrition_profit_curve", made="made")

    assert set(appended.newest_label_date.astype(str)) == {"2024-02-01"}


def test_trains_and_baselines_do_not_enter_the_profit(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = scored(10, 300)
    store(connection, "attrition_model_artefacts", versions(MONEY, 0.2))
    store(connection, "int_evaluation__predictions", rows)
    alone = model(connection, "attrition_profit_curve")
    others = [rows.assign(split="train"), rows.assign(system="recency")]
    store(connection, "int_evaluation__predictions", pd.concat([rows, *others]))

    together = model(connection, "attrition_profit_curve")

    order = ["scenario", "point"]
    pd.testing.assert_frame_equal(
        together.sort_values(order, ignore_index=True), alone.sort_values(order, ignore_index=True)
    )


# -- a person's promotion


VERSIONS = [{"version_id": f"v{number:012x}"} for number in (0xA1B2C3, *range(1, 12))]


@pytest.fixture
def problem() -> Callable[..., str | None]:
    def find(version: object, reason: object, known: list[dict] = VERSIONS) -> str | None:
        return Macros().promotion_problem(version, reason, known)

    return find


def test_a_promotion_names_a_version_and_a_reason(problem: Callable[..., str | None]) -> None:
    name = VERSIONS[0]["version_id"]
    newest = f"Versions, newest first: {', '.join(one['version_id'] for one in VERSIONS[:10])}."

    assert problem(name, "the new one misjudges the north") is None
    assert problem(name, "  ").startswith(f"reason: say why {name} is to score")
    assert problem(name, None).startswith(f"reason: say why {name} is to score")
    assert problem(None, "why") == f"version: name the one to promote. {newest}"
    assert problem("v000000a1b2c4", "why") == (f"version: v000000a1b2c4 is not a version. {newest}")
    assert problem("champion", "why") == f"version: champion is not a version. {newest}"
    assert problem(name, "why", []) == "There is no version yet: run `dbt build` first."


@pytest.mark.parametrize(
    ("warehouse", "literal"),
    [("duckdb", r"'it''s in C:\north'"), ("snowflake", r"'it''s in C:\\north'")],
)
def test_a_reason_may_hold_quotes_and_backslashes(warehouse: str, literal: str) -> None:
    assert Macros(warehouse=warehouse).text_literal(r"it's in C:\north") == literal
