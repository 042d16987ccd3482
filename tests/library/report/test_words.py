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
        (
            words.gain("own amounts; success_rate is not set; cost_of_contact is not set"),
            "value at risk",
        ),
        (words.gain("own amounts; success_rate 0.3; cost_of_contact is not set"), "expected gain"),
        (words.gain(None), "expected gain"),
        (words.behind(date(2025, 1, 1), datetime(2025, 3, 31)), ""),
        (words.behind(None, datetime(2025, 3, 31)), ""),
        (words.listed(["a", "b", "c"]), "a, b and c"),
    ],
)
def test_it_reads_as_a_person_writes_it(made, expected):
    assert made == expected


def test_old_records_are_told():
    told = words.behind(date(2024, 11, 1), datetime(2025, 3, 31, 9))
    assert "4 months older than the build of 31 March 2025" in told


@pytest.mark.parametrize(
    ("target", "domains", "expected"),
    [
        ("is_attrition_c", ["sales", "warranty"], "no consumable bought for 6 months"),
        ("is_attrition_cs", ["complaint"], "no consumable or sensor bought for 6 months"),
        ("is_attrition_c", ["sales"], "no purchase for 6 months"),
        ("left", ["dataset"], "no purchase for 6 months"),
    ],
)
def test_leaving_is_told_by_what_the_data_know(target, domains, expected):
    version = {"target": target, "attrition_horizon": 6, "time_grain": "month"}
    assert words.leaving(version, domains) == expected
