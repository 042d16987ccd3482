"""What is advised after a build suits what was built."""

from pathlib import Path

import pytest
from attrition.command_line.next_steps import next_steps
from attrition.command_line.summary import read_summary
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


def test_rejected_records_are_published_before_they_are_read(advised):
    text = advised[1]
    first = text.index("publish --vars '{publish: {rejected_records: records}}'")
    assert first < text.index("from attrition_rejected_records")
    assert "init --raw" not in text
