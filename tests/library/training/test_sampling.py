import numpy as np
import pytest
import training_fixture as fixture
import xgboost
from attrition.scoring.artefact import ModelVersion
from attrition.training.rows import Rows
from attrition.training.sampling import SAMPLINGS, balance, corrected
from attrition.training.search import fit_booster
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

PARAMETERS = {"max_depth": 2, "eta": 0.2, "min_child_weight": 1.0}


def rare_rows(count=20_000, share=0.08, seed=0):
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(count, 3)).astype("float32")
    chance = expit(logit(share) + matrix[:, 0])
    return Rows(matrix, (rng.random(count) < chance).astype(int), (1, 0, 0))


def counts(rows):
    return np.bincount(rows.is_attrition, weights=rows.weight, minlength=2)


@pytest.mark.parametrize("method", SAMPLINGS[1:])
@pytest.mark.parametrize("share", [0.08, 0.8])
def test_both_outcomes_weigh_the_same_afterwards(method, share):
    rows = rare_rows(share=share)
    stayed, left = counts(balance(rows, method, 1))
    assert left == pytest.approx(stayed, rel=1e-6)


def test_up_repeats_each_rare_row_about_equally_often_and_keeps_the_common_ones():
    rows = rare_rows(400)
    numbered = Rows(np.arange(400, dtype="float32")[:, None], rows.is_attrition)
    found = balance(numbered, "up", 1)
    times = np.bincount(found.matrix[:, 0].astype(int), minlength=400)
    assert set(times[rows.is_attrition == 0]) == {1}
    rare = times[rows.is_attrition == 1]
    assert rare.max() - rare.min() <= 1


def test_down_keeps_every_rare_row_and_invents_none():
    rows = rare_rows(400)
    numbered = Rows(np.arange(400, dtype="float32")[:, None], rows.is_attrition)
    kept = balance(numbered, "down", 1).matrix[:, 0].astype(int)
    assert set(np.flatnonzero(rows.is_attrition)) <= set(kept)
    assert len(kept) == len(set(kept))


def test_the_same_seed_takes_the_same_rows_and_another_seed_others():
    rows = rare_rows(2000)
    first, again, other = (balance(rows, "down", seed).matrix for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("method", ["none", "up", "down", "weight"])
def test_one_outcome_alone_stays_as_it_is(method):
    rows = Rows(np.zeros((5, 1), "float32"), np.zeros(5, dtype=int))
    assert balance(rows, method, 1) is rows


def test_an_unknown_method_is_an_error():
    with pytest.raises(ValueError, match="smote"):
        balance(rare_rows(10), "smote", 1)


@pytest.mark.parametrize("method", SAMPLINGS[1:])
def test_probabilities_come_back_to_the_true_share(method):
    rows, later = rare_rows(), rare_rows(seed=5)
    margins = {}
    for name in ("none", method):
        booster = fit_booster(balance(rows, name, 1), PARAMETERS, 60, 1, threads=1)
        loaded = xgboost.Booster(model_file=bytearray(booster))
        margins[name] = loaded.inplace_predict(later.matrix, predict_type="margin")
    assert expit(margins[method]).mean() == pytest.approx(later.is_attrition.mean(), rel=0.08)
    assert roc_auc_score(later.is_attrition, margins[method]) == pytest.approx(
        roc_auc_score(later.is_attrition, margins["none"]), abs=0.01
    )


def test_the_correction_moves_every_margin_by_the_shift():
    rows = rare_rows(3000)
    plain = fit_booster(rows, PARAMETERS, 20, 1, threads=1)
    moved = corrected(plain, 1.25)
    before, after = (
        xgboost.Booster(model_file=bytearray(one)).inplace_predict(
            rows.matrix, predict_type="margin"
        )
        for one in (plain, moved)
    )
    np.testing.assert_allclose(before - after, 1.25, atol=1e-5)
    assert corrected(plain, 0.0) == plain


@pytest.mark.parametrize("method", SAMPLINGS[1:])
def test_a_version_trained_on_balanced_rows_is_as_calibrated_as_one_that_is_not(method):
    row = fixture.train(
        sampling=method, calibration="none", hyperparameters={"num_round": 60, "max_depth": 2}
    )
    assert row["judged_booster"] != fixture.trained()["judged_booster"]
    table = fixture.dataset()
    labelled = table.filter(table["is_fit"])
    probability = ModelVersion.from_row(row).predict_probability(labelled, "judged")
    assert probability.mean() == pytest.approx(labelled["is_attrition"].to_numpy().mean(), abs=0.02)
