"""The raw contract of the command line is the one that the staging models read."""

from attrition.own_data.raw_contract import CONTRACT_TYPES, RAW_TABLES
from macro_harness import Macros

CONTRACT = Macros().raw_contract()
SQL_TYPES = {"identifier": "text", "category": "text"}


def test_tables_columns_and_types_are_those_of_the_staging_models():
    assert list(RAW_TABLES) == list(CONTRACT)
    for name, table in RAW_TABLES.items():
        in_sql = {column: facts["type"] for column, facts in CONTRACT[name]["columns"].items()}
        assert in_sql == {c.name: SQL_TYPES.get(c.type, c.type) for c in table.columns}


def test_the_same_columns_are_required():
    for name, table in RAW_TABLES.items():
        required = {c for c, facts in CONTRACT[name]["columns"].items() if "default" not in facts}
        assert required == {column.name for column in table.columns if column.is_required}
        assert tuple(CONTRACT[name].get("any_of", ())) == table.one_of


def test_every_column_is_described_and_of_a_known_type():
    for table in RAW_TABLES.values():
        for column in table.columns:
            assert column.meaning
            assert column.type in CONTRACT_TYPES
            assert bool(column.choices) == (column.type == "category")
