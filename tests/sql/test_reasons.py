"""The sentences of `attrition_feature_definitions`, as a reader sees them."""

from __future__ import annotations

import re

import duckdb
import pytest
from macro_harness import ROOT, Macros

SEED = ROOT / "seeds" / "attrition_feature_definitions.csv"
NO_OTHER_REASON = ", ".join(
    f"null as reason_{rank}_{part}"
    for rank in range(2, 6)
    for part in ("feature", "value", "contribution")
)
WORDS = {"event": "visit", "unit": "ticket", "product": "show", "line": "entry", "lines": "entries"}
COLUMNS = {"numeric": "{value}", "boolean": "{value} > 0", "category": "'{value}'"}
# what says that something happened, not how much of it
WITHOUT_THE_VALUE = {"score", None}


# usual of customers like them, so that every value is worse than that
FAR_OFF = "case when worse = 'higher' then -7e5 else 7e5 end"


def said(
    connection: duckdb.DuckDBPyConnection, value: str, usual: str = FAR_OFF, **settings: object
) -> dict[str, str]:
    """Return the sentence of each feature of a customer all of whose values are `value`."""
    macros = Macros(settings)
    connection.sql(f"create or replace table attrition_feature_definitions as from '{SEED}'")
    catalog = macros.model("attrition_feature_catalog")
    connection.sql(f"create or replace table attrition_feature_catalog as {catalog}")
    shown = {"1": "yes", "0": "no"}.get(value, value)
    columns = ", ".join(
        f"{COLUMNS[kind].format(value='null' if value == 'unknown' else value)} as {name}"
        for name, kind in macros.dataset_features().items()
    )
    # a customer for each feature, named after it
    connection.sql(f"""
        create or replace table modeling_dataset as
        select feature as customer_id, date '2024-01-01' as as_of_date, {columns}
        from attrition_feature_catalog;
        create or replace table int_scoring__customers as
        select feature as customer_id, 'new' as tenure_band from attrition_feature_catalog;
        create or replace table int_scoring__usual_values as
        select feature, 'all' as tenure_band, 100 as customer_count,
            cast({usual} as double) as usual_number, '52' as usual_value
        from attrition_feature_catalog;
        create or replace table int_scoring__predictions as
        select
            feature as customer_id, date '2024-01-01' as as_of_date, 'v1' as version_id,
            1.0 as absolute_contribution, feature as reason_1_feature,
            case when data_type = 'boolean' then '{shown}' else '{value}' end as reason_1_value,
            0.5 as reason_1_contribution, {NO_OTHER_REASON}
        from attrition_feature_catalog
    """)
    reasons = macros.model("attrition_reasons")
    return dict(connection.sql(f"select feature, reason_text from ({reasons})").fetchall())


@pytest.mark.parametrize("value", ["731", "-731", "1", "0", "1.5", "0.04", "unknown"])
def test_every_feature_has_a_sentence_that_a_person_can_read(
    value: str, connection: duckdb.DuckDBPyConnection
) -> None:
    sentences = said(connection, value)
    assert len(sentences) > 40
    wrong = {
        feature: text
        for feature, text in sentences.items()
        if set(text) & set("{}|")
        or text != " ".join(text.split())
        or re.search(r"\b1 (more |fewer |different |open )?\w+s\b", text)
        or re.search(r"\d\.0\b|(^|\s)\.\d|\d\.\d{3}", text)
        or text.endswith((";", "; "))
    }
    assert wrong == {}


@pytest.mark.parametrize("value", ["731", "-731"])
def test_sentences_say_the_value(value: str, connection: duckdb.DuckDBPyConnection) -> None:
    sentences = said(connection, value)
    rows = connection.sql("select feature, data_type, unit from attrition_feature_catalog")
    silent = [
        feature
        for feature, kind, unit in rows.fetchall()
        if kind == "numeric"
        and unit not in WITHOUT_THE_VALUE
        and not re.search(r"731|73100 %", sentences[feature])
    ]
    assert silent == []


def test_a_sentence_says_what_is_usual_where_the_value_is_worse(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    sentences = said(connection, "74", usual="90")
    assert sentences["order_count"] == "74 orders so far; customers like them usually have 90"
    assert sentences["consumable_amount_3m"] == "74.00 spent in 3 months; customers like them 90.00"
    # no worse than usual, of the customer or of others
    assert "recency_over_tenure" not in sentences
    assert "days_since_last_order" not in sentences
    sentences = said(connection, "74", usual="50")
    assert "order_count" not in sentences
    assert sentences["recency_over_tenure"] == (
        "Silent for 7400 % of the time as a customer; customers like them for 5000 %"
    )
    assert sentences["days_since_last_order"] == "Last order 74 days ago; customers like them 50"
    # by less than a tenth, and not by less
    assert "order_count" not in said(connection, "74", usual="80")
    assert said(connection, "74", usual="null")["order_count"] == "74 orders so far"


def test_sentences_speak_the_words_of_the_setting(connection: duckdb.DuckDBPyConnection) -> None:
    for value in ("74", "1", "0", "-3"):
        sentences = said(connection, value, words=WORDS)
        wrong = [
            text
            for text in sentences.values()
            if re.search(r"(?i)(?<!-)\border|\bunit|product|\bline", text)
        ]
        assert wrong == []
    assert said(connection, "1", words=WORDS)["consumable_lines_per_order"].startswith(
        "1 entry per visit"
    )
    assert said(connection, "3", words=WORDS)["consumable_lines_per_order"].startswith(
        "3 entries per visit"
    )


def test_a_shop_has_no_supply_at_home(connection: duckdb.DuckDBPyConnection) -> None:
    for value in ("74", "-74", "0"):
        texts = said(connection, value, feature_domains=["sales"]).values()
        assert not [text for text in texts if re.search("(?i)suppl|home|consumable", text)]
