"""Settings that are allowed one by one and make no sense together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from attrition.settings.abilities import Abilities
from attrition.settings.feature_conflicts import Conflict, feature_conflicts
from attrition.settings.feature_names import FeatureDefinition
from attrition.settings.machine import lacking
from attrition.settings.problems import did_you_mean

if TYPE_CHECKING:
    from attrition.settings.model import Settings

MONEY = ("cost_of_contact", "value_of_customer", "success_rate")


def conflicts(
    settings: Settings,
    definitions: Sequence[FeatureDefinition],
    abilities: Abilities,
    raw_columns: Mapping[str, Sequence[str]],
) -> Iterator[Conflict]:
    """Yield (names of the settings involved, the problem in one line).

    Args:
        settings: Settings whose values are allowed one by one.
        definitions: Features that there are; none skips the checks of feature names.
        abilities: What the warehouse can do.
        raw_columns: {raw table: its columns}; none skips the checks of their names.
    """
    if "sales" not in settings.feature_domains:
        yield ("feature_domains",), "feature_domains: sales is required and is not in the list."
    start, end = settings.start_month, settings.max_month
    if start and end and start > end:
        text = f'start_month: "{start}" is after max_month "{end}"; swap them or widen the range.'
        yield ("start_month", "max_month"), text
    if settings.raw_data == "source" and abilities.reads_files and not settings.raw_location:
        yield (
            ("raw_data", "raw_location"),
            "raw_location is missing: raw_data source reads <raw_location>/sales.parquet or .csv; "
            "set raw_location to a folder or an s3:// address.",
        )
    yield from _engine(settings, abilities)
    yield from _raw_columns(settings, raw_columns)
    yield from feature_conflicts(settings, definitions)
    yield from _half_of_the_money(settings)
    yield from _pinned_and_beside(settings)


def _engine(settings: Settings, abilities: Abilities) -> Iterator[Conflict]:
    """Yield a line where the engine is not the warehouse's, or lacks what it needs."""
    if settings.engine not in abilities.engines:
        allowed = ", ".join(abilities.engines)
        text = f'engine: "{settings.engine}" is not allowed on this warehouse; allowed: {allowed}.'
        yield ("engine",), text
    elif settings.engine == "snowflake_ml_job" and not settings.compute_pool:
        yield (
            ("engine", "compute_pool"),
            "compute_pool is missing: engine snowflake_ml_job trains on a compute pool; "
            "set compute_pool to its name.",
        )
    elif settings.engine == "ray" and settings.ray_address and not settings.ray_storage:
        yield (
            ("ray_address", "ray_storage"),
            "ray_storage is missing: the workers of the cluster at ray_address keep their "
            "checkpoints there; set it to a folder or an s3:// address that all its nodes reach.",
        )
    elif settings.device == "cuda" and settings.engine not in abilities.engines_with_gpu:
        yield (
            ("device", "engine"),
            f"device: cuda has no graphics card with engine {settings.engine} on this warehouse; "
            f"set device to cpu, or engine to {' or '.join(abilities.engines_with_gpu)}.",
        )
    elif abilities.trains_here:
        yield from lacking(settings.engine, settings.device)


def _raw_columns(settings: Settings, contract: Mapping[str, Sequence[str]]) -> Iterator[Conflict]:
    for table, mapping in settings.raw_columns.items() if contract else ():
        if table not in contract:
            text = f"raw_columns.{table} is not a table; tables: {', '.join(contract)}."
            yield ("raw_columns",), text + did_you_mean(table, contract)
            continue
        names = contract[table]
        for column in mapping:
            if column not in names:
                text = f"raw_columns.{table}.{column} is not a column of the contract of {table};"
                text += f" columns: {', '.join(names)}."
                yield ("raw_columns",), text + did_you_mean(column, names)


def _half_of_the_money(settings: Settings) -> Iterator[Conflict]:
    """Yield a line where some of the keys about money are given and others not."""
    threshold = settings.threshold
    missing = [key for key in MONEY if getattr(threshold, key) is None]
    if 0 < len(missing) < len(MONEY):
        verb = "is" if len(missing) == 1 else "are"
        text = f"threshold: {' and '.join(missing)} {verb} missing; give {', '.join(MONEY[:-1])}"
        yield ("threshold",), f"{text} and {MONEY[-1]}, or none of them."


def _pinned_and_beside(settings: Settings) -> Iterator[Conflict]:
    version = settings.champion_version
    if version is not None and version in settings.shadow_versions:
        text = f"shadow_versions: {version} is champion_version too; take it out of one."
        yield ("champion_version", "shadow_versions"), text
