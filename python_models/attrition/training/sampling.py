"""Balancing the rows of a fit, and taking the distortion back out of the booster.

Only rows that a booster is fitted on are balanced; rows that judge or calibrate are as they came.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np

from attrition.training.metrics import expit
from attrition.training.rows import Rows

SAMPLINGS = ("none", "up", "down", "weight")


def balance(rows: Rows, method: str, random_seed: int) -> Rows:
    """Return rows in which both outcomes weigh the same, with how far that shifts the log-odds.

    - `up` repeats rows of the rarer outcome, each as often as any other or once more;
    - `down` leaves out rows of the commoner outcome;
    - `weight` gives each row of the rarer outcome the weight that makes up for its rarity.

    Args:
        rows: Rows of a fit; with one outcome only they are returned as they are.
        method: One of `SAMPLINGS`.
        random_seed: Decides which rows are repeated once more or left out.

    Raises:
        ValueError: The method is unknown.
    """
    if method not in SAMPLINGS:
        raise ValueError(f"sampling {method!r}; known are {', '.join(SAMPLINGS)}")
    is_rare = rows.is_attrition == (1 if 2 * np.sum(rows.is_attrition) <= len(rows) else 0)
    rare, common = np.flatnonzero(is_rare), np.flatnonzero(~is_rare)
    if method == "none" or not len(rare) or len(rare) == len(common):
        return rows
    shift = _log_odds_shift(rows.is_attrition)
    if method == "weight":
        weight = np.where(is_rare, np.float32(len(common) / len(rare)), np.float32(1))
        return replace(rows, weight=weight, log_odds_shift=shift)
    rng = np.random.default_rng(random_seed)
    if method == "up":
        times, more = divmod(len(common), len(rare))
        once_more = rng.permutation(rare)[:more]
        kept = np.concatenate([common, np.repeat(rare, times), once_more])
    else:
        kept = np.concatenate([rare, rng.permutation(common)[: len(rare)]])
    kept = np.sort(kept, kind="stable")
    return Rows(
        rows.source,
        rows.is_attrition[kept],
        rows.directions,
        log_odds_shift=shift,
        chosen=rows.positions(kept),
    )


def corrected(booster: bytes, log_odds_shift: float) -> bytes:
    """Return a booster whose margins are those for the true share of attritions.

    The shift of the log-odds is taken off the booster's base score, so whatever reads the booster,
    also in SQL, needs to know nothing about sampling. Source: G. King and L. Zeng (2001),
    "Logistic regression in rare events data", Political Analysis 9, 137-163, prior correction.

    Args:
        booster: Bytes of a booster (UBJSON) that was fitted on balanced rows.
        log_odds_shift: How much larger the log-odds of attrition are in those rows.
    """
    import xgboost

    if not log_odds_shift:
        return booster
    loaded = xgboost.Booster(model_file=bytearray(booster))
    model = json.loads(loaded.save_raw("json"))
    parameters = model["learner"]["learner_model_param"]
    share = float(json.loads(parameters["base_score"])[0])
    true_share = float(expit(np.array(math.log(share / (1 - share)) - log_odds_shift)))
    parameters["base_score"] = json.dumps([true_share])
    fixed = xgboost.Booster(model_file=bytearray(json.dumps(model).encode()))
    return bytes(fixed.save_raw("ubj"))


def _log_odds_shift(is_attrition: np.ndarray) -> float:
    """Return minus the log-odds of attrition: both outcomes weigh the same after balancing."""
    attritions = int(np.sum(is_attrition))
    return -math.log(attritions / (len(is_attrition) - attritions))
