"""Words for wrong values."""

import pytest
from attrition.settings.problems import nearest, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        ("a", '"a"'),
        (1.5, "1.5"),
        ([1, "b"], '[1, "b"]'),
        ({"min": 1, "log": False}, "{min: 1, log: false}"),
    ],
)
def test_values_are_shown_as_in_yaml(value, text):
    assert shown(value) == text


def test_the_nearest_name_is_found_in_any_case_and_nothing_when_none_is_near():
    names = ["attrition_horizon", "time_grain"]
    assert nearest("Attrition_Horzon", names) == "attrition_horizon"
    assert nearest("xyz", names) is None
