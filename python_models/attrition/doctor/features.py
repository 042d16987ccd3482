"""Features that say nothing, or say what another one says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attrition.doctor.finding import Finding
from attrition.project.quoting import identifier

if TYPE_CHECKING:
    import duckdb

SAMPLE_ROWS = 100_000
ALIKE = 0.999
"""A correlation above this, in either direction, makes two features duplicates."""
_FEWEST_ROWS = 30
_SHOWN = 10


@dataclass(frozen=True)
class Pair:
    """Two features that say the same.

    Attributes:
        first: One of them.
        second: The other one.
        correlation: Of rows in which both are known.
        is_equal: Whether all of these rows are equal.
    """

    first: str
    second: str
    correlation: float
    is_equal: bool


@dataclass(frozen=True)
class FeatureFacts:
    """What was found about the selected features, each by its name in the settings.

    Attributes:
        count: How many there are.
        missing: Those that no row has.
        constant: Those that every row has, with one value.
        pairs: Those that say the same, most alike first.
    """

    count: int
    missing: tuple[str, ...] = ()
    constant: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()


def read_feature_facts(connection: duckdb.DuckDBPyConnection) -> FeatureFacts:
    """Look at the selected features on labelled rows, or on all rows where none has a label."""
    selected = connection.sql(
        "select feature, original_name, data_type from attrition_feature_catalog "
        "where is_selected order by original_name"
    ).fetchall()
    has_labels = connection.sql(
        "select count(*) > 0 from modeling_dataset where split <> 'unlabelled'"
    ).fetchall()[0][0]
    where = "split <> 'unlabelled'" if has_labels else "true"
    missing, constant = _say_nothing(connection, selected, where)
    numbers = [
        (column, name)
        for column, name, data_type in selected
        if data_type != "category" and name not in (*missing, *constant)
    ]
    matrix = _matrix(connection, [column for column, _ in numbers], where)
    pairs = duplicates(matrix, [name for _, name in numbers])
    return FeatureFacts(len(selected), missing, constant, pairs)


def _say_nothing(
    connection: duckdb.DuckDBPyConnection, selected: Sequence[tuple[str, str, str]], where: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the features that are always missing, and those that are always the same."""
    if not selected:
        return (), ()
    parts = []
    for column, _, _ in selected:
        quoted = identifier(column)
        parts += [f"count({quoted})", f"min({quoted}) = max({quoted})"]
    total, *values = connection.sql(
        f"select count(*), {', '.join(parts)} from modeling_dataset where {where}"
    ).fetchall()[0]
    names = [name for _, name, _ in selected]
    known = dict(zip(names, values[0::2], strict=True))
    is_same = dict(zip(names, values[1::2], strict=True))
    missing = tuple(name for name in names if not known[name])
    return missing, tuple(n for n in names if known[n] == total and is_same[n])


def _matrix(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], where: str
) -> np.ndarray:
    """Return columns as float64 (rows, columns), NaN where missing, of whole customers."""
    if not columns:
        return np.empty((0, 0))
    casts = ", ".join(
        f"cast({identifier(column)} as double) as {identifier(column)}" for column in columns
    )
    table = connection.sql(
        f"select {casts} from modeling_dataset where {where} "
        f"order by customer_hash, as_of_date limit {SAMPLE_ROWS}"
    ).to_arrow_table()
    return np.column_stack([_numbers(table[column]) for column in columns])


def _numbers(column: Any) -> np.ndarray:
    return column.to_numpy().astype(np.float64)


def duplicates(matrix: np.ndarray, names: Sequence[str], alike: float = ALIKE) -> tuple[Pair, ...]:
    """Return the pairs of columns whose correlation is above `alike` in either direction.

    Rows in which either is missing do not count; at least 30 must be left, and half of those in
    which either is known. A column that is second in a pair is not compared further: without it
    the others remain.

    Args:
        matrix: float64 (rows, columns), NaN where missing.
        names: Of the columns.
        alike: From 0 to 1.
    """
    if len(matrix) < _FEWEST_ROWS:
        return ()
    correlation, both = correlations(matrix)
    known = np.diag(both)
    either = known[:, None] + known[None, :] - both
    is_enough = (both >= _FEWEST_ROWS) & (2 * both >= either)
    candidates = np.argwhere(np.triu((np.abs(correlation) > alike) & is_enough, k=1))
    pairs: list[Pair] = []
    superfluous = set()
    for one, other in candidates:
        if one not in superfluous:
            superfluous.add(other)
            same = is_equal(matrix[:, one], matrix[:, other])
            pairs.append(Pair(names[one], names[other], float(correlation[one, other]), same))
    return tuple(sorted(pairs, key=lambda pair: (-abs(pair.correlation), pair.first, pair.second)))


def correlations(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Pearson's correlations of columns over the rows that both have, and their number.

    Args:
        matrix: float64 (rows, columns), NaN where missing.

    Returns:
        Two arrays (columns, columns); a correlation is NaN where either does not vary.
    """
    is_known = ~np.isnan(matrix)
    known = is_known.astype(np.float64)
    count = np.maximum(known.sum(axis=0), 1)
    centred = np.where(is_known, matrix, 0.0)
    centred = np.where(is_known, centred - centred.sum(axis=0) / count, 0.0)
    scale = np.sqrt((centred**2).sum(axis=0) / count)
    scaled = centred / np.where(scale > 0, scale, 1.0)
    both = known.T @ known
    rows = np.maximum(both, 1)
    mean = scaled.T @ known / rows
    variance = (scaled**2).T @ known / rows - mean**2
    covariance = scaled.T @ scaled / rows - mean * mean.T
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = covariance / np.sqrt(variance * variance.T)
    varies = (variance > 1e-12) & (variance.T > 1e-12)
    return np.where(varies, np.clip(correlation, -1.0, 1.0), np.nan), both


def is_equal(one: np.ndarray, other: np.ndarray) -> bool:
    """Say whether two columns are equal in all rows that both have."""
    both = ~(np.isnan(one) | np.isnan(other))
    return bool(np.array_equal(one[both], other[both]))


def feature_findings(facts: FeatureFacts) -> list[Finding]:
    """Say which features could be dropped without losing anything."""
    findings = []
    for names, text in (
        (facts.missing, "missing in every labelled row"),
        (facts.constant, "the same in every labelled row"),
    ):
        if names:
            verb = "is" if len(names) == 1 else "are"
            line = f"{', '.join(names)} {verb} {text}."
            findings.append(Finding("warning", "Features", line, f"drop: [{', '.join(names)}]"))
    for pair in facts.pairs[:_SHOWN]:
        how = "equal" if pair.is_equal else f"correlated by {pair.correlation:.4f}"
        line = f"{pair.first} and {pair.second} say the same: they are {how}."
        findings.append(Finding("warning", "Features", line, f"drop: [{pair.second}]"))
    if len(facts.pairs) > _SHOWN:
        line = f"{len(facts.pairs) - _SHOWN} more pairs of features say the same."
        findings.append(Finding("warning", "Features", line))
    if not findings:
        text = f"{facts.count} features; none is missing or the same in every row, or a duplicate."
        findings.append(Finding("ok", "Features", text))
    return findings
