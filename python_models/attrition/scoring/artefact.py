"""A model version read back from its row: predicting, deciding, explaining.

A version is one row of `attrition_model_artefacts`. Nothing in it is executable: boosters are bytes
in XGBoost's own format, all the rest is JSON and numbers.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attrition import __version__
from attrition.errors import AttritionError
from attrition.training.blend import Blend
from attrition.training.calibration import CALIBRATIONS, apply_calibration
from attrition.training.linear import LinearModel
from attrition.training.preprocessing import CATEGORY, Feature, Preprocessing, numbers, transform

logger = logging.getLogger(__name__)

FITS = ("search", "judged", "serving")
EXPLAINED_AT_ONCE = 32_768
UNKNOWN_VALUE = "unknown"
LEAST_SHARE = 0.01
"""What moves a margin by less than this share of all that moves it is no reason."""
SENSITIVE_TIER = 2
ReasonRules = Mapping[str, Sequence[Any]]
"""Feature name to its reason group and tier."""
_DECIMALS = pa.array(["", *(f".{rest:02d}".rstrip("0") for rest in range(1, 100))])


class MissingFeaturesError(AttritionError):
    """The dataset lacks features that a model version was trained on."""

    def __init__(self, version_id: str, missing: Sequence[str]) -> None:
        self.version_id = version_id
        self.missing = tuple(missing)
        super().__init__(
            f"model version {version_id} needs features that modeling_dataset does not have: "
            f"{', '.join(self.missing)}. Set `feature_domains`, `lookback_windows` and "
            "`rename_cols` as they were, take the pin (`champion_version`) or `retrain: never` "
            "away, or promote another version."
        )


class UnreadableVersionError(AttritionError):
    """A model version that this library or its XGBoost cannot read."""

    def __init__(self, version_id: str, written_by: str, cause: Exception) -> None:
        import xgboost

        said = str(cause).strip().splitlines()
        reason = f"{type(cause).__name__}: {said[0] if said else 'no reason given'}"
        super().__init__(
            f"model version {version_id} was written by {written_by} and cannot be read by "
            f"attrition {__version__} with XGBoost "
            f"{xgboost.__version__} ({reason[:200]}). Install what wrote it, or promote or pin "
            "another version."
        )


@dataclass(frozen=True)
class Reasons:
    """Why rows score as they do, in log-odds.

    Attributes:
        base_value: Margin of a row about which nothing is known, shape (rows,).
        contributions: Exact TreeSHAP and linear terms per feature, shape (rows, features).
        top: Positions of features in `features`, shape (rows, k), in the order of `telling`; -1
            where a row has fewer reasons.
        features: Names of the features.
    """

    base_value: np.ndarray
    contributions: np.ndarray
    top: np.ndarray
    features: tuple[str, ...]

    def top_contributions(self) -> np.ndarray:
        """Return the contributions of the reasons, shape (rows, k), NaN where there is none."""
        picked = np.take_along_axis(self.contributions, np.maximum(self.top, 0), axis=1)
        return np.where(self.top >= 0, picked, np.nan)


@dataclass(frozen=True)
class ModelVersion:
    """One model version: its three fits, preprocessing, calibration, threshold, split rule.

    Attributes:
        fits: `search`, `judged` and `serving`: boosted trees and linear models with weights.
        baseline_thresholds: Name of each linear model to the threshold of its own decisions.
    """

    version_id: str
    preprocessing: Preprocessing
    fits: Mapping[str, Blend]
    calibrations: Mapping[str, Mapping[str, Any]]
    decision_threshold: float
    split_rule: Mapping[str, Any]
    baseline_thresholds: Mapping[str, float]
    written_by: str = "an unknown library"

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> ModelVersion:
        """Read a row of `attrition_model_artefacts`, keys in lower case.

        The search's fit uses the judged calibration: both see log-odds on the same scale, and one
        threshold then serves for all rows.

        Raises:
            UnreadableVersionError: Another version of the library wrote it in another way.
        """
        written_by = f"attrition {row['library_version']} with XGBoost {row['xgboost_version']}"
        try:
            return cls._read(row, written_by)
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableVersionError(row["version_id"], written_by, error) from error

    @classmethod
    def _read(cls, row: Mapping[str, Any], written_by: str) -> ModelVersion:
        judged = json.loads(row["judged_calibration"])
        serving = json.loads(row["serving_calibration"])
        for rule in (judged, serving):
            if rule["method"] not in CALIBRATIONS:
                raise ValueError(f"calibration method {rule['method']}")
        for name in FITS:
            # XGBoost ends the process on nothing
            if not row[f"{name}_booster"]:
                raise ValueError(f"its {name} booster is empty")
        weights, baselines = json.loads(row["weights"]), json.loads(row["baselines"])
        return cls(
            version_id=row["version_id"],
            preprocessing=Preprocessing.from_json(row["preprocessing"]),
            fits={
                fit: Blend(
                    bytes(row[f"{fit}_booster"]),
                    {name: LinearModel.from_dict(one[fit]) for name, one in baselines.items()},
                    weights,
                )
                for fit in FITS
            },
            calibrations={
                "search": judged,
                "judged": judged,
                "serving": serving,
            },
            decision_threshold=float(row["decision_threshold"]),
            split_rule=json.loads(row["split_rule"]),
            baseline_thresholds={
                name: float(one["decision_threshold"]) for name, one in baselines.items()
            },
            written_by=written_by,
        )

    def require(self, columns: Iterable[str]) -> None:
        """Check that a dataset with these columns has every feature.

        Raises:
            MissingFeaturesError: It names the features that are missing.
        """
        present = set(columns)
        missing = [name for name in self.preprocessing.names if name not in present]
        if missing:
            raise MissingFeaturesError(self.version_id, missing)

    def check(self) -> None:
        """Load every booster, so that an unreadable one is known before anything is predicted.

        Raises:
            UnreadableVersionError: XGBoost cannot read one of them.
        """
        import xgboost

        try:
            for fit in self.fits.values():
                _ = fit.trees
        except xgboost.core.XGBoostError as error:
            raise UnreadableVersionError(self.version_id, self.written_by, error) from error

    def matrix(self, table: pa.Table) -> np.ndarray:
        """Return the input of a fit for a table with every feature."""
        self.require(table.column_names)
        return transform(self.preprocessing, table)

    def predict_margin(self, table: pa.Table, which: str = "serving") -> np.ndarray:
        """Return log-odds of one of the fits (`search`, `judged`, `serving`), shape (rows,)."""
        return self.margin_of(self.matrix(table), which)

    def predict_probability(self, table: pa.Table, which: str = "serving") -> np.ndarray:
        """Return calibrated probabilities of one of the fits, shape (rows,)."""
        return self.probability_of(self.matrix(table), table["as_of_date"].to_numpy(), which)

    def margin_of(self, matrix: np.ndarray, which: str) -> np.ndarray:
        """Return log-odds for a matrix, shape (rows,)."""
        return self._readable(which).margin(matrix)

    def probability_of(self, matrix: np.ndarray, as_of_dates: np.ndarray, which: str) -> np.ndarray:
        """Return calibrated probabilities for a matrix and the dates of its rows, shape (rows,)."""
        rule = self.calibrations[which]
        return apply_calibration(rule, self.margin_of(matrix, which), as_of_dates)

    def decide(self, probability: np.ndarray) -> np.ndarray:
        """Return 1 where the probability reaches the threshold, else 0, shape (rows,)."""
        return (probability >= self.decision_threshold).astype(np.int32)

    def baseline_probability(self, name: str, matrix: np.ndarray, which: str) -> np.ndarray:
        """Return the probabilities of a linear model of one of the fits, shape (rows,)."""
        return self.fits[which].linears[name].probability(matrix)

    def baseline_decision(self, name: str, probability: np.ndarray) -> np.ndarray:
        """Return 1 where a baseline's probability reaches its own threshold, else 0."""
        return (probability >= self.baseline_thresholds[name]).astype(np.int32)

    def explain(
        self,
        table: pa.Table,
        reason_rules: ReasonRules,
        k: int = 5,
        which: str = "serving",
    ) -> Reasons:
        """Return exact contributions and the k strongest reasons to leave.

        Contributions are summed over the one-hot columns of a category. Which of them are reasons
        says `telling`; of a reason group only the strongest feature is named.

        Args:
            table: Rows with every feature.
            reason_rules: Feature name to group and tier; a feature that is not named is a group of
                its own, of the first tier.
            k: Number of reasons.
            which: The fit to explain.
        """
        return self.reasons_of(self.matrix(table), reason_rules, k, which)

    def reasons_of(
        self, matrix: np.ndarray, reason_rules: ReasonRules, k: int, which: str
    ) -> Reasons:
        """Return what `explain` returns, for a matrix."""
        slices = self.preprocessing.slices()
        contributions = np.zeros((len(matrix), len(slices)))
        base_value = np.zeros(len(matrix))
        for start in range(0, len(matrix), EXPLAINED_AT_ONCE):
            rows = slice(start, start + EXPLAINED_AT_ONCE)
            raw = self._readable(which).contributions(matrix[rows])
            for position, columns in enumerate(slices.values()):
                contributions[rows, position] = raw[:, columns].sum(axis=1)
            base_value[rows] = raw[:, -1]
        rules = [reason_rules.get(name) or (name, 0) for name in slices]
        groups, tiers = [group for group, _ in rules], [tier for _, tier in rules]
        top = strongest(telling(contributions, groups, tiers), groups, k)
        return Reasons(base_value, contributions, top, tuple(slices))

    def _readable(self, which: str) -> Blend:
        self.check()
        return self.fits[which]


def reason_tier(feature: Mapping[str, Any]) -> int:
    """Return how much a feature of `attrition_feature_catalog` helps who talks to a customer.

    Returns:
        0 where something can be done about it, 1 where not, `SENSITIVE_TIER` where it is sensitive.
    """
    return SENSITIVE_TIER if feature["is_sensitive"] else int(not feature["is_actionable"])


def telling(contributions: np.ndarray, groups: Sequence[str], tiers: Sequence[int]) -> np.ndarray:
    """Return in which order contributions are told to a person as reasons to leave.

    Such a contribution raises the margin, as its whole group does, by no less than a hundredth of
    all that moves the margin up or down. The lower tier comes first, and in a tier the larger one;
    of the last tier one is told only where there is no other in the row.

    Args:
        contributions: Shape (rows, features).
        groups: The group of each feature.
        tiers: The tier of each feature; see `reason_tier`.

    Returns:
        Shape (rows, features); zero for what is not told, else above zero, the first the largest.
    """
    group, tier = _numbered(groups), np.asarray(tiers)
    of_groups = contributions @ np.eye(group.max(initial=0) + 1)[group]
    total = np.abs(contributions).sum(axis=1, keepdims=True)
    is_told = (contributions > 0) & (contributions >= LEAST_SHARE * total)
    is_told &= of_groups[:, group] > 0
    has_other = (is_told & (tier < SENSITIVE_TIER)).any(axis=1, keepdims=True)
    is_told &= ~has_other | (tier < SENSITIVE_TIER)
    share = contributions / np.where(total > 0, total, 1)
    return np.where(is_told, share + SENSITIVE_TIER - tier, 0.0)


def _numbered(groups: Sequence[str]) -> np.ndarray:
    numbers_of_groups = {name: number for number, name in enumerate(dict.fromkeys(groups))}
    return np.array([numbers_of_groups[name] for name in groups], np.int64)


def strongest(contributions: np.ndarray, groups: Sequence[str], k: int) -> np.ndarray:
    """Pick the k largest positive values of each row, at most one of each group.

    Args:
        contributions: Shape (rows, features); contributions, or what `telling` returns.
        groups: The group of each feature.
        k: How many to pick.

    Returns:
        Positions of features, shape (rows, k), -1 where there are fewer; the first of equals wins.
    """
    group = _numbered(groups)
    left, every = contributions.copy(), np.arange(len(contributions))
    top = np.full((len(contributions), k), -1)
    for position in range(min(k, len(set(groups)))):
        best = np.argmax(left, axis=1)
        top[:, position] = np.where(left[every, best] > 0, best, -1)
        left[group == group[best][:, None]] = -np.inf
    return top


def value_texts(feature: Feature, column: pa.ChunkedArray) -> pa.Array:
    """Return the values of a feature as texts for a reader, of shape (rows,).

    Numbers have no decimals from 100 on and at most two below; booleans are `yes` and `no`; a
    missing value is `unknown`.
    """
    if feature.data_type == CATEGORY:
        return pc.fill_null(column.combine_chunks().cast(pa.string()), UNKNOWN_VALUE)
    values = numbers(column).astype(np.float64)
    if feature.data_type == "boolean":
        texts = pc.if_else(pa.array(values != 0), "yes", "no")
    else:
        texts = _number_texts(np.nan_to_num(values))
    return pc.if_else(pa.array(np.isnan(values)), UNKNOWN_VALUE, texts)


def _number_texts(values: np.ndarray) -> pa.Array:
    """Return texts of float32 numbers, whose hundredths are exact in float64."""
    rounded = np.where(np.abs(values) >= 100, np.rint(values) * 100, np.rint(values * 100))
    # whole numbers of 64 bits end before float32 does
    is_huge = np.abs(rounded) >= 2.0**62
    hundredths = np.where(is_huge, 0, rounded).astype(np.int64)
    wholes, rests = np.divmod(np.abs(hundredths), 100)
    texts = pc.binary_join_element_wise(
        pc.if_else(pa.array(hundredths < 0), "-", ""),
        pa.array(wholes).cast(pa.string()),
        _DECIMALS.take(pa.array(rests)),
        "",
    )
    if not is_huge.any():
        return texts
    huge = pa.array([f"{value:.0f}" for value in values[is_huge]], pa.string())
    return pc.replace_with_mask(texts, pa.array(is_huge), huge)


def is_held_out(
    rule: Mapping[str, Any],
    as_of_dates: np.ndarray,
    splits: np.ndarray,
    current_split: Mapping[str, Any],
) -> np.ndarray:
    """Say which rows a version's split rule kept from its judged fit.

    Args:
        rule: The version's `split_rule`.
        as_of_dates: Date of each row (datetime64), shape (rows,).
        splits: Split of each row in the current dataset, shape (rows,).
        current_split: The setting `split` of the current dataset.

    Returns:
        For `last_n_months`, test rows from the start of the version's test on. For `randomized`,
        test rows if the current dataset is split in the same way: customers are hashed with a
        constant salt, so the same share gives the same customers.
    """
    is_test = splits == "test"
    if rule["mode"] == "last_n_months":
        starts_on = np.datetime64(dt.date.fromisoformat(rule["test_starts_on"]))
        return is_test & (as_of_dates >= starts_on)
    is_same = (
        current_split.get("mode") == rule["mode"]
        and current_split.get("perc_test") == rule["perc_test"]
    )
    return is_test & is_same
