"""The probability from which a customer counts as leaving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from attrition.training.metrics import f1_by_threshold


def choose_threshold(
    setting: Mapping[str, Any],
    probability: np.ndarray,
    is_attrition: np.ndarray,
    snapshot: np.ndarray,
    population_size: int,
) -> float:
    """Return the threshold of the decision `probability >= threshold`.

    - `f1`: the probability with the largest F1, the higher of two that tie.
    - `fixed`: the given value.
    - `cost`: a contact gains `probability * success_rate * value_of_customer` and costs
      `cost_of_contact`; the threshold is where the two are equal.
    - `capacity`: `n` customers of the population are to be at or above the threshold. The rows of
      the newest snapshot stand for the population, so of its m rows the one at rank
      n * m / `population_size` (rounded, at least 1) gives the threshold; 0 when n covers all.

    Args:
        setting: The setting `threshold`.
        probability: Calibrated probabilities of rows that no fit saw, shape (rows,).
        is_attrition: 0 or 1, shape (rows,).
        snapshot: As-of date of each row, any sortable type.
        population_size: Customers to be scored.

    Raises:
        ValueError: The mode is unknown.
    """
    mode = setting["mode"]
    if mode == "f1":
        thresholds, gains = f1_by_threshold(probability, is_attrition)
        return float(thresholds[np.argmax(gains)])
    if mode == "fixed":
        return float(setting["value"])
    if mode == "cost":
        return setting["cost_of_contact"] / (setting["success_rate"] * setting["value_of_customer"])
    if mode == "capacity":
        newest = np.sort(probability[snapshot == snapshot.max()])[::-1]
        return _nth_highest(newest, setting["n"], population_size)
    raise ValueError(f"threshold mode {mode!r}; known are f1, fixed, cost, capacity")


def _nth_highest(descending: np.ndarray, capacity: int, population_size: int) -> float:
    if capacity >= population_size:
        return 0.0
    rank = max(1, round(capacity * len(descending) / population_size))
    limit = descending[rank - 1]
    if np.count_nonzero(descending >= limit) > rank:
        # customers with one probability cannot be told apart: take none of them
        higher = descending[descending > limit]
        return float(higher[-1]) if len(higher) else float(np.nextafter(limit, np.inf))
    return float(limit)
