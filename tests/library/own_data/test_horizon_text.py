"""A horizon as people say it, as the settings count it."""

import pytest
from attrition.errors import AttritionError
from attrition.own_data.horizon_text import read_horizon


@pytest.mark.parametrize(
    ("text", "grain", "buckets"),
    [
        ("28 days", "week", 4),
        ("7 days", "week", 1),
        ("56 days", "week", 8),
        ("84 days", "week", 12),
        ("30 days", "month", 1),
        ("31 days", "month", 1),
        ("60 days", "month", 2),
        ("90 days", "month", 3),
        ("91 days", "month", 3),
        ("120 days", "month", 4),
        ("182 days", "month", 6),
        ("183 days", "month", 6),
        ("365 days", "month", 12),
        ("366 days", "month", 12),
        ("730 days", "month", 24),
        ("8 weeks", "week", 8),
        ("26 weeks", "week", 26),
        ("1 week", "week", 1),
        ("6 months", "month", 6),
        ("1 month", "month", 1),
        ("a quarter", "month", 3),
        ("two quarters", "month", 6),
        ("1 year", "month", 12),
        ("six months", "month", 6),
        (" 28-Days ", "week", 4),
        ("90days", "month", 3),
    ],
)
def test_a_horizon_is_read_as_people_say_it(text, grain, buckets):
    assert read_horizon(text) == {"time_grain": grain, "attrition_horizon": buckets}


@pytest.mark.parametrize(
    ("text", "by_week", "by_month"),
    [
        ("45 days", "'6 weeks' (42 days)", "'1 month' (about 30 days)"),
        ("100 days", "'14 weeks' (98 days)", "'3 months' (about 91 days)"),
        ("154 days", "'22 weeks' (154 days)", "'5 months' (about 152 days)"),
        ("3 days", "'1 week' (7 days)", "'1 month' (about 30 days)"),
        ("1 day", "'1 week' (7 days)", "'1 month' (about 30 days)"),
        ("29 days", "'4 weeks' (28 days)", "'1 month' (about 30 days)"),
    ],
)
def test_days_that_are_neither_weeks_nor_months_get_what_is_nearest(text, by_week, by_month):
    with pytest.raises(AttritionError) as error:
        read_horizon(text)
    assert f"--horizon '{text}' is no whole number" in str(error.value)
    assert f"--horizon {by_week} and --horizon {by_month}." in str(error.value)


@pytest.mark.parametrize(
    "text", ["", "90", "soon", "0 days", "zero weeks", "-3 months", "2.5 months", "3 fortnights"]
)
def test_what_is_no_length_of_time_is_one_sentence(text):
    with pytest.raises(AttritionError, match="is no length of time; write a number of days"):
        read_horizon(text)


def test_what_a_sentence_names_as_nearest_can_be_said():
    with pytest.raises(AttritionError) as error:
        read_horizon("45 days")
    nearest = [part for part in str(error.value).split("'") if part[:1].isdigit()][1:]
    assert [read_horizon(text)["time_grain"] for text in nearest] == ["week", "month"]
