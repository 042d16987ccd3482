"""What a query found can be read on a terminal of any width."""

import io
from decimal import Decimal

import pytest
from attrition.command_line.query import Answer
from attrition.command_line.query_view import show_answer, shown_value
from rich.console import Console

REASON = "No order for 74 days, and usually one every 31 days"


def shown(columns, rows, width=80, limit=None):
    console = Console(file=io.StringIO(), width=width)
    show_answer(console, Answer(tuple(columns), iter(rows)), limit)
    return console.file.getvalue()


def wide_rows(count):
    return [tuple(f"value {row} {column}" for column in range(20)) for row in range(count)]


def test_a_row_that_does_not_fit_is_shown_column_by_column():
    text = shown([f"column_{n}" for n in range(20)], wide_rows(12))
    for column in range(20):
        assert f"column_{column}" in text
        assert f"value 4 {column}" in text
    assert "value 5 0" not in text
    assert "5 rows, 7 more with a larger --limit or with --format csv" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_the_limit_is_kept_where_rows_are_shown_column_by_column():
    text = shown([f"column_{n}" for n in range(20)], wide_rows(12), limit=7)
    assert "value 6 19" in text
    assert "7 rows, 5 more" in text


def test_columns_that_are_empty_in_all_rows_are_named_once_and_left_out():
    names = [f"column_{n}" for n in range(20)]
    rows = [(*row[:5], None, *row[6:19], None if place else 7) for place, row in
            enumerate(wide_rows(3))]  # fmt: skip
    text = shown(names, rows)
    assert text.count("column_5") == 1
    assert "empty in all of them: column_5" in text
    # empty in some of them alone
    assert text.count("column_19") == 3


def test_what_fits_is_a_table():
    text = shown(["customer_id", "p", "why"], [("C1", 0.5, REASON)] * 60)
    assert text.count("C1") == 50
    assert "50 rows, 10 more" in text


def test_a_text_of_words_goes_on_in_the_next_line_of_its_cell():
    text = shown(["customer_id", "p", "why"], [("C1", 0.5, REASON)], width=60)
    assert "customer_id ┃" in text
    assert "1 row" in text
    assert all(len(line) <= 60 for line in text.splitlines())
    assert REASON.rsplit(maxsplit=1)[-1] in text


def test_a_long_value_is_folded_and_nothing_of_it_is_lost():
    name, value = "a_column", " ".join(f"word{n}" for n in range(40))
    text = shown([name, *"bcdefghijk"], [(value, *[12345678] * 10)], width=40)
    assert all(word in text for word in value.split())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.9267842092633487, "0.926784"),
        (1234567.0, "1234567.0"),
        (0.00001234567, "1.235e-05"),
        (None, ""),
        (float("nan"), "nan"),
        (0.0, "0.0"),
        (Decimal("43.0000"), "43"),
        (Decimal("43.2500"), "43.25"),
        (Decimal("100"), "100"),
        (Decimal("0E-4"), "0"),
        (Decimal("12345678901234567890123456789012.500000"), "12345678901234567890123456789012.5"),
        ("x" * 100, "x" * 57 + "..."),
    ],
)
def test_a_value_is_as_short_as_a_person_needs(value, text):
    assert shown_value(value) == text


def test_no_rows_are_said():
    assert "0 rows" in shown(["a", "b"], [])
