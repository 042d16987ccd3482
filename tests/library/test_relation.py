"""The same reading on DuckDB and in a Snowpark local-testing session."""

import datetime as dt

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from attrition.relation import EVERY_ROW
from attrition.warehouse.duckdb import DuckDBRelation
from attrition.warehouse.snowflake import SnowparkRelation
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
    return DuckDBRelation(connection.query("select * from things"))


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
    backwards = pd.DataFrame(rows).iloc[::-1].reset_index(drop=True)
    return SnowparkRelation(session.create_dataframe(backwards))


@pytest.fixture(params=["duckdb", "snowflake"])
def relation(request):
    if request.param == "duckdb":
        return on_duckdb()
    return on_snowflake(request.getfixturevalue("snowflake_session"))


def test_select_filters_casts_orders_and_lowers_names(relation):
    columns = {"customer_id": "text", "flag": "flag", "quarter": "float32", "number": "integer"}
    table = relation.select(columns, [[("number", "<", 8)]], ["customer_id"])
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
        (EVERY_ROW, [0, 1, 2, 3, 4, 5, 6, 8, 9, None]),
        ([[]], [0, 1, 2, 3, 4, 5, 6, 8, 9, None]),
    ],
)
def test_conditions_choose_the_same_rows_everywhere(relation, where, expected):
    found = relation.select({"number": "integer"}, where)["number"].to_pylist()
    assert sorted(found, key=lambda n: (n is None, n)) == expected
    assert relation.count(where) == len(expected)


def test_a_missing_number_is_missing_and_a_missing_float_is_null(relation):
    columns = {"number": "float32", "unsure": "flag", "customer_id": "text"}
    table = relation.select(columns, order_by=["customer_id"])
    expected = [float(n) for n in NUMBERS]
    expected[7] = None
    assert table["number"].to_pylist() == expected
    assert table["unsure"].to_pylist() == [n if n is None else float(n % 2 == 0) for n in expected]


def test_a_stream_is_drained_so_that_the_next_query_runs(relation):
    relation.rows()
    assert relation.count() == 10


def test_batches_hold_every_row_once_in_order():
    connection = duckdb.connect()
    relation = DuckDBRelation(connection.query("select 999999 - range as id from range(200003)"))
    where = [[("id", "<", 900_000)], [("id", "in", range(900_001, 1_000_000))]]
    tables = list(relation.batches({"id": "integer"}, where, ["id"], 70_000))
    ids = pa.concat_tables(tables)["id"].to_pylist()
    assert len(tables) > 1
    assert len(tables[-1]) < 70_000
    assert ids == [one for one in range(799_997, 1_000_000) if one != 900_000]


def test_no_row_gives_no_row_and_an_empty_table_of_the_right_types(relation):
    nobody = [[("customer_id", "==", "nobody")]]
    columns = {"customer_id": "text", "as_of_date": "date", "quarter": "float32"}
    assert sum(len(one) for one in relation.batches(columns, nobody)) == 0
    empty = relation.select(columns, nobody)
    assert [str(kind) for kind in empty.schema.types] == ["string", "date32[day]", "float"]


def test_newest_count_rows_and_names(relation):
    assert relation.newest("as_of_date") == dt.date(2024, 1, 10)
    assert relation.count(FLAGGED) == 5
    row = relation.rows([[("customer_id", "==", "c3")]])[0]
    assert (row["quarter"], row["number"], row["flag"]) == (0.75, 3, False)
    assert relation.column_names[0] == "customer_id"


def test_rows_are_counted_by_the_first_digits_of_the_hash(relation):
    where = [[("customer_hash", "<", "0090")]]
    prefixes, counts = relation.rows_by_hash(where, digits=3)
    assert prefixes == [f"00{digit}" for digit in range(9)]
    assert counts == [1] * 9
