import pytest
from attrition.errors import AttritionError
from attrition.warehouse.abilities import abilities_of


def test_a_third_warehouse_is_refused_with_where_to_add_it():
    with pytest.raises(AttritionError, match="is of type postgres; allowed: duckdb, snowflake"):
        abilities_of("postgres")
