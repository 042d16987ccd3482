"""The gate: what it decides of a comparison and what it says; and a promotion by a person."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import duckdb
import pandas as pd
import pytest
from macro_harness import ROOT, Macros
from quality_sql import PROMOTION, SNAPSHOT, model_sql, store


@pytest.fixture
def verdict(connection: duckdb.DuckDBPyConnection) -> Callable[..., tuple[str, str, str] | None]:
    """Return a function from a comparison and a rule to decision, reason and verdict."""

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
            "challenger_roc_auc_upper": 0.84,
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
        store(connection, "attrition_model_artefacts", pd.DataFrame({"version_number": [1, 2]}))
        sql = model_sql("attrition_promotions", made=made, promotion=PROMOTION | (rule or {}))
        told = "select decision, reason, verdict from final inner join ruled using (promotion_id)"
        found = connection.sql(sql.replace("select * from final", told)).fetchall()
        assert len(found) <= 1
        return found[0] if found else None

    return judge


STRICT = {"beat_baselines": True}
DECISIONS = [
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
    ({}, {"incumbent_state": "not_scored"}, "promoted"),
    ({}, {"incumbent_state": "later_labels"}, "promoted"),
    ({}, {"incumbent_state": "not_held_out"}, "promoted"),
    ({}, {"incumbent_state": "not_selected"}, "promoted"),
    ({}, {"incumbent_state": "same_model"}, "promoted"),
    ({}, {"challenger_roc_auc_upper": 0.59}, "kept"),
    ({}, {"challenger_roc_auc_upper": 0.6}, "promoted"),
    ({"min_roc_auc": 0.5}, {"challenger_roc_auc_upper": 0.59}, "promoted"),
    ({}, {"roc_auc_best_baseline_value": 0.81}, "promoted"),
    (STRICT, {"roc_auc_best_baseline_value": 0.8}, "kept"),
    (STRICT, {"roc_auc_best_baseline_value": 0.79}, "promoted"),
    (STRICT, {"roc_auc_best_baseline_value": None}, "promoted"),
    (STRICT, {"roc_auc_best_baseline_value": 0.81, "incumbent_state": "none"}, "kept"),
    (STRICT, {"roc_auc_best_baseline_value": 0.81, "incumbent_state": "other_task"}, "kept"),
    (
        STRICT | {"metric": "log_loss"},
        {"incumbent_log_loss": 0.35, "log_loss_best_baseline_value": 0.3},
        "kept",
    ),
    (
        STRICT | {"metric": "log_loss"},
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
]


@pytest.mark.parametrize(("rule", "given", "decision"), DECISIONS)
def test_the_gate(
    rule: dict[str, object],
    given: dict[str, object],
    decision: str,
    verdict: Callable[..., tuple[str, str, str]],
) -> None:
    assert verdict(rule, **given)[0] == decision


REASONS = [
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
        {},
        {"incumbent_state": "later_labels"},
        "champion old has learnt from later labels than this data has: roc_auc 0.8000 on 1000 test"
        " rows",
    ),
    (
        {},
        {"incumbent_state": "not_held_out"},
        "champion old has learnt from all of these rows: roc_auc 0.8000 on 1000 test rows",
    ),
    (
        {},
        {"incumbent_state": "not_selected"},
        "champion old uses features that the settings leave out: roc_auc 0.8000 on 1000 test rows",
    ),
    (
        {},
        {"incumbent_state": "same_model"},
        "the same model as champion old, with the calibration, threshold and refit of the settings:"
        " roc_auc 0.8000 on 1000 test rows",
    ),
    (
        STRICT | {"max_ece": 0.01},
        {"roc_auc_best_baseline_value": 0.8125},
        "no better than a baseline: roc_auc 0.8000 on 1000 test rows, where recency has 0.8125,"
        " and promotion.beat_baselines asks for better",
    ),
    (
        {},
        {"incumbent_state": "none", "roc_auc_best_baseline_value": 0.8125},
        "first version: roc_auc 0.8000 on 1000 test rows; recency alone has 0.8125",
    ),
    (
        {"metric": "log_loss"},
        {"incumbent_state": "none", "log_loss_best_baseline_value": 0.29},
        "first version: log_loss 0.3000 on 1000 test rows; logistic_regression alone has 0.2900",
    ),
    (
        {},
        {"challenger_roc_auc": 0.56, "challenger_roc_auc_upper": 0.58},
        "there is next to nothing to learn here: roc_auc 0.560 on 1000 test rows is 0.580 at best,"
        " promotion.min_roc_auc asks for 0.6, and guessing has 0.5",
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
]


@pytest.mark.parametrize(("rule", "given", "reason"), REASONS)
def test_the_reason_says_what_decided(
    rule: dict[str, object],
    given: dict[str, object],
    reason: str,
    verdict: Callable[..., tuple[str, str, str]],
) -> None:
    assert verdict(rule, **given)[1] == reason


def test_every_verdict_has_a_decision_and_a_sentence_here(
    verdict: Callable[..., tuple[str, str, str]],
) -> None:
    [path] = (ROOT / "models").glob("**/attrition_promotions.sql")
    rules, sentences = path.read_text().split("as verdict")
    verdicts = set(re.findall(r"then '(\w+)'", rules))
    verdicts |= set(re.findall(r"when '(\w+)' then", sentences))
    for cases in (DECISIONS, REASONS):
        assert {verdict(rule, **given)[2] for rule, given, _ in cases} == verdicts


def test_a_judgement_keeps_its_figures(
    connection: duckdb.DuckDBPyConnection, verdict: Callable[..., tuple[str, str, str]]
) -> None:
    verdict()

    sql = model_sql("attrition_promotions", promotion=PROMOTION | {"metric": "log_loss"})
    columns = "metric, gain_lower, gain_upper, best_baseline, best_baseline_value"

    found = connection.sql(f"select {columns} from ({sql})").fetchall()
    assert found == [("log_loss", -0.07, -0.03, "logistic_regression", 0.31)]


def test_the_same_contest_is_judged_once(
    connection: duckdb.DuckDBPyConnection, verdict: Callable[..., tuple[str, str, str] | None]
) -> None:
    verdict()
    connection.sql(f"create table made as {model_sql('attrition_promotions')}")

    assert verdict(made="made") is None
    assert verdict(made="made", newest_label_date=date(2024, 2, 1)) is not None
    assert verdict(made="made", incumbent_version="older") is not None


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
