import datetime as dt

import duckdb
import pyarrow as pa
import pytest
from attrition import warehouse


@pytest.fixture
def relation():
    connection = duckdb.connect()
    connection.execute(
        """
        create table things as
        select
            'c' || range as CUSTOMER_ID,
            date '2024-01-01' + cast(range as integer) as as_of_date,
            range % 2 = 0 as flag,
            range / 4 as "Odd name",
            lpad(to_hex(range * 16), 4, '0') as customer_hash
        from range(10)
        order by range desc
        """
    )
    return connection.query("select * from things")


def test_select_filters_casts_orders_and_lowers_names(relation):
    columns = {"customer_id": "text", "flag": "float32", "odd name": "float32"}
    table = warehouse.select(relation, columns, "flag", ["customer_id"])
    assert table.schema.equals(
        pa.schema(
            [("customer_id", pa.string()), ("flag", pa.float32()), ("odd name", pa.float32())]
        )
    )
    assert table["customer_id"].to_pylist() == ["c0", "c2", "c4", "c6", "c8"]
    assert table["odd name"].to_pylist() == [0.0, 0.5, 1.0, 1.5, 2.0]


def test_a_stream_is_drained_so_that_the_next_query_runs(relation):
    warehouse.to_arrow(relation)
    assert warehouse.count(relation) == 10


def test_batches_hold_every_row_once_in_order():
    connection = duckdb.connect()
    relation = connection.query("select 999999 - range as id from range(200003)")
    tables = list(warehouse.batches(relation, {"id": "integer"}, "id != 900000", ["id"], 70_000))
    ids = pa.concat_tables(tables)["id"].to_pylist()
    assert len(tables) > 1
    assert len(tables[-1]) < 70_000
    assert ids == [one for one in range(799_997, 1_000_000) if one != 900_000]


def test_no_row_gives_no_batch(relation):
    assert list(warehouse.batches(relation, {"customer_id": "text"}, "false")) == []


def test_newest_count_rows_and_names(relation):
    assert warehouse.newest(relation, "as_of_date") == dt.date(2024, 1, 10)
    assert warehouse.newest(relation.filter("false"), "as_of_date") is None
    assert warehouse.count(relation, "flag") == 5
    assert warehouse.rows(relation, "customer_id = 'c3'")[0]["odd name"] == 0.75
    assert warehouse.column_names(relation)[0] == "customer_id"


def test_rows_are_counted_by_the_first_digits_of_the_hash(relation):
    prefixes, counts = warehouse.rows_by_hash(relation, "customer_id != 'c9'", digits=3)
    assert prefixes == [f"00{digit}" for digit in range(9)]
    assert counts == [1] * 9


def test_a_result_goes_back_to_duckdb_as_it_is():
    table = pa.table({"a": [1]})
    assert warehouse.from_arrow(table, duckdb.connect()) is table
