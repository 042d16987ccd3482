"""The summary says what the published tables say, and survives tables that are not there."""

import io
from pathlib import Path

import duckdb
import pytest
from attrition.command_line.summary import read_summary
from attrition.command_line.summary_view import show_summary
from attrition.errors import AttritionError
from published import write_published
from rich.console import Console


def text_of(summary, hints=()) -> str:
    console = Console(file=io.StringIO(), width=120, highlight=False)
    show_summary(console, summary, "warehouse/attrition.duckdb", {"report": "there.html"}, hints)
    return console.file.getvalue()


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return write_published(tmp_path / "attrition.duckdb")


def test_scores_are_counted_and_added_up(published):
    summary = read_summary(published)
    assert (summary.customer_count, summary.predicted_attritions) == (12, 6)
    assert summary.expected_attritions == pytest.approx(sum(range(1, 13)) / 20)


def test_the_champion_stands_before_the_baselines_on_its_newest_test_rows(published):
    results = read_summary(published).results
    assert [result.system for result in results] == ["champion", "logistic_regression", "recency"]
    assert float(results[0].metrics[0]) == 0.71
    assert float(results[1].metrics[0]) == 0.6


def test_the_ten_most_at_risk_come_with_their_first_reason(published):
    at_risk = read_summary(published).at_risk
    assert [customer.customer_id for customer in at_risk] == [f"c{n}" for n in range(12, 2, -1)]
    assert at_risk[0].reason == "No order for 120 days"


def test_rejected_records_are_counted_by_table_and_rule(published):
    assert read_summary(published).rejected == (
        ("sales", "no_sold_on", 2),
        ("sales", "no_identifier", 1),
    )


def test_everything_is_shown(published):
    text = text_of(read_summary(published), ["make docs"])
    for fragment in (
        "12 customers scored as of 2024-07-01; 4 attritions expected (32.5%)",
        "v1 is 0.6 of boosted trees and 0.4 of a logistic regression (first version: 0.71)",
        "On 100 test rows, 20 of them attritions",
        "0.7100",
        "logistic regression",
        "recency alone",
        "No order for 120 days",
        "60.0%",
        "3 records break the raw contract",
        "no_sold_on",
        "Planned before this build: no training: v1 has them",
        "warehouse/attrition.duckdb (9 tables, read-only copy)",
        "report  there.html",
        "What to do next",
    ):
        assert fragment in text


def test_a_champion_whose_form_nobody_noted_is_shown_without(published):
    with duckdb.connect(str(published)) as connection:
        connection.execute("update attrition_model_versions set model_form = null")
    assert "v1 (first version: 0.71)" in text_of(read_summary(published))


def test_without_champion_one_line_says_why(tmp_path):
    summary = read_summary(write_published(tmp_path / "a.duckdb", champion=False))
    assert summary.champion_version is None
    text = text_of(summary)
    assert "No customer is scored, because there is no champion." in text
    assert "There is no champion: too few rows" in text


def test_a_judgement_of_another_question_is_no_reason(tmp_path):
    path = write_published(tmp_path / "a.duckdb", champion=False)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update training_plan set task_fingerprint = 'a year'")
    assert read_summary(path).champion_reason == "no training: v1 has them"


def test_the_plan_says_why_when_nothing_was_ever_judged(tmp_path):
    path = tmp_path / "a.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table training_plan as select 'no labels yet' as reason")
    summary = read_summary(path)
    assert summary.champion_reason == "no labels yet"
    assert text_of(summary).count("no labels yet") == 1


def test_missing_tables_are_empty_and_no_error(tmp_path):
    path = tmp_path / "a.duckdb"
    duckdb.connect(str(path)).close()
    summary = read_summary(path)
    assert (summary.customer_count, summary.results, summary.rejected) == (0, (), ())
    assert "nothing has been trained yet" in text_of(summary)


def test_a_missing_or_broken_file_is_one_clear_error(tmp_path):
    with pytest.raises(AttritionError, match=r"There is no published file .*make build"):
        read_summary(tmp_path / "a.duckdb")
    (tmp_path / "b.duckdb").write_text("nothing" * 1000, encoding="utf-8")
    with pytest.raises(AttritionError, match="cannot be opened"):
        read_summary(tmp_path / "b.duckdb")


def test_what_is_at_stake_is_said(published):
    with duckdb.connect(str(published)) as connection:
        connection.execute("""
            alter table attrition_scores add column value_at_risk double;
            alter table attrition_scores add column is_new_on_list boolean;
            update attrition_scores set value_at_risk = 1000 * attrition_probability,
                is_new_on_list = customer_id = 'c12';
            create table attrition_contact_list as
            select customer_id, day as as_of_date, 25.0 as expected_gain,
                'own amounts' as gain_basis
            from attrition_scores, (select unnest([as_of_date, date '2024-06-01']) as day)
            where is_predicted_attrition;
        """)
    summary = read_summary(published)
    assert (summary.value_at_risk, summary.new_on_list) == (3900.0, 1)
    assert (summary.contact_count, summary.contact_gain) == (6, 150.0)
    text = text_of(summary)
    for part in (
        "6 customers predicted to leave, 1 of them new.",
        "At risk is 3,900 in money. (own amounts)",
        "6 to be contacted, expected to gain 150: attrition_contact_list.",
    ):
        assert part in text
