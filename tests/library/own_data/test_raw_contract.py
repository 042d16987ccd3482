"""The raw contract of the command line is the one that the sources declare."""

from attrition.own_data.raw_contract import CONTRACT_TYPES, RAW_TABLES
from attrition.settings.raw_names import read_raw_tables
from compiled_project import ROOT

DECLARED = {table["name"]: table for table in read_raw_tables(ROOT)}


def test_tables_and_columns_are_those_of_the_sources():
    assert list(RAW_TABLES) == list(DECLARED)
    for name, table in RAW_TABLES.items():
        assert list(table.column_names) == [c["name"] for c in DECLARED[name]["columns"]]


def test_every_column_is_described_and_of_a_known_type():
    for table in DECLARED.values():
        for column in table["columns"]:
            meta = column["config"]["meta"]
            assert column["description"]
            assert meta["type"] in CONTRACT_TYPES
            assert bool(meta.get("choices")) == (meta["type"] == "category")
