"""The raw contract is read from the sources of the project."""

import pytest
from attrition.errors import AttritionError
from attrition.own_data.raw_contract import read_raw_contract
from attrition.settings.model import Settings
from dbt_project import ROOT

TYPES = {"identifier", "text", "category", "date", "number", "boolean"}
CONTRACT = read_raw_contract(ROOT)


def test_all_tables_are_there_with_a_customer():
    assert tuple(CONTRACT) == Settings().feature_domains
    assert all(table.column("customer_id").is_required for table in CONTRACT.values())


def test_every_column_is_of_a_known_type_and_only_categories_have_choices():
    for table in CONTRACT.values():
        for column in table.columns:
            assert column.type in TYPES
            assert bool(column.choices) == (column.type == "category")


def test_what_sales_needs():
    sales = CONTRACT["sales"]
    assert {c.name for c in sales.columns if c.is_required} == {"customer_id", "sold_on"}
    assert sales.any_of == ("quantity", "amount")
    assert sales.column("product_type").default == "consumable"


def test_a_folder_without_a_project_is_named(tmp_path):
    with pytest.raises(AttritionError, match="declares no raw tables"):
        read_raw_contract(tmp_path)
