"""Which features exist under given settings, from the definitions in `seeds/`."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attrition.settings.time_grain import buckets_in_months

DEFINITIONS_FILE = "attrition_feature_definitions.csv"


@dataclass(frozen=True)
class FeatureDefinition:
    """One row of the definitions.

    Attributes:
        feature: Name of the feature; holds `{window}` when it is windowed.
        domain: Domain that the feature is made from.
        windows: Empty (no window), `lookback` (one feature per lookback window) or a whole
            number of months.
        is_core: Whether the preset `core` holds it.
        is_sensitive: Whether the word `sensitive` in `drop` means it.
        data_type: `numeric`, `boolean` or `category`.
        monotone_direction: 1 where risk may only rise with it, -1 only fall, 0 either.
        told_as: Feature whose value a sentence about it says, empty for its own.
        compared_with: Feature that says what is usual of the customer, empty where none does.
    """

    feature: str
    domain: str
    windows: str
    is_core: bool
    is_sensitive: bool
    data_type: str = "numeric"
    monotone_direction: int = 0
    told_as: str = ""
    compared_with: str = ""


def read_definitions(path: Path) -> tuple[FeatureDefinition, ...]:
    """Read the definitions from a CSV with a header."""
    with path.open(newline="", encoding="utf-8") as file:
        return tuple(
            FeatureDefinition(
                feature=row["feature"].strip(),
                domain=row["domain"].strip(),
                windows=(row["windows"] or "").strip(),
                is_core=_is_true(row["is_core"]),
                is_sensitive=_is_true(row["is_sensitive"]),
                data_type=row["data_type"].strip(),
                monotone_direction=int(row["monotone_direction"]),
                told_as=(row.get("told_as") or "").strip(),
                compared_with=(row.get("compared_with") or "").strip(),
            )
            for row in csv.DictReader(file)
        )


def find_definitions(project_dir: Path) -> tuple[FeatureDefinition, ...]:
    """Return the definitions of the project, of its installed package, or none.

    Args:
        project_dir: Folder of a `dbt_project.yml`: this project's, or one that installs it.
    """
    folders = (project_dir, project_dir / "dbt_packages" / "attrition")
    for folder in folders:
        path = folder / "seeds" / DEFINITIONS_FILE
        if path.is_file():
            return read_definitions(path)
    return ()


def definitions_in_catalog(rows: Iterable[Mapping[str, Any]]) -> tuple[FeatureDefinition, ...]:
    """Return the features of a dataset, from rows of `attrition_feature_catalog`."""
    return tuple(
        FeatureDefinition(
            row["original_name"],
            row["domain"],
            "",
            row["is_core"],
            row["is_sensitive"],
            row["data_type"],
        )
        for row in rows
    )


def expand(
    definition: FeatureDefinition,
    time_grain: str,
    lookback_windows: Iterable[int],
) -> tuple[str, ...]:
    """Return the names of the features that one definition makes."""
    return tuple(
        definition.feature.replace("{window}", suffix)
        for suffix in window_suffixes(definition.windows, time_grain, lookback_windows)
    )


def window_suffixes(
    windows: str, time_grain: str, lookback_windows: Iterable[int]
) -> tuple[str, ...]:
    """Return what stands for `{window}`: `3m` at month grain, `13w` at week grain."""
    unit = "m" if time_grain == "month" else "w"
    if windows == "":
        return ("",)
    if windows == "lookback":
        return tuple(f"{window}{unit}" for window in lookback_windows)
    months = int(windows)
    return (f"{buckets_in_months(months, time_grain)}{unit}",)


def existing_features(
    definitions: Sequence[FeatureDefinition],
    time_grain: str,
    lookback_windows: Sequence[int],
) -> dict[str, FeatureDefinition]:
    """Return {feature: definition} of all domains, on or off."""
    return {
        name: definition
        for definition in definitions
        for name in expand(definition, time_grain, lookback_windows)
    }


def _is_true(text: str | None) -> bool:
    return (text or "").strip().lower() in {"true", "1", "yes"}
