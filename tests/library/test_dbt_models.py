"""Which warehouse is chosen; what each model returns is in the tests of training and scoring."""

import duckdb
import pyarrow as pa
import pytest
from attrition import dbt_models
from attrition.errors import AttritionError
from attrition.warehouse.duckdb import DuckDBRelation
from attrition.warehouse.snowflake import SnowparkRelation
from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper
from local_session import local_session


def test_a_result_goes_back_to_duckdb_as_it_is():
    table = pa.table({"a": [1]})
    assert dbt_models.warehouse_for(duckdb.connect()).give_back(table) is table


def test_the_session_says_how_a_relation_is_read():
    connection = duckdb.connect()
    for session in (connection, DuckDBCursorWrapper(connection.cursor())):
        assert isinstance(dbt_models.warehouse_for(session).read(None), DuckDBRelation)
    with local_session() as session:
        assert isinstance(dbt_models.warehouse_for(session).read(None), SnowparkRelation)


def test_a_third_warehouse_is_refused_with_where_to_add_it():
    with pytest.raises(AttritionError, match="attrition/warehouse and name it in attrition/dbt_mo"):
        dbt_models.warehouse_for(object())
