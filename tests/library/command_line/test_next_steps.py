"""What is advised after a build suits what was built."""

from dataclasses import replace
from pathlib import Path

import pytest
from attrition.command_line.next_steps import next_steps
from attrition.command_line.summary import NO_SIGNAL, read_summary
from attrition.settings.loading import check_settings
from published import write_published


@pytest.fixture(params=[True, False], ids=["champion", "no champion"])
def advised(request, tmp_path: Path) -> tuple[bool, str]:
    summary = read_summary(write_published(tmp_path / "a.duckdb", champion=request.param))
    settings = check_settings({"raw_data": "source", "raw_location": "raw"})
    return request.param, "\n".join(next_steps(summary, settings, "attrition"))


def test_scores_are_to_be_read_where_there_are_any(advised):
    has_champion, text = advised
    assert ("from attrition_scores" in text) == has_champion
    assert ("attrition doctor" in text) != has_champion


def test_the_version_that_waits_can_be_promoted(advised):
    has_champion, text = advised
    assert ("promote_model --args '{version: v1, reason:" in text) != has_champion


def test_where_nothing_was_learnt_the_doctor_comes_first_and_promoting_by_hand_last(tmp_path):
    reason = f"there is next to {NO_SIGNAL}: roc_auc 0.560 on 1000 test rows"
    summary = replace(
        read_summary(write_published(tmp_path / "a.duckdb", champion=False)),
        champion_reason=reason,
    )
    advice = list(next_steps(summary, None, "attrition"))
    assert advice[0].startswith("attrition doctor")
    assert any("--horizon" in line for line in advice[1:-1])
    assert "promote_model" in advice[-1]
    assert "hardly better than by guessing" in advice[-1]


def test_the_gate_says_nothing_to_learn_in_the_words_that_are_looked_for():
    gate = Path(__file__).parents[3] / "models/marts/versions/attrition_promotions.sql"
    assert gate.read_text(encoding="utf-8").count(NO_SIGNAL) == 3


@pytest.mark.parametrize(("least", "is_said"), [(0.71, False), (0.72, True)])
def test_a_champion_that_is_hardly_better_than_guessing_is_called_that(tmp_path, least, is_said):
    summary = read_summary(write_published(tmp_path / "a.duckdb"))
    settings = check_settings({"promotion": {"min_roc_auc": least}})
    text = "\n".join(next_steps(summary, settings, "attrition"))
    assert ("apart only a little: ROC AUC 0.71, and guessing has 0.5" in text) == is_said


def test_rejected_records_are_published_before_they_are_read(advised):
    text = advised[1]
    first = text.index("publish --vars '{publish: {rejected_records: records}}'")
    assert first < text.index("from attrition_rejected_records")
    assert "init --raw" not in text
