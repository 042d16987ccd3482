"""What a visitor is offered to change, and within which bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.what_if import bounds, offered

INPUTS = [
    {"feature": name, "is_actionable": can, "is_sensitive": sensitive}
    for name, can, sensitive in [("age", False, True), ("orders", True, False),
                                 ("complaints", True, False), ("payer", True, True)]
]  # fmt: skip


def test_what_moves_the_customer_and_can_be_acted_on_is_offered_first():
    moved = {"age": 2.0, "payer": 1.5, "orders": 0.1, "complaints": -0.4}
    assert offered(INPUTS, moved) == ["complaints", "orders"]
    assert offered(INPUTS, moved, 1) == ["complaints"]
    assert offered(INPUTS[:1], {}) == ["age"]


def test_a_slider_reaches_the_customer_s_own_value_and_is_never_empty():
    assert bounds({"minimum": 0, "maximum": 5}, 9.0) == (0.0, 9.0, 1.0)
    assert bounds({"minimum": 3, "maximum": 3}, 3.0) == (3.0, 4.0, 0.01)
    assert bounds({"minimum": None, "maximum": None}, None) == (0.0, 1.0, 0.01)


@given(
    low=st.floats(-1e6, 1e6, width=32),
    width=st.floats(0, 1e6, width=32),
    share=st.floats(-0.5, 1.5),
)
def test_the_ends_of_a_slider_are_round_and_hold_all_values(low, width, share):
    now = low + share * width
    first, last, step = bounds({"minimum": low, "maximum": low + width}, now)
    assert first <= min(low, now)
    assert last >= max(low + width, now)
    assert f"{step:.0e}"[0] in "125"
    steps = (last - first) / step
    assert steps == pytest.approx(round(steps), abs=1e-3)
    assert steps <= 202
