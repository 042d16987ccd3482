import json
from typing import get_args

import numpy as np
import pytest
from attrition.settings.model import Settings
from attrition.training import calibration
from attrition.training.calibration import CALIBRATIONS, apply_calibration, fit_calibration
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression


def sample(count=3000, slope=1.0, intercept=0.0, seed=0):
    """Margins with outcomes whose log-odds are slope * margin + intercept, three per customer."""
    rng = np.random.default_rng(seed)
    margin = rng.normal(-0.5, 1.2, count)
    left = (rng.random(count) < expit(slope * margin + intercept)).astype(int)
    return margin, left, np.arange(count) // 3


def days(count):
    return np.full(count, np.datetime64("2024-01-01"))


def fit(method, margin, left, customers):
    return fit_calibration(method, margin, left, customers, days(len(margin)))


def apply(rule, margin):
    return apply_calibration(rule, margin, days(len(margin)))


def test_every_rule_can_be_set():
    values = get_args(Settings.model_fields["calibration"].annotation)
    assert values == ("auto", *CALIBRATIONS)


def test_every_rule_has_a_test_of_its_own():
    tested = {name.split("_")[1] for name in globals() if name.startswith("test_")}
    assert set(CALIBRATIONS) - tested == set()


def test_none_is_the_logistic_function():
    margin, left, customers = sample()
    rule = fit("none", margin, left, customers)
    np.testing.assert_allclose(apply(rule, margin), expit(margin), atol=1e-15)


def test_sigmoid_is_the_minimum_that_a_general_optimiser_finds():
    margin, left, customers = sample(slope=0.5, intercept=0.7)
    positives, negatives = left.sum(), len(left) - left.sum()
    target = np.where(left == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(line):
        logits = line[0] * margin + line[1]
        return np.sum(np.logaddexp(0, logits) - target * logits)

    expected = minimize(loss, [1.0, 0.0], tol=1e-10).x
    rule = fit("sigmoid", margin, left, customers)
    assert [rule["slope"], rule["intercept"]] == pytest.approx(expected.tolist(), abs=1e-4)
    np.testing.assert_allclose(
        apply(rule, margin), expit(expected[0] * margin + expected[1]), atol=1e-5
    )


def test_isotonic_equals_scikit_learn_after_json_also_outside_the_known_margins():
    margin, left, customers = sample()
    edge = 1 / (2 * (len(margin) + 1))
    expected = IsotonicRegression(y_min=edge, y_max=1 - edge, out_of_bounds="clip")
    expected.fit(margin, left)
    rule = json.loads(json.dumps(fit("isotonic", margin, left, customers)))
    asked = np.linspace(-8, 8, 1001)
    np.testing.assert_allclose(apply(rule, asked), expected.predict(asked), atol=1e-12)


@pytest.mark.parametrize("method", CALIBRATIONS)
def test_every_rule_rises_with_the_margin_and_is_never_certain(method):
    margin, left, customers = sample(slope=3)
    rule = fit(method, margin, left, customers)
    probability = apply(rule, np.linspace(-6, 6, 500))
    assert np.all(np.diff(probability) >= 0)
    assert probability.min() > 0
    assert probability.max() < 1


def test_auto_leaves_calibrated_margins_alone():
    assert fit("auto", *sample())["method"] == "none"


def test_auto_corrects_a_wrong_slope_with_a_sigmoid():
    assert fit("auto", *sample(slope=0.4, intercept=0.5))["method"] == "sigmoid"


def test_auto_takes_isotonic_where_no_sigmoid_fits():
    rng = np.random.default_rng(3)
    margin = rng.uniform(-3, 3, 6000)
    left = (rng.random(6000) < np.where(margin < 1, 0.1, 0.6)).astype(int)
    assert fit("auto", margin, left, np.arange(6000))["method"] == "isotonic"


def test_auto_predicts_a_customer_only_from_other_customers(monkeypatch):
    margin, left, customers = sample(600)
    fitted_on = []
    inner_fit = calibration._fit

    def watched(method, inner):
        fitted_on.append(set(np.flatnonzero(np.isin(margin, inner.margin))))
        return inner_fit(method, inner)

    monkeypatch.setattr(calibration, "_fit", watched)
    fit("auto", margin, left, customers)
    for rows in fitted_on[:-1]:
        inside = set(customers[sorted(rows)])
        outside = set(customers[sorted(set(range(600)) - rows)])
        assert outside
        assert not inside & outside


def test_auto_takes_a_more_flexible_rule_only_beyond_noise():
    few, many = (sample(count, slope=0.85, seed=4) for count in (400, 60_000))
    assert fit("auto", *few)["method"] == "none"
    assert fit("auto", *many)["method"] == "sigmoid"


def test_too_few_of_either_outcome_is_not_calibrated():
    margin, left, customers = sample(300)
    few = np.zeros_like(left)
    few[:49] = 1
    assert fit("isotonic", margin, few, customers) == {"method": "none"}
    assert fit("isotonic", margin, 1 - few, customers) == {"method": "none"}


def test_margins_that_fall_with_attrition_are_not_turned_around():
    margin, left, customers = sample()
    assert fit("sigmoid", -margin, left, customers) == {"method": "none"}


def test_separable_rows_have_a_finite_sigmoid():
    margin = np.linspace(-2, 2, 400)
    rule = fit("sigmoid", margin, (margin > 0).astype(int), np.arange(400))
    assert np.isfinite([rule["slope"], rule["intercept"]]).all()


def test_an_unknown_rule_is_an_error():
    with pytest.raises(ValueError, match="spline"):
        apply({"method": "spline"}, np.zeros(1))


def seasonal_sample(months=30, per_month=400, seed=3):
    """Margins that are right but for a shift of +1.5 in January to March of each year."""
    rng = np.random.default_rng(seed)
    dates = np.repeat(np.datetime64("2022-01") + np.arange(months), per_month)
    margin = rng.normal(-0.5, 1.0, len(dates))
    shift = np.where((dates.astype(int) % 12) < 3, 1.5, 0.0)
    left = (rng.random(len(dates)) < expit(margin + shift)).astype(int)
    customers = np.tile(np.arange(per_month), months)
    return margin, left, customers, dates.astype("datetime64[D]")


def test_seasonal_gives_each_month_the_intercept_of_its_newest_season():
    margin, left, customers, dates = seasonal_sample()
    rule = fit_calibration("seasonal", margin, left, customers, dates)
    for month, neighbours in ((8, (7, 8, 9)), (2, (1, 2, 3))):
        newest = {8: 2023, 2: 2024}[month]
        season = np.isin(
            dates.astype("datetime64[M]"),
            [np.datetime64(f"{newest}-{one:02d}") for one in neighbours],
        )
        found = minimize(
            lambda shift, scaled, labels: np.sum(
                np.logaddexp(0, scaled + shift) - labels * (scaled + shift)
            ),
            0.0,
            args=(rule["slope"] * margin[season], left[season]),
        ).x[0]
        assert rule["intercepts"][str(month)] == pytest.approx(found, abs=1e-4)


def test_seasonal_has_the_slope_of_a_fit_with_an_intercept_per_month():
    margin, left, customers, dates = seasonal_sample(months=12)
    month = dates.astype("datetime64[M]").astype(int) % 12

    def loss(values):
        logits = values[0] * margin + values[1:][month]
        return np.sum(np.logaddexp(0, logits) - left * logits)

    expected = minimize(loss, np.r_[1.0, np.zeros(12)], tol=1e-10).x[0]
    rule = fit_calibration("seasonal", 3 * margin, left, customers, dates)
    assert 3 * rule["slope"] == pytest.approx(expected, abs=1e-4)


def ramped_up(months=30):
    """The seasonal sample, but a tenth of the customers in the first year, all of whom leave."""
    margin, left, customers, dates = seasonal_sample(months)
    is_early = dates < np.datetime64("2022-06-01")
    kept = ~is_early | (customers < 40)
    left = np.where(is_early, 1, left)
    return margin[kept], left[kept], customers[kept], dates[kept]


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "seasonal", "auto"])
def test_snapshots_of_a_population_that_still_grows_are_left_out(method):
    given = ramped_up()
    grown = given[3] >= np.datetime64("2022-06-01")
    assert fit_calibration(method, *given) == fit_calibration(
        method, *(one[grown] for one in given)
    )


def test_what_is_left_beside_them_must_be_enough():
    margin, left, customers = sample(400)
    dates = np.where(customers < 115, np.datetime64("2024-01-01"), np.datetime64("2025-01-01"))
    few = np.where(customers < 115, left, 0)
    assert fit_calibration("sigmoid", margin, few, customers, dates)["method"] == "sigmoid"


def test_seasonal_predicts_a_year_later_better_than_one_line_for_all():
    margin, left, customers, dates = seasonal_sample()
    before = dates < np.datetime64("2023-07-01")
    next_winter = (dates >= np.datetime64("2024-01-01")) & (dates < np.datetime64("2024-04-01"))
    errors = {}
    for method in ("sigmoid", "seasonal"):
        rule = fit_calibration(
            method, margin[before], left[before], customers[before], dates[before]
        )
        probability = apply_calibration(rule, margin[next_winter], dates[next_winter])
        errors[method] = abs(probability.mean() - left[next_winter].mean())
    # the months at a season's edge share their intercept with a neighbour outside it
    assert errors["seasonal"] < 0.06
    assert errors["sigmoid"] > 0.1


def test_a_month_without_rows_gets_the_overall_intercept():
    margin, left, customers, dates = seasonal_sample(months=4)
    rule = fit_calibration("seasonal", margin, left, customers, dates)
    assert sorted(rule["intercepts"]) == ["1", "2", "3", "4"]
    summer = np.full(5, np.datetime64("2022-08-01"))
    probability = apply_calibration(rule, np.zeros(5), summer)
    np.testing.assert_allclose(probability, expit(rule["intercept"]))


def test_auto_takes_seasonal_when_the_year_before_says_so():
    margin, left, customers, dates = seasonal_sample()
    assert fit_calibration("auto", margin, left, customers, dates)["method"] == "seasonal"


def test_auto_does_not_judge_seasonal_without_a_year_before():
    margin, left, customers, dates = seasonal_sample(months=11)
    assert fit_calibration("auto", margin, left, customers, dates)["method"] != "seasonal"


def test_a_season_that_did_not_come_back_is_not_taken():
    rng = np.random.default_rng(8)
    dates = np.repeat(np.datetime64("2022-01") + np.arange(24), 400)
    margin = rng.normal(-0.5, 1.0, len(dates))
    shift = np.where(dates < np.datetime64("2022-04"), 1.5, 0.0)
    left = (rng.random(len(dates)) < expit(margin + shift)).astype(int)
    customers = np.tile(np.arange(400), 24)
    rule = fit_calibration("auto", margin, left, customers, dates.astype("datetime64[D]"))
    assert rule["method"] != "seasonal"


@pytest.mark.parametrize("method", ["isotonic", "auto"])
def test_margins_that_fall_with_attrition_do_not_become_one_probability(method):
    margin, left, customers = sample()
    assert fit(method, -margin, left, customers)["method"] != "isotonic"
