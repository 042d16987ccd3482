"""Settings that are allowed one by one and make no sense together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from attrition.own_data.raw_contract import RAW_TABLES
from attrition.settings.feature_names import DEFINITIONS_FILE, FeatureDefinition, existing_features
from attrition.settings.problems import did_you_mean

if TYPE_CHECKING:
    from attrition.settings.model import Settings

SENSITIVE = "sensitive"
Conflict = tuple[tuple[str, ...], str]


def conflicts(
    settings: Settings, definitions: Sequence[FeatureDefinition], warehouse: str
) -> Iterator[Conflict]:
    """Yield (names of the settings involved, the problem in one line).

    Args:
        settings: Settings whose values are allowed one by one.
        definitions: Features that there are; none skips the checks of feature names.
        warehouse: dbt's adapter, `duckdb` or `snowflake`.
    """
    if "sales" not in settings.feature_domains:
        yield ("feature_domains",), "feature_domains: sales is required and is not in the list."
    start, end = settings.start_month, settings.max_month
    if start and end and start > end:
        text = f'start_month: "{start}" is after max_month "{end}"; swap them or widen the range.'
        yield ("start_month", "max_month"), text
    if settings.raw_data == "source" and warehouse == "duckdb" and not settings.raw_location:
        yield (
            ("raw_data", "raw_location"),
            "raw_location is missing: raw_data source reads <raw_location>/sales.parquet or .csv; "
            "set raw_location to a folder or an s3:// address.",
        )
    yield from _raw_columns(settings)
    yield from _features(settings, definitions)


def _raw_columns(settings: Settings) -> Iterator[Conflict]:
    for table, mapping in settings.raw_columns.items():
        if table not in RAW_TABLES:
            text = f"raw_columns.{table} is not a table; tables: {', '.join(RAW_TABLES)}."
            yield ("raw_columns",), text + did_you_mean(table, RAW_TABLES)
            continue
        names = RAW_TABLES[table].column_names
        for column in mapping:
            if column not in names:
                text = f"raw_columns.{table}.{column} is not a column of the contract of {table};"
                text += f" columns: {', '.join(names)}."
                yield ("raw_columns",), text + did_you_mean(column, names)


def _features(settings: Settings, definitions: Sequence[FeatureDefinition]) -> Iterator[Conflict]:
    named = settings.features if isinstance(settings.features, tuple) else ()
    for name in named:
        if name in settings.drop:
            yield ("features", "drop"), f"features: {name} is in drop too; take it out of one."
    if not definitions:
        return
    known = existing_features(definitions, settings.time_grain, settings.lookback_windows)
    for setting, names in (("features", named), ("drop", settings.drop)):
        for name in names:
            problem = _missing_feature(setting, name, known, settings)
            if problem:
                yield (setting, "feature_domains", "lookback_windows", "time_grain"), problem
    yield from _nothing_left(settings, known)


def _missing_feature(
    setting: str, name: str, known: dict[str, FeatureDefinition], settings: Settings
) -> str | None:
    """Say why a feature does not exist, or return None when it does."""
    if setting == "drop" and name == SENSITIVE:
        return None
    if name not in known:
        text = f"{setting}: {name} is not a feature; seeds/{DEFINITIONS_FILE} lists them."
        words = [*known, SENSITIVE] if setting == "drop" else known
        return text + did_you_mean(name, words)
    domain = known[name].domain
    if domain not in settings.feature_domains:
        return f"{setting}: {name} belongs to {domain}, which is not in feature_domains."
    return None


def _nothing_left(settings: Settings, known: dict[str, FeatureDefinition]) -> Iterator[Conflict]:
    def is_left(name: str) -> bool:
        definition = known[name]
        is_sensitive = SENSITIVE in settings.drop and definition.is_sensitive
        is_on = definition.domain in settings.feature_domains
        return is_on and name not in settings.drop and not is_sensitive

    if isinstance(settings.features, tuple):
        for name in settings.features:
            if name in known and known[name].is_sensitive and SENSITIVE in settings.drop:
                text = f"features: {name} is sensitive, and drop holds the word sensitive."
                yield ("features", "drop"), text
        return
    chosen = (n for n, d in known.items() if settings.features == "all" or d.is_core)
    if not any(is_left(name) for name in chosen):
        yield ("features", "drop"), "drop leaves no feature to train on."
