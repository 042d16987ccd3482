"""The same reading and writing on DuckDB and in a Snowpark local-testing session."""

import datetime as dt

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from attrition import schemas, warehouse
from local_session import local_session

NUMBERS = range(10)
FLAGGED = [[("flag", "==", True)]]


@pytest.fixture(scope="module")
def snowflake_session():
    with local_session() as session:
        yield session


def on_duckdb():
    connection = duckdb.connect()
    connection.execute(
        """
        create table things as
        select
            'c' || range as CUSTOMER_ID,
            date '2024-01-01' + cast(range as integer) as as_of_date,
            range % 2 = 0 as flag,
            case when range != 7 then range % 2 = 0 end as unsure,
            case when range != 7 then range end as number,
            range / 4 as quarter,
            lpad(to_hex(range * 16), 4, '0') as customer_hash
        from range(10)
        order by range desc
        """
    )
    return connection.query("select * from things")


def on_snowflake(session):
    rows = {
        "CUSTOMER_ID": [f"c{n}" for n in NUMBERS],
        "AS_OF_DATE": [dt.date(2024, 1, 1 + n) for n in NUMBERS],
        "FLAG": [n % 2 == 0 for n in NUMBERS],
        "UNSURE": [None if n == 7 else n % 2 == 0 for n in NUMBERS],
        "NUMBER": [None if n == 7 else n for n in NUMBERS],
        "QUARTER": [n / 4 for n in NUMBERS],
        "CUSTOMER_HASH": [f"{n * 16:04x}" for n in NUMBERS],
    }
    return session.create_dataframe(pd.DataFrame(rows).iloc[::-1].reset_index(drop=True))


@pytest.fixture(params=["duckdb", "snowflake"])
def relation(request):
    if request.param == "duckdb":
        return on_duckdb()
    return on_snowflake(request.getfixturevalue("snowflake_session"))


def test_select_filters_casts_orders_and_lowers_names(relation):
    columns = {"customer_id": "text", "flag": "flag", "quarter": "float32", "number": "integer"}
    table = warehouse.select(relation, columns, [[("number", "<", 8)]], ["customer_id"])
    assert table.column_names == list(columns)
    assert [str(field.type) for field in table.schema][1:] == ["float", "float", "int32"]
    assert table["customer_id"].to_pylist() == [f"c{n}" for n in (0, 1, 2, 3, 4, 5, 6)]
    assert table["quarter"].to_pylist() == [n / 4 for n in range(7)]
    assert table["flag"].to_pylist() == [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ([[("number", "==", 3)]], [3]),
        ([[("number", "<=", 2), ("flag", "==", False)]], [1]),
        ([[("customer_id", "in", ("c2", "c5"))], [("number", "==", 9)]], [2, 5, 9]),
        ([[("as_of_date", "<", dt.date(2024, 1, 3))]], [0, 1]),
        ([[("number", "is not", None), ("customer_hash", "<", "0020")]], [0, 1]),
        ([[("customer_id", "==", "it's")]], []),
        (warehouse.EVERY_ROW, [0, 1, 2, 3, 4, 5, 6, 8, 9, None]),
        ([[]], [0, 1, 2, 3, 4, 5, 6, 8, 9, None]),
    ],
)
def test_conditions_choose_the_same_rows_everywhere(relation, where, expected):
    found = warehouse.select(relation, {"number": "integer"}, where)["number"].to_pylist()
    assert sorted(found, key=lambda n: (n is None, n)) == expected
    assert warehouse.count(relation, where) == len(expected)


def test_a_missing_number_is_missing_and_a_missing_float_is_null(relation):
    columns = {"number": "float32", "unsure": "flag", "customer_id": "text"}
    table = warehouse.select(relation, columns, order_by=["customer_id"])
    expected = [float(n) for n in NUMBERS]
    expected[7] = None
    assert table["number"].to_pylist() == expected
    assert table["unsure"].to_pylist() == [n if n is None else float(n % 2 == 0) for n in expected]


def test_a_stream_is_drained_so_that_the_next_query_runs(relation):
    warehouse.rows(relation)
    assert warehouse.count(relation) == 10


def test_batches_hold_every_row_once_in_order():
    connection = duckdb.connect()
    relation = connection.query("select 999999 - range as id from range(200003)")
    where = [[("id", "<", 900_000)], [("id", "in", range(900_001, 1_000_000))]]
    tables = list(warehouse.batches(relation, {"id": "integer"}, where, ["id"], 70_000))
    ids = pa.concat_tables(tables)["id"].to_pylist()
    assert len(tables) > 1
    assert len(tables[-1]) < 70_000
    assert ids == [one for one in range(799_997, 1_000_000) if one != 900_000]


def test_no_row_gives_no_row_and_an_empty_table_of_the_right_types(relation):
    nobody = [[("customer_id", "==", "nobody")]]
    columns = {"customer_id": "text", "as_of_date": "date", "quarter": "float32"}
    assert sum(len(one) for one in warehouse.batches(relation, columns, nobody)) == 0
    empty = warehouse.select(relation, columns, nobody)
    assert [str(kind) for kind in empty.schema.types] == ["string", "date32[day]", "float"]


def test_newest_count_rows_and_names(relation):
    assert warehouse.newest(relation, "as_of_date") == dt.date(2024, 1, 10)
    assert warehouse.count(relation, FLAGGED) == 5
    row = warehouse.rows(relation, [[("customer_id", "==", "c3")]])[0]
    assert (row["quarter"], row["number"], row["flag"]) == (0.75, 3, False)
    assert warehouse.column_names(relation)[0] == "customer_id"


def test_rows_are_counted_by_the_first_digits_of_the_hash(relation):
    where = [[("customer_hash", "<", "0090")]]
    prefixes, counts = warehouse.rows_by_hash(relation, where, digits=3)
    assert prefixes == [f"00{digit}" for digit in range(9)]
    assert counts == [1] * 9


def test_a_result_goes_back_to_duckdb_as_it_is():
    table = pa.table({"a": [1]})
    assert warehouse.from_arrow(table, duckdb.connect()) is table


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
    frame = warehouse.from_arrow(table, snowflake_session)
    assert frame.columns == [name.upper() for name in SHADOW]
    kinds = [type(field.datatype) for field in frame.schema.fields]
    assert kinds == [
        types.StringType, types.StringType, types.DateType, types.DoubleType, types.LongType,
    ]  # fmt: skip
    assert warehouse.rows(frame) == table.to_pylist()


@pytest.mark.parametrize("schema", ["CANDIDATE", "TEST_PREDICTIONS", "PREDICTIONS", "BACKTEST"])
def test_an_empty_result_has_the_names_and_types_of_a_full_one(snowflake_session, schema):
    declared = getattr(schemas, schema)
    empty = warehouse.from_arrow(declared.empty_table(), snowflake_session)
    assert empty.columns == [name.upper() for name in declared.names]
    assert warehouse.rows(empty) == []


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
    back = warehouse.rows(warehouse.from_arrow(table, snowflake_session))
    assert back == [row]
