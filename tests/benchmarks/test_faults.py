"""What a faulted build leaves is compared with an undisturbed one, but for when it was made."""

from pathlib import Path

import duckdb
import pytest

from benchmarks.faults import Company, differences, published_state


def company(folder: Path, score: float, made: str, seconds: float) -> Company:
    folder.mkdir()
    built = Company(folder, folder / "raw")
    with duckdb.connect(str(built.published)) as connection:
        connection.execute(
            "create table attrition_scores as select 'c1' as customer_id, 'v1' as version_id,"
            f" {score} as attrition_probability, timestamp '{made}' as scored_at,"
            f""" '[{{"loss": 1, "duration_seconds": {seconds}}}]' as trials"""
        )
    return built


@pytest.mark.parametrize(("score", "found"), [(0.5, []), (0.6, ["attrition_scores: 2 rows"])])
def test_what_differs_in_more_than_its_time_is_named(tmp_path, score, found):
    calm = company(tmp_path / "calm", 0.5, "2024-01-01", 0.5)
    other = company(tmp_path / "other", score, "2024-01-02", 1.25e-05)
    assert differences(calm, other) == found


def test_a_table_that_is_missing_is_named(tmp_path):
    calm = company(tmp_path / "calm", 0.5, "2024-01-01", 0.5)
    other = company(tmp_path / "other", 0.5, "2024-01-01", 0.5)
    with duckdb.connect(str(other.published)) as connection:
        connection.execute("drop table attrition_scores")
    assert differences(calm, other) == ["attrition_scores is there once"]
    assert published_state(calm) == "1 tables"
