"""The nodes that Jinja reads say what the pydantic model allows."""

import pytest
from attrition.settings.model import settings_schema
from attrition.settings.schema import compact
from pydantic import BaseModel, Field


def node_of(annotation, **field):
    model = type("Model", (BaseModel,), {"__annotations__": {"x": annotation}, "x": Field(**field)})
    return compact(model.model_json_schema())["x"]


@pytest.mark.parametrize(
    ("annotation", "field", "words"),
    [
        (int, {"ge": 1}, "a whole number of at least 1"),
        (int, {"ge": 1, "le": 10}, "a whole number from 1 to 10"),
        (float, {"gt": 0, "lt": 1}, "a number above 0 and below 1"),
        (float, {"gt": 0, "le": 1}, "a number above 0 and up to 1"),
        (float, {}, "a number"),
        (str, {}, "a text"),
        (bool, {}, "true or false"),
        (str | None, {}, "a text, or null"),
    ],
)
def test_what_is_allowed_is_said_in_words(annotation, field, words):
    assert node_of(annotation, **field)["allowed"] == words


def test_bounds_and_defaults_of_nested_keys_are_kept():
    schema = settings_schema()
    perc_test = schema["split"]["modes"]["randomized"]["perc_test"]
    assert (perc_test["minimum"], perc_test["maximum"], perc_test["default"]) == (0.01, 0.9, 0.2)
    assert "default" not in schema["threshold"]["modes"]["fixed"]["value"]
    assert schema["hyperparameters"]["fields"]["max_depth"]["number"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 10,
        "allowed": "a whole number from 1 to 10",
    }
