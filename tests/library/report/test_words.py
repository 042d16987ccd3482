"""Numbers and names as a person reads them."""

from datetime import date, datetime

import pytest
from attrition.report import words


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (words.percent(0.1523), "15%"),
        (words.percent(0.0952), "9.5%"),
        (words.percent(0.0), "0%"),
        (words.percent(None), words.UNKNOWN),
        (words.percent(0.1523, 1), "15.2%"),
        (words.number(1236), "1,236"),
        (words.score(0.82709), "0.827"),
        (words.amount(1234.5), "1,234"),
        (words.amount(12.5), "12.50"),
        (words.counted(1, "customer"), "1 customer"),
        (words.counted(0, "customer"), "0 customers"),
        (words.counted(2, "person", "people"), "2 people"),
        (words.day(date(2025, 1, 1)), "1 January 2025"),
        (words.day(datetime(2025, 1, 1, 12)), "1 January 2025"),
        (words.day("2025-01-01"), "1 January 2025"),
        (words.feature("consumable_order_count_12m"), "consumable order count, 12 months"),
        (words.feature("is_auto_reorder"), "auto reorder"),
        (words.segment("payer_type", "STATE_MEDICAID"), "payer type: state medicaid"),
        (words.listed(["a"]), "a"),
        (words.listed(["a", "b", "c"]), "a, b and c"),
    ],
)
def test_it_reads_as_a_person_writes_it(made, expected):
    assert made == expected
