"""The dashboard over the built sample: what it shows is what the tables and the library say."""

import importlib.util
import os
import subprocess
import sys
import urllib.request
from dataclasses import replace
from functools import partial

import duckdb
import pytest
from attrition.command_line.score import score_file
from attrition.errors import AttritionError
from attrition.report import words
from attrition.report.source import published_rows
from browser import browser, free_port, missing_programs, wait_for
from dbt_project import ROOT

from app.champion_copy import ChampionCopy
from app.copy_reader import CopyReader
from app.reader import FILE_VARIABLE
from app.what_if import CUSTOMER, moves

pytestmark = pytest.mark.xdist_group("built")

PAGES = ("overview", "customers", "customer", "contacts", "forecast", "quality", "promotions")
needs_streamlit = pytest.mark.skipif(
    importlib.util.find_spec("streamlit") is None,
    reason="streamlit is not installed: make .venv/.app-installed",
)
OLDER = ("attrition_contributions", "attrition_scored_features", "attrition_forecast",
         "attrition_rate", "attrition_contact_list")  # fmt: skip
CHANGES = {"days_since_last_order": 150.0, "is_auto_reorder": 0.0, "payer_type": "MEDICARE",
           "order_gap_days_std": None}  # fmt: skip


@pytest.fixture
def changed(built, tmp_path):
    """A copy of the published tables after some SQL.

    The app keeps a file open, and other tests of this process open the published one otherwise.
    """

    def change(*statements: str):
        path = tmp_path / "changed.duckdb"
        path.write_bytes(built.published_path.read_bytes())
        with duckdb.connect(str(path)) as connection:
            for statement in statements:
                connection.execute(statement)
        return path

    return change


def drawn(path, page, monkeypatch, **query):
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv(FILE_VARIABLE, str(path))
    made = AppTest.from_string(f"from app.views import {page}\n{page}.show()", default_timeout=120)
    made.query_params.update(query)
    return made.run()


def texts(page) -> str:
    parts = (*page.markdown, *page.info, *page.error, *page.header)
    return "\n".join(part.value for part in parts)


def riskiest(built) -> tuple[str, float]:
    return built.query(
        "select customer_id, attrition_probability from attrition_scores "
        "order by attrition_probability desc, customer_id limit 1"
    )[0]


def test_what_if_is_what_the_build_and_attrition_score_say(built, changed, tmp_path):
    customer_id, probability = riskiest(built)
    path = changed()
    result = CopyReader(path).what_if(customer_id, CHANGES)
    assert result.now.probability == pytest.approx(probability, abs=1e-6)
    replaced = """
        150 as days_since_last_order, false as is_auto_reorder, 'MEDICARE' as payer_type,
        null::float as order_gap_days_std
    """
    given = tmp_path / "given.parquet"
    with duckdb.connect(str(built.published_path), read_only=True) as connection:
        connection.execute(f"""
            copy (
                select * exclude (attrition_probability, model_version) replace ({replaced})
                from attrition_scored_features where customer_id = '{customer_id}'
            ) to '{given}'
        """)
    [said] = score_file(built.published_path, given).to_pylist()
    assert result.changed.probability == pytest.approx(said["attrition_probability"], abs=1e-9)
    assert result.changed.probability != pytest.approx(probability, abs=1e-4)
    assert set(result.alone) == set(CHANGES)


def test_what_if_in_memory_is_what_the_copy_says(built, changed):
    customer_id, _ = riskiest(built)
    path = changed()
    with duckdb.connect(str(path), read_only=True) as connection:
        ask = partial(published_rows, connection)
        rows = ask(CUSTOMER, {"customer_id": customer_id})
        unknown = {name: None if name in CHANGES else value for name, value in rows[0].items()}
        copied = ChampionCopy(ask)
    result = copied.what_if(rows, customer_id, CHANGES)
    expected = CopyReader(path).what_if(customer_id, CHANGES)
    assert result == replace(expected, reasons=None)
    # what nobody knows of the customer can be set too
    assert copied.what_if([unknown], customer_id, CHANGES).changed == result.changed
    with pytest.raises(AttritionError, match="nobody"):
        copied.what_if([], "nobody", {})


def test_what_pushes_a_changed_customer_is_worked_out_by_the_library(built, changed):
    customer_id, _ = riskiest(built)
    result = CopyReader(changed()).what_if(customer_id, CHANGES)
    before, after = ({row["feature"]: row["contribution"] for row in rows}
                     for rows in result.reasons)  # fmt: skip
    kept = built.query(
        "select feature, contribution from attrition_contributions "
        f"where customer_id = '{customer_id}'"
    )
    assert before == pytest.approx(dict(kept), abs=1e-6)
    moved = sum(after.values()) - sum(before.values())
    assert moved == pytest.approx(result.changed.margin - result.now.margin, abs=1e-4)
    assert abs(moved) > 1e-3
    for name, was, now in moves(result):
        assert (was, now) == (before[name], after[name])
    assert {name for name, *_ in moves(result)} & set(CHANGES)


def test_without_the_versions_the_rows_of_the_champion_still_answer(built, changed):
    customer_id, probability = riskiest(built)
    result = CopyReader(changed("drop table attrition_model_artefacts")).what_if(customer_id, {})
    assert result.now.probability == pytest.approx(probability, abs=1e-6)
    assert result.reasons is None
    assert moves(result) == []


@needs_streamlit
@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_drawn_without_a_fault(changed, page, monkeypatch):
    made = drawn(changed(), page, monkeypatch)
    assert not made.exception
    assert not made.error
    assert made.title[0].value
    assert "does not have the tables" not in texts(made)


@needs_streamlit
@pytest.mark.parametrize("page", PAGES)
def test_with_no_champion_every_page_says_so_in_a_sentence(changed, page, monkeypatch):
    empty = ("attrition_champion", "attrition_scores", "attrition_reasons",
             "attrition_score_history", "attrition_contributions", "attrition_scored_features",
             *(f"attrition_champion_{part}" for part in ("calibration", "encoding", "linear",
                                                         "trees")))  # fmt: skip
    path = changed(*(f"delete from {name}" for name in empty),
                   "update attrition_model_versions set is_champion = false")  # fmt: skip
    made = drawn(path, page, monkeypatch)
    assert not made.exception
    assert not made.error
    if page in {"overview", "customers", "customer", "contacts"}:
        assert "Nobody is scored" in texts(made)


@needs_streamlit
@pytest.mark.parametrize("page", PAGES)
def test_a_copy_of_an_older_build_lacks_parts_and_says_which(changed, page, monkeypatch):
    path = changed(*(f"drop table if exists {name}" for name in OLDER),
                   "drop macro table score_customers")  # fmt: skip
    made = drawn(path, page, monkeypatch)
    assert not made.exception
    assert not made.error
    if page in {"customer", "forecast"}:
        assert "Run `attrition build`" in texts(made)


@needs_streamlit
def test_scores_without_reasons_are_not_taken_for_customers_without_risk(changed, monkeypatch):
    made = drawn(changed("delete from attrition_reasons"), "customer", monkeypatch)
    assert not made.exception
    assert "No score of this build has a reason" in texts(made)


@needs_streamlit
def test_before_the_first_build_there_is_one_sentence(tmp_path, monkeypatch):
    made = drawn(tmp_path / "none.duckdb", "overview", monkeypatch)
    assert not made.exception
    assert "make build" in made.error[0].value


@needs_streamlit
def test_a_slider_moves_the_probability_to_what_the_library_says(built, changed, monkeypatch):
    customer_id, probability = riskiest(built)
    path = changed()
    page = drawn(path, "customer", monkeypatch, customer_id=customer_id)
    slider = page.slider[0]
    feature = slider.key.removesuffix(f" {customer_id}")
    page = slider.set_value(slider.max).run()
    said = next(metric for metric in page.metric if metric.label == "The model would say").value
    result = CopyReader(path).what_if(customer_id, {feature: slider.max})
    assert said == words.percent(result.changed.probability, 1)
    assert said != words.percent(probability, 1)
    assert "no promise of cause" in texts(page)
    pushes = [table.value for table in page.table if "Pushes otherwise" in table.value]
    assert words.feature(feature) in list(pushes[0]["Pushes otherwise"])


@needs_streamlit
def test_a_customer_of_the_table_is_opened_on_their_page(built, changed, monkeypatch):
    from streamlit.testing.v1 import AppTest

    [(customer_id,)] = built.query("select max(customer_id) from attrition_scores")
    monkeypatch.setenv(FILE_VARIABLE, str(changed()))
    made = AppTest.from_string(
        f"""
        import streamlit as st
        from app.views import customer, customers
        def table():
            customers.offer("{customer_id}")
        opened = st.Page(customer.show, title="One customer", url_path="customer")
        st.navigation([st.Page(table, default=True), opened]).run()
        """,
        default_timeout=120,
    ).run()
    page = made.button[0].click().run()
    assert not page.exception
    assert page.title[0].value == "One customer"
    assert page.text_input(key="customer").value == customer_id


@needs_streamlit
def test_two_versions_stand_side_by_side(changed, monkeypatch):
    tables = ("model_artefacts", "model_versions", "model_metrics", "model_curves")
    path = changed(
        *(
            f"insert into attrition_{name} by name "
            f"select * replace ('vother' as version_id) from attrition_{name}"
            for name in tables
        ),
        "update attrition_model_versions set is_champion = false where version_id = 'vother'",
        "update attrition_model_metrics set roc_auc = 0.512 where version_id = 'vother'",
    )
    page = drawn(path, "quality", monkeypatch)
    page = page.selectbox(key="other_version").select("vother").run()
    assert not page.exception
    shown = page.table[0].value
    assert "0.512" in shown.to_string()
    assert "Side by side" in texts(page)


@needs_streamlit
@pytest.mark.skipif(
    bool(missing_programs()),
    reason=f"not on this machine, from Debian's packages: {', '.join(missing_programs())}",
)
def test_in_a_browser_a_customer_is_found_and_a_slider_moves_the_probability(built):
    customer_id, probability = riskiest(built)
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "app", "--server.port", str(port)],
        cwd=ROOT,
        env={**os.environ, FILE_VARIABLE: str(built.published_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://localhost:{port}"
        wait_for(lambda: _answers(url), "the app")
        with browser() as window:
            window.open(f"{url}/customer")
            wait_for(lambda: "One customer" in window.text(), "the page")
            window.type("input[aria-label=Customer]", customer_id + "\ue007")
            now = words.percent(probability, 1)
            wait_for(lambda: _said(window) == now, "the customer's probability")
            window.type("[data-testid=stSlider] input[type=range]", "\ue010")
            wait_for(lambda: _said(window) not in {None, now}, "another probability")
            assert "no promise of cause" in window.text()
    finally:
        server.terminate()
        server.wait(20)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def _said(window) -> str | None:
    """Return what the model would say, from the card of that name."""
    return window.run("""
        const card = [...document.querySelectorAll('[data-testid=stMetric]')]
            .find(card => card.innerText.startsWith('The model would say'));
        return card ? card.querySelector('[data-testid=stMetricValue]').innerText : null
    """)
