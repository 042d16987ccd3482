"""The report on the built sample: what it shows is what the tables hold."""

import importlib.resources
import json
import re
from html import unescape

import duckdb
import pytest
import sqlglot
from attrition.report import words
from attrition.report.files import write_report
from attrition.report.sections import SECTIONS
from attrition.report.source import published_source

pytestmark = pytest.mark.xdist_group("built")

HOSTILE = "<script>alert('x')</script>"
ASKS_THE_NETWORK = re.compile(
    r"""(?:src|href|action|poster|data)\s*=\s*["']?\s*(?:https?:)?//|url\(|@import|<link|<iframe""",
    re.IGNORECASE,
)


def reported(database, folder) -> tuple[str, dict, str]:
    with published_source(database) as source:
        html, evaluation, card = (path.read_text() for path in write_report(source, folder))
    return html, json.loads(evaluation), card


@pytest.fixture(scope="module")
def files(built, tmp_path_factory):
    return reported(built.published_path, tmp_path_factory.mktemp("report"))


@pytest.fixture
def changed(built, tmp_path):
    """Report on a copy of the published tables after some SQL."""

    def report(*statements: str) -> tuple[str, dict, str]:
        path = tmp_path / "changed.duckdb"
        path.write_bytes(built.published_path.read_bytes())
        with duckdb.connect(str(path)) as connection:
            for statement in statements:
                connection.execute(statement)
        return reported(path, tmp_path / "report")

    return report


def without_scripts(html: str) -> str:
    return re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.DOTALL)


def test_every_section_is_there_in_order_and_shows_something(files):
    html, *_ = files
    places = [html.index(f'<section id="{section.anchor}"') for section in SECTIONS]
    assert places == sorted(places)
    for section in html.split("<section ")[1:]:
        assert "<article" in section
        assert "The SQL behind it" in section
    assert "Not in this build" not in html
    assert html.count('<div class="plot"') >= 14
    assert len(html.encode()) < 5_000_000


def test_the_page_asks_the_network_for_nothing(files):
    html, *_ = files
    assert not ASKS_THE_NETWORK.search(without_scripts(html))
    assert not re.search(r"<script[^>]+src", html)
    # the library that draws names namespaces and pages of its documentation, and loads nothing
    specs = re.findall(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)
    assert specs
    assert not any("://" in spec for spec in specs)


def test_its_numbers_are_those_of_the_tables(built, files):
    html, evaluation, card = files
    text = unescape(without_scripts(html))
    [(count, flagged, expected)] = built.query(
        "select count(*), count(*) filter (is_predicted_attrition), sum(attrition_probability)"
        " from attrition_scores"
    )
    assert f"{words.number(expected)} of {count:,} customers are expected to leave" in text
    assert f"{flagged:,} customers of {count:,}" in text
    people = built.query(
        "select customer_id from attrition_contact_list order by contact_rank limit 10"
    )
    shown = re.findall(r'<th scope="row">(\w+)</th><td class="chance"', html)
    assert [(one,) for one in shown] == people
    [(soon,)] = built.query(
        "select sum(expected_attrition_count) from attrition_forecast"
        " where segment = 'all' and buckets_ahead <= 3"
    )
    [bounds] = built.query(
        "select cumulative_attrition_count_lower_80, cumulative_attrition_count_upper_80"
        " from attrition_forecast where segment = 'all' and buckets_ahead = 3"
    )
    sure = "Four times in five it should be {} to {}; ".format(*map(words.number, bounds))
    assert f"{words.number(soon)} are expected to leave in the next 3 months. {sure}" in text
    assert sure in text.split("Who is at risk?")[1], "among the answers at the top"
    [(risky,)] = built.query("select sum(value_at_risk) from attrition_scores")
    assert f"{words.amount(risky)} of what customers bring in 6 months is at risk" in text
    [(area, version)] = built.query(
        "select roc_auc, version_id from attrition_model_metrics where split = 'test'"
    )
    assert f"{area:.3f}" in text
    assert f"{area:.3f}" in card
    assert evaluation["version"]["version_id"] == version
    model = next(row for row in evaluation["systems"] if row["system"] == "model")
    assert model["roc_auc"] == area
    assert evaluation["scores"]["customer_count"] == count


def test_what_was_learnt_from_is_counted_in_one_way(built, files):
    html, _, card = files
    text = unescape(without_scripts(html))
    parts = built.query(
        "select split, count(*) from modeling_dataset where is_fit group by split order by split"
    )
    [(count,)] = built.query("select fit_row_count from attrition_model_versions")
    assert sum(number for _, number in parts) == count
    said = re.search(rf"it is fitted on {count:,} rows: (.*?)\.", text)[1]
    assert sorted(re.findall(r"([\d,]+) of (\w+)", said)) == sorted(
        (f"{number:,}", split) for split, number in parts
    )
    assert f"It is judged as fitted on {count:,} rows" in text
    assert f"Judged as fitted on {count:,} rows" in card


def test_segments_are_few_in_the_figures_and_all_in_the_tables(built, files):
    html, *_ = files
    for title, table, head in (
        ("Where the value will be lost", "attrition_forecast", "Value lost by segment"),
        ("Does it work for everyone?", "attrition_segment_metrics", "Metrics by segment"),
    ):
        part = html.split(f"<h3>{title}</h3>")[1].split("</article>")[0]
        [(count,)] = built.query(
            f"select count(distinct (segment, segment_value)) from {table} where segment <> 'all'"
        )
        assert count > 20
        assert f"<summary>All {count} segments</summary>" in part
        assert part.split(f'aria-label="{head}"')[1].count("<tr") == count + 1
        specs = re.findall(r'<script type="application/json">(.*?)</script>', part)
        assert [json.loads(spec)["height"] <= 120 for spec in specs] == [True] * 4


def test_scores_without_reasons_say_so_once_at_the_top(files, changed):
    html, *_ = files
    assert "score_with" not in html.split("<main>")[0]
    without = ", ".join(f"reason_{place}_text = null" for place in (1, 2, 3))
    emptied = ("reasons", "contributions", "drivers", "feature_importance")
    html, *_ = changed(
        *(f"update attrition_{name} set {without}" for name in ("scores", "contact_list")),
        *(f"delete from attrition_{name}" for name in emptied),
    )
    top, rest = html.split("<main>")
    assert "No score has a reason, as where SQL alone makes them" in top
    assert 'class="reasons"' not in rest
    assert "First reason" not in rest
    assert "Reasons, strongest first" not in rest
    assert rest.count("score_with: sql") == 1, "in the section that asks why"


def test_the_sql_that_is_shown_is_what_gave_the_numbers(built, files):
    html, *_ = files
    shown = [
        unescape(sql)
        for sql in re.findall(r"<pre tabindex=\"0\"><code>(.*?)</code></pre>", html, re.DOTALL)
    ]
    assert len(shown) > 20
    with duckdb.connect(str(built.published_path), read_only=True) as connection:
        for sql in set(shown):
            connection.execute(sql).fetchall()


def test_the_exposure_names_every_table_that_is_read(built):
    manifest = json.loads((built.folder / "target" / "manifest.json").read_text())
    [exposure] = [
        one for one in manifest["exposures"].values() if one["name"] == "attrition_report"
    ]
    named = {node.split(".")[-1] for node in exposure["depends_on"]["nodes"]}
    read = set()
    for path in importlib.resources.files("attrition.report").joinpath("sql").iterdir():
        query = sqlglot.parse_one(path.read_text(), read="duckdb")
        steps = {step.alias for step in query.find_all(sqlglot.exp.CTE)}
        read |= {table.name for table in query.find_all(sqlglot.exp.Table)} - steps
    assert named == read


def test_an_identifier_is_text_and_never_markup(changed):
    name = HOSTILE.replace("'", "''")
    html, *_ = changed(
        *(
            f"update {table} set customer_id = '{name}', reason_1_text = '{name}' where customer_id"
            " = (select customer_id from attrition_contact_list order by contact_rank limit 1)"
            for table in ("attrition_scores", "attrition_contact_list")
        ),
        f"update attrition_segment_metrics set segment_value = '{name}'",
    )
    assert HOSTILE not in html
    assert HOSTILE in unescape(without_scripts(html))


def test_empty_tables_make_sentences(built, changed):
    with duckdb.connect(str(built.published_path), read_only=True) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.tables"
            ).fetchall()
        ]
    html, evaluation, card = changed(*(f"delete from {name}" for name in tables))
    assert 'class="plot"' not in html
    assert "Nobody can be scored yet" in html
    assert "Nobody is scored, because no model is in charge" in html
    assert "no version yet" in card
    assert evaluation["scores"]["customer_count"] == 0
    assert not re.search(r">\s*(?:None|nan|null)\b", without_scripts(html))


def test_without_a_champion_the_newest_version_and_the_reason_are_shown(changed):
    html, evaluation, card = changed(
        "delete from attrition_champion",
        "delete from attrition_scores",
        "delete from attrition_reasons",
        "update attrition_promotions set decision = 'rejected', reason = 'too few rows'",
    )
    assert "too few rows" in html
    assert "which is not in charge" in html
    assert evaluation["version"]["is_in_charge"] is False
    assert "It is not in charge and scores nobody: too few rows." in card


def test_one_customer_is_enough_for_a_page(changed):
    html, *_ = changed(
        *(
            f"delete from {table} where customer_id !="
            " (select customer_id from attrition_contact_list order by contact_rank limit 1)"
            for table in ("attrition_scores", "attrition_contributions", "attrition_contact_list")
        ),
    )
    assert "1 customer " in unescape(without_scripts(html))
    assert not re.search(r"(?<![\d.,])1 customers", html)


def test_without_amounts_the_order_is_that_of_risk(changed):
    unknown = "set value_at_risk = null, expected_gain = null, gain_basis = 'nothing is known'"
    html, *_ = changed(
        f"update attrition_scores {unknown}",
        f"update attrition_contact_list {unknown}",
        "update attrition_forecast set expected_value_lost = null",
    )
    text = unescape(without_scripts(html))
    assert "No amount is known, so the order is that of risk" in text
    assert "What a customer is worth is not known (nothing is known)" in text
    assert "Where the value will be lost" not in text


def test_who_is_new_on_the_list_is_marked_and_told(changed):
    html, *_ = changed(
        "update attrition_scores set is_new_on_list = risk_rank = 1, has_left_list = false,"
        " probability_before = 0.2"
    )
    text = unescape(without_scripts(html))
    assert "1 customer of the" in text
    assert "Begin with the new ones" in text


def test_what_is_no_better_than_guessing_is_not_praised(changed):
    html, *_ = changed(
        "update attrition_lift set lift = 1.0, cumulative_attrition_share = decile / 10",
        "update attrition_backtest set roc_auc = 0.5",
    )
    text = unescape(without_scripts(html))
    assert "so the order tells little" in text
    assert "call from the top" not in text
    assert "hardly better than guessing" in text
    assert "it holds over time" not in text
