from attrition.errors import first_line
from fake_account import refused


def test_a_line_that_announces_the_next_takes_it_along():
    assert first_line(refused("Object 'X' is gone.")) == (
        "SQL compilation error: Object 'X' is gone."
    )
    assert first_line(OSError("no route")) == "no route."
    assert first_line(OSError()) == "OSError."
