"""A customer is erased on the emulated account by the statements that DuckDB gets too."""

import pytest
from account import DATABASE, SCHEMA, running_account
from dbt_project import ROOT
from dialect import refused

pytestmark = pytest.mark.slow

TABLES = ("attrition_score_history", "int_features__sales", "raw_sales")
STAGED = f"{DATABASE}.{SCHEMA}.stg_sales__records"


@pytest.fixture
def held(tmp_path):
    """Tables with a customer whose name needs quoting, and with another one.

    The account is one of its own: the shared one holds what other tests built in it.
    """
    with running_account(tmp_path, ROOT) as account:
        for table in TABLES:
            columns = {"customer_id": "varchar", "n": "integer"}
            account.create(f"{DATABASE}.{SCHEMA}.{table}", columns)
            rows = "(' C''1 ', 1), ('C''1', 2), ('C2', 3)"
            account.query(f"insert into {DATABASE}.{SCHEMA}.{table} values {rows}")
        account.query(f"create view {STAGED} as select * from {DATABASE}.{SCHEMA}.raw_sales")
        yield account


def test_a_customer_is_erased_from_what_the_project_made_and_found_in_the_rest(held):
    asked = ("run-operation", "erase_customer", "--args", '{"customer_id": "C\'1"}')
    told = held.run(*asked)
    assert "attrition_score_history: 2 before, 0 after" in told
    assert "int_features__sales: 2 before, 0 after" in told
    assert "The raw tables still hold records of C'1: sales 2." in told
    for table in TABLES[:2]:
        left = held.query(f"select customer_id from {DATABASE}.{SCHEMA}.{table}")
        assert left == [("C2",)]
    assert "No table of the build holds C'1" in held.run(*asked)
    sent = held.sent(*asked[:3], "{customer_id: C2}")
    assert any("delete from" in sql for sql in sent)
    assert not [problem for sql in sent for problem in refused(sql)]
