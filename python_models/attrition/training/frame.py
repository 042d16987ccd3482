"""The rows that training reads, as one ordered table with its preprocessing."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attrition.errors import AttritionError
from attrition.relation import ARROW_TYPES, Condition, Relation, Where
from attrition.training.preprocessing import (
    FeatureRule,
    Preprocessing,
    feature_types,
    fit_preprocessing,
    transform,
    write_features,
)
from attrition.training.rows import Rows

logger = logging.getLogger(__name__)

FRAME_COLUMNS = {
    "customer_id": "text",
    "as_of_date": "date",
    "is_attrition": "integer",
    "split": "text",
    "is_fit": "boolean",
    "is_refit": "boolean",
    "is_calibration_customer": "boolean",
}
ORDER = ("customer_id", "as_of_date")


@dataclass(frozen=True)
class Frame:
    """The labelled rows that training reads, ordered by customer and date.

    Attributes:
        table: Keys, labels, splits, and the features that the matrix does not hold as they came.
        preprocessing: What makes the matrix of the features.
        matrix: The boosters' input, float32 (rows, columns).
    """

    table: pa.Table
    preprocessing: Preprocessing
    matrix: np.ndarray

    @classmethod
    def of(cls, table: pa.Table, preprocessing: Preprocessing) -> Frame:
        """Return the frame of a table that has every feature."""
        return cls(table, preprocessing, transform(preprocessing, table))

    @cached_property
    def plain(self) -> dict[str, int]:
        """Features that the matrix holds as they came, and their columns."""
        slices = self.preprocessing.slices()
        return {
            feature.name: slices[feature.name].start
            for feature in self.preprocessing.features
            if feature.name not in self.table.column_names
        }

    @property
    def column_names(self) -> list[str]:
        """All columns that were read."""
        return [*self.table.column_names, *self.plain]

    def __getitem__(self, name: str) -> pa.ChunkedArray | pa.Array:
        """Return a column as it was read; a missing number may be NaN."""
        if name in self.plain:
            return pa.array(self.matrix[:, self.plain[name]])
        return self.table[name]

    def filter(self, mask: np.ndarray) -> Frame:
        """Return some rows."""
        return Frame(self.table.filter(pa.array(mask)), self.preprocessing, self.matrix[mask])

    @cached_property
    def is_attrition(self) -> np.ndarray:
        """Return the labels, 0 or 1, shape (rows,)."""
        return self.table["is_attrition"].to_numpy()

    @cached_property
    def as_of_dates(self) -> np.ndarray:
        """Return the dates, datetime64, shape (rows,)."""
        return self.table["as_of_date"].to_numpy()

    @cached_property
    def customers(self) -> np.ndarray:
        """Return an integer per row that stands for its customer."""
        return pc.rank(self.table["customer_id"], tiebreaker="dense").to_numpy()

    def in_split(self, name: str) -> np.ndarray:
        """Return which rows are in a split."""
        return pc.equal(self.table["split"], name).to_numpy()

    def flag(self, name: str) -> np.ndarray:
        """Return a boolean column; unknown is false."""
        return pc.fill_null(self.table[name], False).to_numpy()

    def rows(self, mask: np.ndarray) -> Rows:
        """Return some rows as a booster reads them."""
        chosen = np.flatnonzero(mask)
        directions = self.preprocessing.directions()
        return Rows(self.matrix, self.is_attrition[chosen], directions, chosen=chosen)

    def sample(self, mask: np.ndarray, most_rows: int, random_seed: int) -> np.ndarray:
        """Return which of some rows to read where about `most_rows` are enough: whole customers.

        A sample without both outcomes is none: then it is all of the rows.
        """
        count = int(np.sum(mask))
        if count <= most_rows:
            return mask
        draws = np.random.default_rng(random_seed).random(int(self.customers.max()) + 1)
        kept = mask & (draws[self.customers] < most_rows / count)
        return kept if len(np.unique(self.is_attrition[kept])) == 2 else mask

    def newest_date(self, mask: np.ndarray) -> dt.date:
        """Return the newest date among some rows."""
        return self.as_of_dates[mask].max().astype(object)


def selected_features(catalog: Relation) -> dict[str, FeatureRule]:
    """Return the selected features in alphabetical order with what is to be done with them."""
    selected = [row for row in catalog.rows() if row["is_selected"]]
    return {
        row["feature"]: FeatureRule(
            row["data_type"],
            row["imputation"],
            row["is_dummy"],
            row["monotone_direction"],
            row["original_name"],
        )
        for row in sorted(selected, key=lambda row: row["feature"])
    }


def read_frame(dataset: Relation, rules: Mapping[str, FeatureRule], max_rows: int) -> Frame:
    """Read labelled rows; preprocessing is fitted on those of split `train` alone.

    Plain numbers go batch by batch into the matrix: a table of them would take as much once more.

    Args:
        dataset: `modeling_dataset`.
        rules: Feature name to what is to be done with it.
        max_rows: About how many rows to read at most; whole customers are left out beyond it.
    """
    where, types = cap(dataset, max_rows), feature_types(rules)
    learnt_from = {name: kind for name, kind in types.items() if not rules[name].is_plain}
    training = [[*conditions, ("split", "==", "train")] for conditions in where]
    # nothing is learnt of the order of rows
    learnt = dataset.select(learnt_from, training) if learnt_from else pa.table({})
    preprocessing = fit_preprocessing(learnt, rules)
    slices, kept = preprocessing.slices(), {**FRAME_COLUMNS, **learnt_from}
    schema = pa.schema([(name, ARROW_TYPES[kind]) for name, kind in kept.items()])
    matrix = np.zeros((dataset.count(where), preprocessing.width), dtype=np.float32)
    tables, end = [schema.empty_table()], 0
    for batch in dataset.batches({**kept, **types}, where, ORDER):
        start, end = end, end + batch.num_rows
        _require_rows(end, len(matrix), at_most=True)
        write_features(preprocessing.features, batch, slices, matrix[start:end])
        # a copy: as long as one column of a batch is held, so are all
        tables.append(batch.select(list(kept)).take(np.arange(batch.num_rows)).cast(schema))
    _require_rows(end, len(matrix))
    return Frame(pa.concat_tables(tables), preprocessing, matrix)


def _require_rows(count: int, expected: int, *, at_most: bool = False) -> None:
    if count > expected or (count < expected and not at_most):
        raise AttritionError(
            f"modeling_dataset has {'more than ' * at_most}{count} labelled rows, expected the "
            f"{expected} that were counted a moment ago: something else writes to it. Build again."
        )


def cap(dataset: Relation, max_rows: int, period: Sequence[Condition] = ()) -> Where:
    """Return which labelled rows to read, with customers left out beyond `max_rows`.

    Calibration customers and the others are thinned by the same share, each by the smallest values
    of `customer_hash`. `period` holds further conditions of the rows.
    """
    groups: dict[str, list[Condition]] = {
        name: [("is_attrition", "is not", None), (name, "==", True), *period]
        for name in ("is_refit", "is_calibration_customer")
    }
    counts = {name: dataset.rows_by_hash([where]) for name, where in groups.items()}
    total = sum(sum(count) for _, count in counts.values())
    if total <= max_rows:
        return list(groups.values())
    logger.info("training reads about %d of %d labelled rows (max_rows)", max_rows, total)
    kept = {
        name: below_hash(prefixes, count, int(sum(count) * max_rows / total))
        for name, (prefixes, count) in counts.items()
    }
    return [[*where, *kept[name]] for name, where in groups.items()]


def below_hash(prefixes: Sequence[str], counts: Sequence[int], most: int) -> list[Condition]:
    """Return conditions on `customer_hash` that hold for at most `most` rows; none for all rows.

    Args:
        prefixes: First digits of hashes, ascending.
        counts: Rows of each prefix.
        most: Rows to keep.
    """
    reached = np.searchsorted(np.cumsum(counts), most, side="right")
    return [("customer_hash", "<", prefixes[reached])] if reached < len(prefixes) else []
