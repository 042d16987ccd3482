"""Settings that suit a history of purchases."""

from datetime import date, timedelta

import pytest
from attrition.own_data.purchase_history import PurchaseHistory
from attrition.own_data.setting_proposal import propose_settings
from attrition.settings.loading import check_settings


def made(first: date, last: date, usual: float | None, **changes) -> PurchaseHistory:
    values = {
        "first_day": first,
        "last_day": last,
        "customer_count": 1000,
        "purchase_count": 5000,
        "repeating_count": 800,
        "usual_gap_days": usual,
        "days_per_unit": None,
        "largest_customer": "ann",
        "largest_share": 0.01,
        "doubtful_customers": (),
        "periods": (),
        "dense_month": first.strftime("%Y-%m"),
        **changes,
    }
    return PurchaseHistory(**values)


@pytest.mark.parametrize(
    ("last", "usual", "grain", "horizon"),
    [
        (date(2023, 12, 31), 80.0, "month", 3),
        (date(2023, 12, 31), 150.0, "month", 6),
        (date(2023, 12, 31), 14.0, "week", 2),
        (date(2020, 6, 30), 30.0, "week", 6),
        (date(2021, 6, 30), 700.0, "month", 6),
        (date(2023, 12, 31), None, "month", 12),
    ],
)
def test_the_horizon_fits_the_usual_gap_and_the_length_of_the_history(last, usual, grain, horizon):
    values, _ = propose_settings(made(date(2020, 1, 1), last, usual))
    assert (values["time_grain"], values["attrition_horizon"]) == (grain, horizon)


def test_a_long_history_is_judged_on_more_months_than_a_short_one():
    long, _ = propose_settings(made(date(2020, 1, 1), date(2023, 12, 31), 80.0))
    short, _ = propose_settings(made(date(2022, 7, 1), date(2023, 12, 31), 150.0))
    assert long["split"] == {"mode": "last_n_months", "months": 3}
    assert short["split"] == {"mode": "last_n_months", "months": 1}


@pytest.mark.parametrize(
    ("last", "split"),
    [
        (date(2021, 12, 31), {"mode": "last_n_months", "months": 3}),
        (date(2020, 7, 4), {"mode": "last_n_months", "months": 1}),
        (date(2020, 3, 24), {"mode": "last_n_buckets", "buckets": 3}),
        (date(2020, 2, 1), {"mode": "last_n_buckets", "buckets": 1}),
    ],
)
def test_weeks_are_judged_on_whole_months_of_them_where_enough_remain(last, split):
    values, reasons = propose_settings(made(date(2020, 1, 1), last, 14.0))
    assert values["time_grain"] == "week"
    assert values["split"] == split
    assert "month" not in reasons["split"] + reasons["population"] + reasons["lookback_windows"]


def test_the_others_follow_a_grain_and_a_horizon_that_are_given():
    history = made(date(2020, 1, 1), date(2023, 12, 31), 80.0)
    given = {"time_grain": "week", "attrition_horizon": 4}

    values, reasons = propose_settings(history, given=given)

    assert given.items() <= values.items()
    assert values["lookback_windows"] == [2, 4, 8]
    assert "the last 4 weeks" in reasons["population"]


def test_a_grain_that_is_given_gets_a_horizon_of_its_own():
    history = made(date(2020, 1, 1), date(2023, 12, 31), 80.0)
    values, _ = propose_settings(history, given={"time_grain": "week"})
    assert values["attrition_horizon"] == 13


def test_a_trickle_at_the_beginning_is_left_out():
    values, _ = propose_settings(
        made(date(1999, 1, 1), date(2023, 12, 31), 80.0, dense_month="2020-03")
    )
    assert values["start_month"] == "2020-03"


@pytest.mark.parametrize("usual", [None, 1.0, 40.0, 4000.0])
@pytest.mark.parametrize("days", [1, 40, 200, 1000, 9000])
def test_every_proposal_is_a_valid_setting(usual, days):
    values, reasons = propose_settings(
        made(date(2000, 1, 1), date(2000, 1, 1) + timedelta(days=days), usual)
    )
    check_settings(values)
    assert set(reasons) >= set(values)


def test_records_without_units_and_money_are_told_of_as_what_customers_do():
    history = made(date(2020, 1, 1), date(2023, 12, 31), 80.0, days_per_unit=3.0)
    shop, app = (propose_settings(history, has_units)[0] for has_units in (True, False))
    assert "words" not in shop
    assert "drop" not in shop
    assert app["words"] == {"event": "active day", "unit": "event", "line": "event"}
    assert app["drop"] == ["consumable_residual_days"]
    assert (
        check_settings({name: app[name] for name in ("words", "drop")}).words.product == "product"
    )
