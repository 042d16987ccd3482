"""Rows as XGBoost bins them, handed over part by part so that no copy of all of them is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrition.training.rows import Rows

if TYPE_CHECKING:
    import xgboost

PART_ROWS = 250_000


def quantile_matrix(
    rows: Rows, threads: int | None, ref: xgboost.QuantileDMatrix | None = None
) -> xgboost.QuantileDMatrix:
    """Return the binned matrix of rows.

    Args:
        rows: Of a fit, or of a validation.
        threads: Threads of XGBoost; none for all.
        ref: Whose bins to take; none for those of these rows.
    """
    import xgboost

    class Parts(xgboost.DataIter):
        start = 0

        def next(self, input_data: Callable[..., Any]) -> bool:
            if self.start >= len(rows):
                return False
            span = slice(self.start, self.start + PART_ROWS)
            self.start = span.stop
            weight = {} if rows.weight is None else {"weight": rows.weight[span]}
            input_data(data=rows.part(span), label=rows.is_attrition[span], **weight)
            return True

        def reset(self) -> None:
            self.start = 0

    return xgboost.QuantileDMatrix(Parts(), ref=ref, nthread=threads)
