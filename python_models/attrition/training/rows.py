"""The rows that a booster is fitted on or judged by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rows:
    """Rows for a booster.

    Attributes:
        matrix: float32, shape (rows, columns).
        is_attrition: 0 or 1, shape (rows,).
        directions: Monotone direction of each column (1, -1, 0); empty for none.
        weight: Weight of each row, shape (rows,), or none for 1.
        log_odds_shift: How much larger the log-odds of attrition are here than in the rows that
            these stand for.
    """

    matrix: np.ndarray
    is_attrition: np.ndarray
    directions: tuple[int, ...] = ()
    weight: np.ndarray | None = None
    log_odds_shift: float = 0.0

    def __len__(self) -> int:
        return len(self.is_attrition)

    @property
    def attrition_share(self) -> float:
        """The weighted share of attritions."""
        return float(np.average(self.is_attrition, weights=self.weight))
