"""The calibration error that no model gets below: a perfect one has it too."""

from collections.abc import Sequence

import numpy as np

from benchmarks.measures import bins_of

DRAWS = 200
DRAWS_SEED = 0


def ece_of_perfect_models(predictions: Sequence[np.ndarray]) -> float:
    """Return the mean over the seeds, as the calibration error itself is one."""
    return float(np.mean([ece_of_a_perfect_model(probability) for probability in predictions]))


def ece_of_a_perfect_model(probability: np.ndarray, draws: int = DRAWS) -> float:
    """Return the calibration error to expect where every probability is exactly true.

    The error of a bin is |sum of (p - y)| over the number of all rows. Were each p true, y would
    be 1 with probability p, and the sum would not be 0 but spread around it with variance
    sum of p (1 - p): near sqrt(2 / pi * variance) in the mean of its absolute value. So even a
    perfect model has an error, which shrinks with the square root of the number of rows. Here
    outcomes are drawn from the system's own probabilities, so that small bins, which are not
    normal, count as they are; the figure is the mean over the draws.

    Outcomes are drawn independently. Where a customer has several test rows with overlapping
    windows, their outcomes go together, and a perfect model would have a little more than this.
    """
    rng = np.random.default_rng(DRAWS_SEED)
    bins = bins_of(probability)
    gaps = np.zeros(draws)
    for one in np.unique(bins):
        own = probability[bins == one]
        happened = (rng.random((draws, len(own))) < own).sum(axis=1)
        gaps += np.abs(own.sum() - happened)
    return float(gaps.mean() / len(probability))
