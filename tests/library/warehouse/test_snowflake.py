"""Handing results back in a Snowpark local-testing session; reading is in test_relation."""

import datetime as dt
import logging
from pathlib import Path

import pytest
from attrition import dbt_models, schemas
from attrition.errors import AttritionError
from attrition.warehouse import snowflake
from attrition.warehouse.snowflake import LOG_TABLE, SnowparkRelation, dataframe_of, heard
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


def test_a_booster_that_snowflake_would_not_store_is_refused_before(snowflake_session, monkeypatch):
    monkeypatch.setattr(snowflake, "LARGEST_BINARY", 2**20)
    row = {"version_id": "v1", "serving_booster": b"x" * (2**20 + 2**18)}
    table = schemas.table_of_rows([row], schemas.CANDIDATE)
    with pytest.raises(AttritionError, match=r"serving_booster has 1\.2 MB, and .* at most 1 MB"):
        dataframe_of(table, snowflake_session)


def said(session):
    rows = SnowparkRelation(session.table(f"A.B.{LOG_TABLE}")).rows()
    return [(row["model"], row["level"], row["said"]) for row in rows]


def test_what_a_model_logs_is_kept_in_a_table_also_where_it_fails(snowflake_session):
    logger = logging.getLogger("attrition.training.candidate")
    before = logging.getLogger("attrition").level
    with heard("ml_one", ("A", "B"), snowflake_session):
        logger.info("trained on %d rows", 3)
        logger.debug("nobody wants to know")
        logging.getLogger("another").warning("not ours")

    def fail():
        with heard("ml_two", ("A", "B"), snowflake_session):
            logger.warning("there is an obstacle")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    assert said(snowflake_session) == [
        ("ml_one", "INFO", "trained on 3 rows"),
        ("ml_two", "WARNING", "there is an obstacle"),
    ]
    [row, _] = SnowparkRelation(snowflake_session.table(f"A.B.{LOG_TABLE}")).rows()
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    assert dt.timedelta(0) <= now - row["said_at"] < dt.timedelta(minutes=1)
    assert logging.getLogger("attrition").level == before


def test_every_model_is_heard():
    models = {name: one for name, one in vars(dbt_models).items() if name.startswith("ml_")}
    files = Path(dbt_models.__file__).parents[1].glob("*/ml_*.py")
    assert set(models) == {file.stem for file in files}
    assert all(hasattr(one, "__wrapped__") for one in models.values())


def test_a_log_that_cannot_be_kept_fails_no_model(snowflake_session, monkeypatch, caplog):
    from snowflake.snowpark.exceptions import SnowparkClientException

    def refuse(*_args, **_named):
        raise SnowparkClientException("no")

    monkeypatch.setattr(snowflake_session, "create_dataframe", refuse)
    with heard("ml_one", ("A", "B"), snowflake_session):
        logging.getLogger("attrition").warning("something")
    assert "the log of ml_one was not kept" in caplog.text
