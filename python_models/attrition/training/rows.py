"""The rows that a booster is fitted on or judged by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Rows:
    """Rows for a booster, taken out of a matrix that holds others too only when they are asked for.

    Attributes:
        source: float32, shape (rows of the source, columns).
        is_attrition: 0 or 1, shape (rows,).
        directions: Monotone direction of each column (1, -1, 0); empty for none.
        weight: Weight of each row, shape (rows,), or none for 1.
        log_odds_shift: How much larger the log-odds of attrition are here than in the rows that
            these stand for.
        chosen: Positions of the rows in the source, shape (rows,), or none for all of it.
    """

    source: np.ndarray
    is_attrition: np.ndarray
    directions: tuple[int, ...] = ()
    weight: np.ndarray | None = None
    log_odds_shift: float = 0.0
    chosen: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.is_attrition)

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.source.shape[1]

    @cached_property
    def matrix(self) -> np.ndarray:
        """All of them, float32, shape (rows, columns): a copy where not all were chosen."""
        return self.part(slice(None))

    def part(self, which: slice | np.ndarray) -> np.ndarray:
        """Return the matrix of some of these rows."""
        return self.source[self.positions(which)]

    def column(self, at: int) -> np.ndarray:
        """Return a column of the matrix."""
        return self.source[self.positions(slice(None)), at]

    def positions(self, which: slice | np.ndarray) -> slice | np.ndarray:
        """Return where some of these rows are in the source."""
        return which if self.chosen is None else self.chosen[which]

    @property
    def attrition_share(self) -> float:
        """The weighted share of attritions."""
        return float(np.average(self.is_attrition, weights=self.weight))
