"""Handing results back in a Snowpark local-testing session; reading is in test_relation."""

import datetime as dt

import pytest
from attrition import schemas
from attrition.warehouse.snowflake import SnowparkRelation, dataframe_of
from local_session import local_session


@pytest.fixture(scope="module")
def snowflake_session():
    with local_session() as session:
        yield session


SHADOW = {
    "version_id": ["v1", "v1"],
    "customer_id": ["a", "b"],
    "as_of_date": [dt.date(2024, 1, 1)] * 2,
    "probability": [0.25, 0.5],
    "decision": [0, 1],
}


def test_a_result_goes_back_to_snowflake_in_upper_case_and_its_types(snowflake_session):
    from snowflake.snowpark import types

    table = schemas.table_of_columns(SHADOW, schemas.SHADOW_PREDICTIONS)
    frame = dataframe_of(table, snowflake_session)
    assert frame.columns == [name.upper() for name in SHADOW]
    kinds = [type(field.datatype) for field in frame.schema.fields]
    assert kinds == [
        types.StringType, types.StringType, types.DateType, types.DoubleType, types.LongType,
    ]  # fmt: skip
    assert SnowparkRelation(frame).rows() == table.to_pylist()


@pytest.mark.parametrize("schema", ["CANDIDATE", "TEST_PREDICTIONS", "PREDICTIONS", "BACKTEST"])
def test_an_empty_result_has_the_names_and_types_of_a_full_one(snowflake_session, schema):
    declared = getattr(schemas, schema)
    empty = dataframe_of(declared.empty_table(), snowflake_session)
    assert empty.columns == [name.upper() for name in declared.names]
    assert SnowparkRelation(empty).rows() == []


def test_a_candidate_keeps_its_bytes_dates_and_missing_texts(snowflake_session):
    row = dict.fromkeys(schemas.CANDIDATE.names)
    row |= {
        "version_id": "v1",
        "created_at": dt.datetime(2024, 1, 2, 3, 4, 5, 678901),
        "newest_label_date": dt.date(2024, 1, 1),
        "judged_booster": bytes(range(256)) * 20,
        "search_booster": b"a",
        "serving_booster": b"b",
        "num_round": 7,
        "fit_row_count": 3_000_000_000,
        "is_reproducible": True,
        "decision_threshold": 0.1 + 0.2,
    }
    table = schemas.table_of_rows([row], schemas.CANDIDATE)
    back = SnowparkRelation(dataframe_of(table, snowflake_session)).rows()
    assert back == [row]
