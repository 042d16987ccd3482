"""From feature columns to the matrix that boosters read, and back from columns to features.

Numbers and booleans become float32 with NaN for missing. A feature that is encoded as dummies
becomes one 0/1 column per level that training rows have; a level never seen in training, and a
missing value, are zero in all of them. A category that is not becomes one column with the rank of
its level among the training rows' most common ones, 0 first, NaN for other levels. Missing values
are filled first where the feature is to be imputed. All of it is learnt from training rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MAX_LEVELS = 64
PROFILE_LEVELS = 20
CATEGORY = "category"


NUMBER, DUMMY, RANK = ENCODINGS = ("number", "dummy", "rank")
FORMAT = 1
"""Raised when `Preprocessing.to_json` changes so that an older library would misread it."""


@dataclass(frozen=True)
class FeatureRule:
    """What is to be done with a feature, before anything is learnt from rows.

    Attributes:
        data_type: `numeric`, `boolean` or `category`.
        imputation: What a missing value becomes: none, median, mean, zero, most_frequent.
        is_dummy: Whether each level gets a column; by default for categories alone.
        monotone_direction: 1 where risk may only rise with the value, -1 only fall, 0 either.
        original_name: Its name before `rename_cols`, where that is known.
    """

    data_type: str
    imputation: str = "none"
    is_dummy: bool | None = None
    monotone_direction: int = 0
    original_name: str = ""

    def __post_init__(self) -> None:
        if self.is_dummy is None:
            object.__setattr__(self, "is_dummy", self.data_type == CATEGORY)

    @property
    def is_plain(self) -> bool:
        """Whether the matrix holds the feature as it is, so that nothing is learnt from rows."""
        return self.encoding == NUMBER and self.imputation == "none"

    @property
    def encoding(self) -> str:
        """How the feature enters the matrix, one of `ENCODINGS`."""
        if self.is_dummy:
            return DUMMY
        return RANK if self.data_type == CATEGORY else NUMBER


@dataclass(frozen=True)
class Feature:
    """One feature with what training rows taught: its levels, and what stands for missing.

    Attributes:
        levels: For dummies the levels by name, for ranks the most common first. Levels of a number
            are its values in nine digits.
        fill: The number or level that stands for a missing value; none leaves it missing.
    """

    name: str
    rule: FeatureRule
    levels: tuple[str, ...] = ()
    fill: float | str | None = None

    @property
    def data_type(self) -> str:
        """`numeric`, `boolean` or `category`."""
        return self.rule.data_type

    @property
    def width(self) -> int:
        """Number of matrix columns."""
        return len(self.levels) if self.rule.encoding == DUMMY else 1

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the matrix columns, `feature=level` for dummies."""
        if self.rule.encoding == DUMMY:
            return tuple(f"{self.name}={level}" for level in self.levels)
        return (self.name,)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, without those that say nothing."""
        rule, written = self.rule, {"feature": self.name, "data_type": self.data_type}
        if rule.encoding != NUMBER:
            written |= {"encoding": rule.encoding, "levels": list(self.levels)}
        if rule.imputation != "none":
            written |= {"imputation": rule.imputation, "fill": self.fill}
        if rule.monotone_direction:
            written["monotone_direction"] = rule.monotone_direction
        return written

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Feature:
        """Read what `as_dict` wrote."""
        data_type = written["data_type"]
        default = DUMMY if data_type == CATEGORY else NUMBER
        encoding = written.get("encoding", default)
        if encoding not in ENCODINGS:
            raise ValueError(f"encoding {encoding!r} of feature {written['feature']}")
        rule = FeatureRule(
            data_type,
            imputation=written.get("imputation", "none"),
            is_dummy=encoding == DUMMY,
            monotone_direction=written.get("monotone_direction", 0),
        )
        return cls(written["feature"], rule, tuple(written.get("levels", ())), written.get("fill"))


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

    def directions(self) -> tuple[int, ...]:
        """Return the monotone direction of each matrix column; dummies and ranks are free."""
        return tuple(
            feature.rule.monotone_direction if feature.rule.encoding == NUMBER else 0
            for feature in self.features
            for _ in range(feature.width)
        )

    def rules(self) -> dict[str, FeatureRule]:
        """Return what is done with each feature, to learn the same from other rows."""
        return {feature.name: feature.rule for feature in self.features}

    def types(self) -> dict[str, str]:
        """Return the type with which each feature is read from the warehouse."""
        return feature_types(self.rules())

    def to_json(self) -> str:
        """Return a text that `from_json` reads back."""
        features = [feature.as_dict() for feature in self.features]
        return json.dumps({"format": FORMAT, "features": features}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Preprocessing:
        """Read what `to_json` wrote.

        Raises:
            ValueError: A later version of this library wrote it.
        """
        written = json.loads(text)
        if written.get("format", FORMAT) > FORMAT:
            raise ValueError(f"its preprocessing has format {written['format']}, newer than known")
        return cls(tuple(Feature.from_dict(one) for one in written["features"]))


def feature_types(rules: Mapping[str, FeatureRule]) -> dict[str, str]:
    """Map features to the type they are read with: categories as text, the rest in float32."""
    kinds = {CATEGORY: "text", "boolean": "flag"}
    return {name: kinds.get(rule.data_type, "float32") for name, rule in rules.items()}


def fit_preprocessing(table: pa.Table, rules: Mapping[str, FeatureRule]) -> Preprocessing:
    """Learn levels and what stands for missing values from training rows.

    Args:
        table: Training rows; every feature is a column, but for plain ones.
        rules: Feature name to rule, in matrix order.

    Returns:
        The preprocessing. Beyond the `MAX_LEVELS` most frequent, levels are left out and read as
        unknown. A feature without any known value is not filled.
    """
    return Preprocessing(
        tuple(
            Feature(name, rule) if rule.is_plain else _fit_feature(name, rule, table[name])
            for name, rule in rules.items()
        )
    )


def _fit_feature(name: str, rule: FeatureRule, column: pa.ChunkedArray) -> Feature:
    fill = _fill(rule, column)
    if rule.encoding == NUMBER:
        return Feature(name, rule, fill=fill)
    filled = _filled_levels(rule, column, fill)
    common = [level for level, _ in _frequencies(filled.drop_null())[:MAX_LEVELS]]
    levels = tuple(common) if rule.encoding == RANK else tuple(sorted(common, key=_level_order))
    return Feature(name, rule, levels, fill)


def _fill(rule: FeatureRule, column: pa.ChunkedArray) -> float | str | None:
    """Return what stands for a missing value, or None where that cannot be known."""
    if rule.imputation == "none":
        return None
    if rule.data_type == CATEGORY:
        counted = _frequencies(column.drop_null())
        return counted[0][0] if counted else None
    values = numbers(column)
    known = np.sort(values[~np.isnan(values)].astype(np.float64))
    if not len(known):
        return None
    if rule.imputation == "most_frequent":
        distinct, counts = np.unique(known, return_counts=True)
        return float(distinct[np.argmax(counts)])
    chosen = {"median": np.median, "mean": np.mean, "zero": lambda _: 0.0}[rule.imputation]
    return float(np.float32(chosen(known)))


def transform(preprocessing: Preprocessing, table: pa.Table) -> np.ndarray:
    """Return the matrix of a table: float32, shape (rows, `preprocessing.width`)."""
    matrix = np.zeros((table.num_rows, preprocessing.width), dtype=np.float32)
    write_features(preprocessing.features, table, preprocessing.slices(), matrix)
    return matrix


def write_features(
    features: Iterable[Feature], table: pa.Table, slices: Mapping[str, slice], matrix: np.ndarray
) -> None:
    """Write the columns of some features into a matrix of zeros.

    Args:
        features: What to write.
        table: It has these features.
        slices: Where in the matrix the columns of a feature are.
        matrix: float32, one row for each of the table.
    """
    for feature in features:
        columns, column = slices[feature.name], table[feature.name]
        if feature.rule.encoding == NUMBER:
            matrix[:, columns.start] = _filled_numbers(column, feature.fill)
            continue
        positions = _positions(feature, column)
        if feature.rule.encoding == RANK:
            matrix[:, columns.start] = np.where(positions < 0, np.nan, positions)
        else:
            known = np.flatnonzero(positions >= 0)
            matrix[known, columns.start + positions[known]] = 1.0


def _positions(feature: Feature, column: pa.ChunkedArray) -> np.ndarray:
    """Return the position of each row's level among the known ones, -1 for others."""
    filled = _filled_levels(feature.rule, column, feature.fill)
    found = pc.index_in(filled, value_set=pa.array(feature.levels, type=pa.string()))
    return pc.fill_null(found, -1).to_numpy()


def _filled_levels(
    rule: FeatureRule, column: pa.ChunkedArray, fill: float | str | None
) -> pa.ChunkedArray:
    """Return a column as levels in text, missing ones filled."""
    if rule.data_type == CATEGORY:
        levels = column.cast(pa.string())
        return levels if fill is None else pc.fill_null(levels, fill)
    # adding zero makes one zero of the two that floats have
    numbers_known = _filled_numbers(column, fill) + np.float32(0)
    values, inverse = np.unique(numbers_known, return_inverse=True)
    texts = [None if np.isnan(value) else f"{value:.9g}" for value in values]
    return pa.chunked_array([pa.array(texts, pa.string()).take(pa.array(inverse))])


def _filled_numbers(column: pa.ChunkedArray, fill: float | str | None) -> np.ndarray:
    values = numbers(column)
    return values if fill is None else np.where(np.isnan(values), np.float32(fill), values)


def _level_order(level: str) -> tuple[float, str]:
    """Order levels that are numbers by value, others by name."""
    try:
        return float(level), level
    except ValueError:
        return float("inf"), level


def numbers(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """Return a numeric or boolean column as float32 of shape (rows,), NaN where missing."""
    values = pc.cast(column, pa.float32()).to_numpy(zero_copy_only=False)
    is_infinite = np.isinf(values)
    return np.where(is_infinite, np.float32(np.nan), values) if is_infinite.any() else values


class Columns(Protocol):
    """Columns by name."""

    def __getitem__(self, name: str) -> pa.ChunkedArray | pa.Array:
        """Return a column."""


def profile(preprocessing: Preprocessing, columns: Columns) -> dict[str, Any]:
    """Describe the distribution of each feature, for later comparison with newer rows.

    Args:
        preprocessing: It names the features.
        columns: Gives the column of a feature, as a table does.

    Returns:
        Per feature `data_type` and `missing_share`; for a number its `deciles` (11 values from the
        smallest to the largest), else the `shares` of its most frequent values among known ones.
    """
    return {
        feature.name: {"data_type": feature.data_type}
        | _distribution(feature, columns[feature.name])
        for feature in preprocessing.features
    }


def _distribution(feature: Feature, column: pa.ChunkedArray | pa.Array) -> dict[str, Any]:
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


def _frequencies(column: pa.ChunkedArray) -> list[tuple[str, int]]:
    """Return distinct values with their counts, the most frequent first, then by name."""
    counted: Iterable[Mapping[str, Any]] = pc.value_counts(column).to_pylist()
    pairs = [(one["values"], one["counts"]) for one in counted]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def _share(count: int, total: int) -> float:
    return count / total if total else 0.0
