"""From feature columns to the matrix that boosters read, and back from columns to features.

Numbers and booleans become float32 with NaN for missing. A category becomes one 0/1 column per
level that training rows have; a level never seen in training, and a missing value, are zero in all
of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MAX_LEVELS = 64
PROFILE_LEVELS = 20
CATEGORY = "category"


@dataclass(frozen=True)
class Feature:
    """One feature: its name, its type (`numeric`, `boolean`, `category`), its known levels."""

    name: str
    data_type: str
    levels: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Number of matrix columns."""
        return len(self.levels) if self.data_type == CATEGORY else 1

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the matrix columns, `feature=level` for a category."""
        if self.data_type == CATEGORY:
            return tuple(f"{self.name}={level}" for level in self.levels)
        return (self.name,)


@dataclass(frozen=True)
class Preprocessing:
    """What was learnt from training rows: the features in order, with their levels."""

    features: tuple[Feature, ...]

    @property
    def width(self) -> int:
        """Number of columns of the matrix."""
        return sum(feature.width for feature in self.features)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features."""
        return tuple(feature.name for feature in self.features)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the matrix columns."""
        return tuple(name for feature in self.features for name in feature.column_names)

    def slices(self) -> dict[str, slice]:
        """Return where in the matrix the columns of each feature are."""
        stops = np.cumsum([feature.width for feature in self.features], dtype=int).tolist()
        return {
            feature.name: slice(stop - feature.width, stop)
            for feature, stop in zip(self.features, stops, strict=True)
        }

    def types(self) -> dict[str, str]:
        """Return the type with which each feature is read from the warehouse."""
        return feature_types({feature.name: feature.data_type for feature in self.features})

    def to_json(self) -> str:
        """Return a text that `from_json` reads back."""
        features = [
            {"feature": feature.name, "data_type": feature.data_type}
            | ({"levels": list(feature.levels)} if feature.data_type == CATEGORY else {})
            for feature in self.features
        ]
        return json.dumps({"features": features}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Preprocessing:
        """Read what `to_json` wrote."""
        return cls(
            tuple(
                Feature(one["feature"], one["data_type"], tuple(one.get("levels", ())))
                for one in json.loads(text)["features"]
            )
        )


def feature_types(data_types: Mapping[str, str]) -> dict[str, str]:
    """Map features to the type they are read with: categories as text, the rest as float32."""
    return {
        name: "text" if data_type == CATEGORY else "float32"
        for name, data_type in data_types.items()
    }


def fit_preprocessing(table: pa.Table, data_types: Mapping[str, str]) -> Preprocessing:
    """Learn the levels of categories from training rows.

    Args:
        table: Training rows; every feature is a column.
        data_types: Feature name to `numeric`, `boolean` or `category`, in matrix order.

    Returns:
        The preprocessing. Levels are sorted by name; beyond the `MAX_LEVELS` most frequent they are
        left out and read as unknown.
    """
    return Preprocessing(
        tuple(
            Feature(name, data_type, _levels(table[name]) if data_type == CATEGORY else ())
            for name, data_type in data_types.items()
        )
    )


def transform(preprocessing: Preprocessing, table: pa.Table) -> np.ndarray:
    """Return the matrix of a table: float32, shape (rows, `preprocessing.width`)."""
    matrix = np.zeros((table.num_rows, preprocessing.width), dtype=np.float32)
    for feature in preprocessing.features:
        columns = preprocessing.slices()[feature.name]
        if feature.data_type == CATEGORY:
            _fill_one_hot(matrix[:, columns], table[feature.name], feature.levels)
        else:
            matrix[:, columns.start] = numbers(table[feature.name])
    return matrix


def numbers(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """Return a numeric or boolean column as float32 of shape (rows,), NaN where missing."""
    values = pc.fill_null(pc.cast(column, pa.float32()), float("nan")).to_numpy()
    return np.where(np.isfinite(values), values, np.float32(np.nan))


def profile(preprocessing: Preprocessing, table: pa.Table) -> dict[str, Any]:
    """Describe the distribution of each feature, for later comparison with newer rows.

    Returns:
        Per feature `data_type` and `missing_share`; for a number its `deciles` (11 values from the
        smallest to the largest), else the `shares` of its most frequent values among known ones.
    """
    return {
        feature.name: {"data_type": feature.data_type} | _distribution(feature, table)
        for feature in preprocessing.features
    }


def _distribution(feature: Feature, table: pa.Table) -> dict[str, Any]:
    column = table[feature.name]
    if feature.data_type == CATEGORY:
        known = column.drop_null()
        shares = _frequencies(known)[:PROFILE_LEVELS]
        return {
            "missing_share": _share(len(column) - len(known), len(column)),
            "shares": {level: _share(count, len(known)) for level, count in shares},
        }
    values = numbers(column)
    known = values[~np.isnan(values)].astype(np.float64)
    missing = {"missing_share": _share(len(values) - len(known), len(values))}
    if feature.data_type == "boolean":
        true_share = _share(int(np.sum(known != 0)), len(known))
        return missing | {"shares": {"false": 1 - true_share, "true": true_share}}
    deciles = np.quantile(known, np.linspace(0, 1, 11)).tolist() if len(known) else []
    return missing | {"deciles": deciles}


def _levels(column: pa.ChunkedArray) -> tuple[str, ...]:
    return tuple(sorted(level for level, _ in _frequencies(column.drop_null())[:MAX_LEVELS]))


def _frequencies(column: pa.ChunkedArray) -> list[tuple[str, int]]:
    """Return distinct values with their counts, the most frequent first, then by name."""
    counted: Iterable[Mapping[str, Any]] = pc.value_counts(column).to_pylist()
    pairs = [(one["values"], one["counts"]) for one in counted]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def _fill_one_hot(matrix: np.ndarray, column: pa.ChunkedArray, levels: tuple[str, ...]) -> None:
    found = pc.index_in(column, value_set=pa.array(levels, type=column.type))
    positions = pc.fill_null(found, -1).to_numpy()
    known = np.flatnonzero(positions >= 0)
    matrix[known, positions[known]] = 1.0


def _share(count: int, total: int) -> float:
    return count / total if total else 0.0
