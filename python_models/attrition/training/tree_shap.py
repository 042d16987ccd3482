"""Exact contributions of boosted trees, by tables instead of a walk for each row.

What a feature adds to a row's margin is its Shapley value in the game whose value for a set of
features is the mean of the tree over what is not in the set, weighted by cover: path-dependent
TreeSHAP, as XGBoost's own `pred_contribs`. A leaf with weight w, on whose path stand the features
D, gives to feature i of D

    w (o_i - z_i) * integral over t from 0 to 1 of the product over j in D without i of
    (z_j + t (o_j - z_j))

where o_j is 1 if a row meets every condition of the path on feature j, else 0, and z_j is the
product of the cover ratios of these conditions. The integral is the sum of Shapley's weights over
all sets at once. Rows differ in o alone, so a path of d features knows only 2^d answers, and a part
of a tree with few decisions one for each pattern of these decisions. They are worked out once; then
a row needs its pattern in each part, and a look-up.

Sources: S. Lundberg and others, From local explanations to global understanding with explainable AI
for trees, Nature Machine Intelligence 2, 2020, algorithm 2; P. Yu and others, Linear TreeShap, 2022
(the polynomial); A. Nadel and R. Wettenstein, From decision trees to Boolean logic: a fast and
unified SHAP algorithm (WOODELF), 2025 (patterns of a leaf).
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xgboost

logger = logging.getLogger(__name__)

DECISIONS = 7
"""Decisions of a part, unless a single path has more."""
ROWS_AT_ONCE = 8192
"""What a thread works on stays in the processor's cache."""
VALUES_AT_ONCE = 1 << 22
"""Of the tables that are worked out at once."""
PROBES = 16
"""Rows for which XGBoost must say the same."""
TOLERANCE = 1e-4
LARGEST_TABLES = 1 << 29
"""Bytes; trees that need more, which are many and deep, are left to XGBoost."""


@dataclass(frozen=True)
class TreeShap:
    """Tables of all trees of a booster.

    Attributes:
        width: Columns of the matrix.
        base_value: Margin of a row of which nothing is known.
        trees: Nodes of each tree that decide, with its parts.
    """

    width: int
    base_value: float
    trees: tuple[tuple[dict[int, _Decision], tuple[_Part, ...]], ...]

    @classmethod
    def of(cls, booster: xgboost.Booster) -> TreeShap | None:
        """Work the tables out, or return none where these trees are not for tables.

        That is where tables would need more than `LARGEST_TABLES`, where a booster is of a kind
        that this library does not train, and where XGBoost says otherwise of some rows.
        """
        import xgboost

        model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]
        if model["name"] != "gbtree":
            return None
        written = model["model"]["trees"]
        has_categories = any(any(tree["split_type"]) for tree in written)
        if has_categories or len(written) != booster.num_boosted_rounds():
            return None
        trees = [_Tree.of(tree) for tree in written]
        grouped = [list(tree.groups()) for tree in trees]
        if sum(group.size for groups in grouped for group in groups) * 8 > LARGEST_TABLES:
            return None
        answers = _answers(
            [leaf for groups in grouped for group in groups for leaf in group.leaves]
        )
        decisions = [tree.decisions() for tree in trees]
        parts = [tuple(_part(group, answers) for group in groups) for groups in grouped]
        width = booster.num_features()
        # what trees start from is XGBoost's to say
        probes = _probes(decisions, width)
        own = booster.predict(xgboost.DMatrix(probes), pred_contribs=True)
        found = cls(width, float(own[0, -1]), tuple(zip(decisions, parts, strict=True)))
        away = np.abs(found.contributions(probes) - own).max()
        if away > TOLERANCE * max(1, np.abs(own).max()):
            logger.warning(
                "reasons take long, because XGBoost works them out itself: the tables of its trees "
                "differ from it by %.2g, expected at most %g",
                away,
                TOLERANCE,
            )
            return None
        return found

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """Return what each column adds to the margin of each row.

        A row's numbers depend neither on the other rows nor on the number of threads.

        Args:
            matrix: float32, shape (rows, width), NaN where missing.

        Returns:
            Shape (rows, width + 1), float64; the last column is the base value.
        """
        total = np.full((self.width + 1, len(matrix)), self.base_value)
        blocks = [slice(i, i + ROWS_AT_ONCE) for i in range(0, len(matrix), ROWS_AT_ONCE)]

        def add(rows: slice) -> None:
            total[:-1, rows] = self._block(np.ascontiguousarray(matrix[rows].T))

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            list(threads.map(add, blocks))
        return total.T

    def _block(self, columns: np.ndarray) -> np.ndarray:
        """Return contributions, shape (width, rows), for columns of the same shape."""
        count = columns.shape[1]
        total = np.zeros(columns.shape)
        index, added = np.empty(count, np.intp), np.empty(count)
        for decisions, parts in self.trees:
            bits = {node: one.goes_left(columns) for node, one in decisions.items()}
            for part in parts:
                _pattern(part.decisions, bits, index)
                for column, table in zip(part.columns, part.table, strict=True):
                    np.take(table, index, out=added, mode="clip")
                    total[column] += added
        return total


@dataclass(frozen=True)
class _Decision:
    column: int
    threshold: np.float32
    missing_goes_left: bool

    def goes_left(self, columns: np.ndarray) -> np.ndarray:
        """Return 1 where a row goes left, else 0, uint8; no number is less than a missing one."""
        values = columns[self.column]
        if self.missing_goes_left:
            return np.logical_not(values >= self.threshold).view(np.uint8)
        return (values < self.threshold).view(np.uint8)


@dataclass(frozen=True)
class _Leaf:
    """A leaf with its path, feature by feature.

    Attributes:
        conditions: For each column, the nodes that look at it, and whether the path goes left.
        ratios: For each column, the product of the cover ratios.
    """

    weight: float
    conditions: dict[int, list[tuple[int, bool]]]
    ratios: dict[int, float]


@dataclass(frozen=True)
class _Group:
    """Leaves of one tree that few decisions tell apart, before their table is worked out."""

    decisions: tuple[int, ...]
    leaves: tuple[_Leaf, ...]

    @property
    def columns(self) -> tuple[int, ...]:
        return tuple(sorted({column for leaf in self.leaves for column in leaf.conditions}))

    @property
    def size(self) -> int:
        return len(self.columns) << len(self.decisions)


@dataclass(frozen=True)
class _Part:
    """A group with its table.

    Attributes:
        decisions: Nodes, those of the pattern's highest bits first.
        columns: Columns of the matrix that the decisions look at.
        table: Contributions, shape (columns, patterns).
    """

    decisions: tuple[int, ...]
    columns: tuple[int, ...]
    table: np.ndarray


Step = tuple[int, bool]


@dataclass(frozen=True)
class _Tree:
    """Arrays by node, as XGBoost has them; a leaf has no child, and its weight as threshold."""

    left: list[int]
    right: list[int]
    column: list[int]
    threshold: np.ndarray
    missing_goes_left: list[int]
    cover: list[float]

    @classmethod
    def of(cls, written: dict[str, Any]) -> _Tree:
        return cls(
            written["left_children"],
            written["right_children"],
            written["split_indices"],
            np.array(written["split_conditions"], dtype=np.float32),
            written["default_left"],
            written["sum_hessian"],
        )

    def decisions(self) -> dict[int, _Decision]:
        return {
            node: _Decision(
                self.column[node], self.threshold[node], bool(self.missing_goes_left[node])
            )
            for node in self.inner(0)
        }

    def inner(self, node: int) -> list[int]:
        """Return the nodes that decide, from this one on."""
        if self.left[node] == -1:
            return []
        return [node, *self.inner(self.left[node]), *self.inner(self.right[node])]

    def steps(self, node: int) -> Iterator[tuple[int, Step]]:
        """Yield the children with the step that leads to them."""
        if self.left[node] != -1:
            yield self.left[node], (node, True)
            yield self.right[node], (node, False)

    def groups(self, node: int = 0, path: tuple[Step, ...] = ()) -> Iterator[_Group]:
        """Cut the tree, from this node on, into groups."""
        inner = self.inner(node)
        if len(path) + len(inner) <= max(DECISIONS, len(path) + 1):
            leaves = tuple(self.leaves(node, path))
            yield _Group((*(asked for asked, _ in path), *inner), leaves)
            return
        for child, step in self.steps(node):
            yield from self.groups(child, (*path, step))

    def leaves(self, node: int, path: tuple[Step, ...]) -> Iterator[_Leaf]:
        """Yield the leaves from this node on; one that asks nothing contributes nothing."""
        if self.left[node] == -1 and path:
            yield self.leaf(node, path)
        for child, step in self.steps(node):
            yield from self.leaves(child, (*path, step))

    def leaf(self, node: int, path: tuple[Step, ...]) -> _Leaf:
        conditions: dict[int, list[Step]] = {}
        ratios: dict[int, float] = {}
        followed = [*(asked for asked, _ in path[1:]), node]
        for (asked, is_left), child in zip(path, followed, strict=True):
            column = self.column[asked]
            conditions.setdefault(column, []).append((asked, is_left))
            ratio = self.cover[child] / self.cover[asked] if self.cover[asked] else 0.0
            ratios[column] = ratios.get(column, 1.0) * ratio
        return _Leaf(float(self.threshold[node]), conditions, ratios)


def _probes(trees: Sequence[dict[int, _Decision]], width: int) -> np.ndarray:
    """Return rows at the thresholds of trees, missing values among them, shape (PROBES, width)."""
    values: list[list[float]] = [[np.nan] for _ in range(width)]
    for decisions in trees:
        for one in decisions.values():
            values[one.column].append(one.threshold)
    probes = np.empty((PROBES, width), np.float32)
    for column, known in enumerate(values):
        # not all columns are missing in the same row
        probes[:, column] = np.resize(np.roll(known, column), PROBES)
    return probes


def _patterns(count: int) -> np.ndarray:
    """Return all patterns of some bits, shape (2 ** count, count), the highest bit first."""
    return (np.arange(1 << count)[:, None] >> np.arange(count)[::-1]) & 1


def _answers(leaves: Sequence[_Leaf]) -> dict[int, np.ndarray]:
    """Return for each leaf (by its `id`) its contributions, shape (columns, 2 ** columns)."""
    found: dict[int, np.ndarray] = {}
    for count in sorted({len(leaf.ratios) for leaf in leaves}):
        same = [leaf for leaf in leaves if len(leaf.ratios) == count]
        at_once = max(1, VALUES_AT_ONCE // (count * count << count))
        for start in range(0, len(same), at_once):
            some = same[start : start + at_once]
            weight = np.array([leaf.weight for leaf in some])
            ratio = np.array([list(leaf.ratios.values()) for leaf in some])
            worked_out = _shapley(weight, ratio)
            found.update({id(leaf): one for leaf, one in zip(some, worked_out, strict=True)})
    return found


def _shapley(weight: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    """Return the formula at the top for leaves with d columns.

    Args:
        weight: Shape (leaves,).
        ratio: Shape (leaves, d).

    Returns:
        Shape (leaves, d, 2 ** d).
    """
    count = ratio.shape[1]
    z = ratio[:, :, None]
    difference = _patterns(count).T - z
    # exact for polynomials up to a degree of 2 * points - 1
    points, weights = np.polynomial.legendre.leggauss((count + 1) // 2)
    total = np.zeros(difference.shape)
    for t, share in zip((points + 1) / 2, weights / 2, strict=True):
        factors = z + t * difference
        ones = np.ones_like(factors[:, :1])
        before = np.cumprod(np.concatenate([ones, factors[:, :-1]], axis=1), axis=1)
        after = np.cumprod(np.concatenate([ones, factors[:, :0:-1]], axis=1), axis=1)[:, ::-1]
        total += share * before * after
    return weight[:, None, None] * difference * total


def _part(group: _Group, answers: dict[int, np.ndarray]) -> _Part:
    columns = group.columns
    row_of = {column: row for row, column in enumerate(columns)}
    bits = dict(zip(group.decisions, _patterns(len(group.decisions)).T, strict=True))
    table = np.zeros((len(columns), 1 << len(group.decisions)))
    for leaf in group.leaves:
        pattern = 0
        for conditions in leaf.conditions.values():
            is_met = np.logical_and.reduce([bits[node] == is_left for node, is_left in conditions])
            pattern = 2 * pattern + is_met
        table[[row_of[column] for column in leaf.conditions]] += answers[id(leaf)][:, pattern]
    return _Part(group.decisions, columns, table)


def _pattern(decisions: tuple[int, ...], bits: dict[int, np.ndarray], index: np.ndarray) -> None:
    """Write the number of each row's pattern into `index`."""
    pattern = np.zeros(len(index), np.uint8 if len(decisions) <= 8 else np.uint16)
    for node in decisions:
        pattern += pattern
        pattern += bits[node]
    index[:] = pattern
