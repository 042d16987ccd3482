import pytest
from attrition.errors import AttritionError
from attrition.warehouse.abilities import ABILITIES, abilities_of
from macro_harness import Macros


@pytest.mark.parametrize("adapter", ABILITIES)
def test_macros_say_the_same(adapter):
    macros, abilities = Macros(warehouse=adapter), abilities_of(adapter)
    assert tuple(macros.training_engines()) == abilities.engines
    assert macros.reads_files() == abilities.reads_files


def test_a_third_warehouse_is_refused_with_where_to_add_it():
    with pytest.raises(AttritionError, match="is of type postgres; allowed: duckdb, snowflake"):
        abilities_of("postgres")
