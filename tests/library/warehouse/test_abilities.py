import importlib.util
from pathlib import Path

import pytest
import yaml
from attrition.errors import AttritionError
from attrition.training.fingerprints import TRAINING_MODULES
from attrition.warehouse.abilities import ABILITIES, abilities_of

PROJECT = Path(__file__).resolve().parents[3]


def test_another_warehouse_is_refused_with_where_to_add_it():
    allowed = ", ".join(ABILITIES)
    with pytest.raises(AttritionError, match=f"is of type elsewhere; allowed: {allowed}. Name"):
        abilities_of("elsewhere")


@pytest.mark.parametrize("name", ABILITIES)
def test_a_warehouse_is_there_as_a_whole(name):
    assert importlib.util.find_spec(f"attrition.warehouse.{name}")
    chooser = (PROJECT / "python_models" / "attrition" / "dbt_models.py").read_text()
    assert f"from attrition.warehouse.{name} import" in chooser
    assert f"warehouse/{name}" in TRAINING_MODULES
    profile = yaml.safe_load((PROJECT / "profiles.yml.example").read_text())
    assert name in {output["type"] for output in profile["attrition"]["outputs"].values()}
    assert f'"dbt-{name}>=' in (PROJECT / "pyproject.toml").read_text()
