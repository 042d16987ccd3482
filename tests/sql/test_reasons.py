"""The sentences of `attrition_feature_definitions`, as a reader sees them."""

from __future__ import annotations

import duckdb
import pytest
from macro_harness import ROOT, Macros

SEED = ROOT / "seeds" / "attrition_feature_definitions.csv"
NO_OTHER_REASON = ", ".join(
    f"null as reason_{rank}_{part}"
    for rank in range(2, 6)
    for part in ("feature", "value", "contribution")
)


@pytest.mark.parametrize("value", ["731", "-731", "unknown"])
def test_every_feature_has_a_sentence_that_says_its_value(
    value: str, connection: duckdb.DuckDBPyConnection
) -> None:
    catalog, reasons = (
        Macros().model(name) for name in ("attrition_feature_catalog", "attrition_reasons")
    )
    connection.sql(f"create table attrition_feature_definitions as from '{SEED}'")
    connection.sql(f"create table attrition_feature_catalog as {catalog}")
    connection.sql(f"""
        create table ml_predictions as
        select
            'c1' as customer_id, date '2024-01-01' as as_of_date, 'v1' as version_id,
            feature as reason_1_feature, '{value}' as reason_1_value,
            0.5 as reason_1_contribution, {NO_OTHER_REASON}
        from attrition_feature_catalog
    """)

    said = connection.sql(f"select feature, reason_text from ({reasons})").fetchall()

    assert len(said) > 40
    wrong = [
        (feature, text)
        for feature, text in said
        if set(text) & set("{}|")
        or not text.strip()
        or text != text.strip()
        or ("731" in text) != (value != "unknown")
    ]
    assert wrong == []
