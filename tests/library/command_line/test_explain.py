"""One customer is explained from the published copy alone."""

import io
import json

import duckdb
import pytest
from attrition.cli import app
from attrition.command_line.explain import explain, show_explanation
from attrition.errors import AttritionError
from rich.console import Console
from typer.testing import CliRunner


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A copy with one customer who is scored, one who was, and one who never was."""
    for name in ("ATTRITION_PUBLISHED", "ATTRITION_BUILD"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "dbt_project.yml").write_text("name: shop\n", encoding="utf-8")
    (tmp_path / "warehouse").mkdir()
    path = tmp_path / "warehouse" / "attrition.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            create table attrition_scores as
            select 'C0001' as customer_id, date '2024-07-01' as as_of_date,
                0.8125 as attrition_probability, true as is_predicted_attrition,
                1 as risk_decile, 'No order' as reason_1_text, 'v2' as model_version;
            create table attrition_reasons as
            select 'C0001' as customer_id, unnest([2, 1]) as reason_rank,
                unnest(['payer', 'days']) as feature, unnest(['A', '74']) as feature_value,
                unnest([0.25, 1.5]) as contribution,
                unnest(['Payer is A', 'No order for 74 days [b]']) as reason_text;
            create table attrition_score_history as
            select unnest(['C0001', 'C0001', 'C0002']) as customer_id,
                unnest([date '2024-07-01', date '2024-06-01', date '2024-06-01']) as as_of_date,
                unnest([0.8125, 0.5, 0.25]) as attrition_probability,
                unnest([true, false, false]) as is_predicted_attrition,
                unnest([1, 4, 9]) as risk_decile, unnest(['v2', 'v1', 'v1']) as model_version,
                now()::timestamp as scored_at, 'champion' as role;
            create table modeling_dataset as
            select unnest(['C0001', 'C0001', 'C0003']) as customer_id,
                unnest([date '2024-07-01', date '2024-06-01', date '2024-06-01']) as as_of_date;
        """)
    return path


def shown(published, customer, width=80):
    console = Console(file=io.StringIO(), width=width)
    show_explanation(console, explain(published, customer))
    return console.file.getvalue()


def test_score_reasons_and_history_are_read(published):
    found = explain(published, " C0001 ")
    assert found.score["attrition_probability"] == 0.8125
    assert "reason_1_text" not in found.score
    assert [reason["feature"] for reason in found.reasons] == ["days", "payer"]
    assert [str(row["as_of_date"]) for row in found.history] == ["2024-06-01", "2024-07-01"]
    assert found.snapshots["snapshot_count"] == 2


def test_a_person_reads_score_decision_version_and_reasons(published):
    text = shown(published, "C0001")
    assert "C0001: 81.2% likely to leave, decile 1" in text
    assert "decision: leaves. As of 2024-07-01, by v2." in text
    assert "No order for 74 days [b]" in text
    assert text.index("2024-06-01 │ 0.5") < text.index("2024-07-01 │ 0.8125")
    assert "Their records are not published" in text


def test_a_customer_who_is_not_scored_now_is_explained_by_the_rest(published):
    assert "C0002 is not among the customers that are scored now." in shown(published, "C0002")
    assert "2024-06-01 │ 0.25" in shown(published, "C0002")
    assert "In modeling_dataset on 1 as-of dates" in shown(published, "C0003")


def test_an_unknown_customer_is_one_sentence_with_ids_that_are_alike(published):
    with pytest.raises(AttritionError, match=r"No customer c00001 .* Alike: C0001, "):
        explain(published, "c00001")
    with pytest.raises(AttritionError, match=r"No customer x' or 1=1 .* To look: attrition query"):
        explain(published, "x' or 1=1")


def test_the_command_prints_json(published):
    given = ["--json", "--project-dir", str(published.parents[1])]
    result = CliRunner().invoke(app, ["explain", "C0001", *given])
    content = json.loads(result.stdout)
    assert content["score"]["as_of_date"] == "2024-07-01"
    assert content["reasons"][0]["contribution"] == 1.5
    assert len(content["history"]) == 2
    assert "records" in content
    result = CliRunner().invoke(app, ["explain", "C9", *given])
    assert result.exit_code == 2
    assert "No customer C9 is in the published copy" in result.output


def test_a_copy_without_tables_explains_nobody(tmp_path):
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    with pytest.raises(AttritionError, match="No customer C0001"):
        explain(tmp_path / "empty.duckdb", "C0001")


def test_records_stand_in_the_order_of_time_and_come_from_the_build_alone(published):
    build = published.with_name("attrition_build.duckdb")
    given = ["explain", "C0001", "--records", "--project-dir", str(published.parents[1])]
    refused = CliRunner().invoke(app, given)
    assert refused.exit_code == 2
    assert "there is no build file" in refused.output
    with duckdb.connect(str(build)) as connection:
        connection.execute("""
            create table stg_sales__records as
            select unnest(['C0001', 'C0001', 'C0001', 'C0002']) as customer_id,
                unnest([date '2024-05-01', date '2024-01-01', null, date '2024-02-02']) as sold_on,
                unnest([3, 1, 7, 2]) as quantity, null as amount,
                unnest([null, null, 'no date', null]) as broken_rule;
            create table stg_complaint__records as
            select 'C0001 ' as customer_id, date '2024-02-01' as opened_on,
                'broken [b]' as reason, null::varchar as broken_rule;
        """)
    told = json.loads(CliRunner().invoke(app, [*given, "--json"]).stdout)["records"]
    assert told == [
        {"date": "2024-01-01", "source": "sales", "record": {"quantity": 1}},
        {"date": "2024-02-01", "source": "complaint", "record": {"reason": "broken [b]"}},
        {"date": "2024-05-01", "source": "sales", "record": {"quantity": 3}},
    ]
    shown = CliRunner().invoke(app, given).stdout
    assert shown.index("2024-01-01") < shown.index("reason broken [b]") < shown.index("2024-05-01")
    assert "are not published" not in shown
