import json

import numpy as np
import pytest
from attrition.training import calibration
from attrition.training.calibration import apply_calibration, fit_calibration
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression


def sample(count=3000, slope=1.0, intercept=0.0, seed=0):
    """Margins with outcomes whose log-odds are slope * margin + intercept, three per customer."""
    rng = np.random.default_rng(seed)
    margin = rng.normal(-0.5, 1.2, count)
    left = (rng.random(count) < expit(slope * margin + intercept)).astype(int)
    return margin, left, np.arange(count) // 3


def test_none_is_the_logistic_function():
    margin, left, customers = sample()
    rule = fit_calibration("none", margin, left, customers)
    np.testing.assert_allclose(apply_calibration(rule, margin), expit(margin), atol=1e-15)


def test_sigmoid_is_the_minimum_that_a_general_optimiser_finds():
    margin, left, customers = sample(slope=0.5, intercept=0.7)
    positives, negatives = left.sum(), len(left) - left.sum()
    target = np.where(left == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(line):
        logits = line[0] * margin + line[1]
        return np.sum(np.logaddexp(0, logits) - target * logits)

    expected = minimize(loss, [1.0, 0.0], tol=1e-10).x
    rule = fit_calibration("sigmoid", margin, left, customers)
    assert [rule["slope"], rule["intercept"]] == pytest.approx(expected.tolist(), abs=1e-4)
    np.testing.assert_allclose(
        apply_calibration(rule, margin), expit(expected[0] * margin + expected[1]), atol=1e-5
    )


def test_isotonic_equals_scikit_learn_after_json_also_outside_the_known_margins():
    margin, left, customers = sample()
    edge = 1 / (2 * (len(margin) + 1))
    expected = IsotonicRegression(y_min=edge, y_max=1 - edge, out_of_bounds="clip")
    expected.fit(margin, left)
    rule = json.loads(json.dumps(fit_calibration("isotonic", margin, left, customers)))
    asked = np.linspace(-8, 8, 1001)
    np.testing.assert_allclose(apply_calibration(rule, asked), expected.predict(asked), atol=1e-12)


@pytest.mark.parametrize("method", ["none", "sigmoid", "isotonic"])
def test_every_rule_rises_with_the_margin_and_is_never_certain(method):
    margin, left, customers = sample(slope=3)
    rule = fit_calibration(method, margin, left, customers)
    probability = apply_calibration(rule, np.linspace(-6, 6, 500))
    assert np.all(np.diff(probability) >= 0)
    assert probability.min() > 0
    assert probability.max() < 1


def test_auto_leaves_calibrated_margins_alone():
    assert fit_calibration("auto", *sample())["method"] == "none"


def test_auto_corrects_a_wrong_slope_with_a_sigmoid():
    assert fit_calibration("auto", *sample(slope=0.4, intercept=0.5))["method"] == "sigmoid"


def test_auto_takes_isotonic_where_no_sigmoid_fits():
    rng = np.random.default_rng(3)
    margin = rng.uniform(-3, 3, 6000)
    left = (rng.random(6000) < np.where(margin < 1, 0.1, 0.6)).astype(int)
    assert fit_calibration("auto", margin, left, np.arange(6000))["method"] == "isotonic"


def test_auto_predicts_a_customer_only_from_other_customers(monkeypatch):
    margin, left, customers = sample(600)
    fitted_on = []
    fit = calibration._fit

    def watched(method, inner_margin, inner_left):
        fitted_on.append(set(np.flatnonzero(np.isin(margin, inner_margin))))
        return fit(method, inner_margin, inner_left)

    monkeypatch.setattr(calibration, "_fit", watched)
    fit_calibration("auto", margin, left, customers)
    for rows in fitted_on[:-1]:
        inside = set(customers[sorted(rows)])
        outside = set(customers[sorted(set(range(600)) - rows)])
        assert outside
        assert not inside & outside


def test_too_few_of_either_outcome_is_not_calibrated():
    margin, left, customers = sample(300)
    few = np.zeros_like(left)
    few[:49] = 1
    assert fit_calibration("isotonic", margin, few, customers) == {"method": "none"}
    assert fit_calibration("isotonic", margin, 1 - few, customers) == {"method": "none"}


def test_margins_that_fall_with_attrition_are_not_turned_around():
    margin, left, customers = sample()
    assert fit_calibration("sigmoid", -margin, left, customers) == {"method": "none"}


def test_separable_rows_have_a_finite_sigmoid():
    margin = np.linspace(-2, 2, 400)
    rule = fit_calibration("sigmoid", margin, (margin > 0).astype(int), np.arange(400))
    assert np.isfinite([rule["slope"], rule["intercept"]]).all()


def test_an_unknown_rule_is_an_error():
    with pytest.raises(ValueError, match="spline"):
        apply_calibration({"method": "spline"}, np.zeros(1))
