"""Names of features in the settings: those that do not exist, and those that clash.

Settings name a feature as the definitions in `seeds/` do, also where `rename_cols` renames it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from attrition.settings.feature_names import DEFINITIONS_FILE, FeatureDefinition, existing_features
from attrition.settings.problems import did_you_mean, shown
from attrition.settings.reserved_columns import KEY_COLUMNS, SQL_WORDS

if TYPE_CHECKING:
    from attrition.settings.model import Settings

SENSITIVE = "sensitive"
EVERY = "all"
_WORDS = {"drop": SENSITIVE, "impute": EVERY}
_NAMING = ("feature_domains", "lookback_windows", "time_grain", "attrition_horizon")

Conflict = tuple[tuple[str, ...], str]
Known = Mapping[str, FeatureDefinition]


def feature_conflicts(
    settings: Settings, definitions: Sequence[FeatureDefinition]
) -> Iterator[Conflict]:
    """Yield (names of the settings involved, the problem in one line).

    Args:
        settings: Settings whose values are allowed one by one.
        definitions: Features that there are; none skips the checks of names.
    """
    features = settings.features if isinstance(settings.features, tuple) else ()
    for name in features:
        if name in settings.drop:
            yield ("features", "drop"), f"features: {name} is in drop too; take it out of one."
    yield from _taken_names(settings)
    if not definitions:
        return
    known = existing_features(definitions, settings.time_grain, settings.lookback_windows)
    named = {
        "features": features,
        "drop": settings.drop,
        "dummy_cols": settings.dummy_cols if isinstance(settings.dummy_cols, tuple) else (),
        "rename_cols": tuple(settings.rename_cols),
        "impute": tuple(settings.impute),
    }
    for setting, names in named.items():
        for name in names:
            problem = _missing_feature(setting, name, known, settings)
            if problem:
                yield (setting, *_NAMING), problem
    yield from _names_of_other_features(settings, known)
    yield from _imputed_categories(settings, known)
    yield from _nothing_left(settings, known)


def _missing_feature(setting: str, name: str, known: Known, settings: Settings) -> str | None:
    """Say why a feature does not exist, or return None when it does."""
    word = _WORDS.get(setting)
    if name == word:
        return None
    if name not in known:
        for first, new in settings.rename_cols.items():
            if new == name:
                return f"{setting}: {name} is what rename_cols calls {first}; write {first}."
        text = f"{setting}: {name} is not a feature; seeds/{DEFINITIONS_FILE} lists them."
        return text + did_you_mean(name, [*known, word] if word else known)
    domain = known[name].domain
    if domain not in settings.feature_domains:
        return f"{setting}: {name} belongs to {domain}, which is not in feature_domains."
    return None


def _taken_names(settings: Settings) -> Iterator[Conflict]:
    """Yield new names that are columns already, words of SQL, or given twice."""
    first_with: dict[str, str] = {}
    for name, new in settings.rename_cols.items():
        line = f"rename_cols.{name}: {shown(new)}"
        if new in KEY_COLUMNS:
            yield ("rename_cols",), f"{line} is a column of modeling_dataset; choose another name."
        elif new in SQL_WORDS:
            yield ("rename_cols",), f"{line} is a word of SQL; choose another name."
        if new in first_with:
            text = f"{line} is the new name of {first_with[new]} too; choose another name."
            yield ("rename_cols",), text
        first_with.setdefault(new, name)


def _names_of_other_features(settings: Settings, known: Known) -> Iterator[Conflict]:
    for name, new in settings.rename_cols.items():
        if new in known and new != name:
            text = f"rename_cols.{name}: {shown(new)} is another feature; choose another name."
            yield ("rename_cols", *_NAMING), text


def _imputed_categories(settings: Settings, known: Known) -> Iterator[Conflict]:
    for name, method in settings.impute.items():
        if name in known and known[name].data_type == "category" and method != "most_frequent":
            text = f"impute.{name}: {shown(method)} is not allowed for a category; "
            yield ("impute", *_NAMING), text + "allowed: most_frequent."


def _nothing_left(settings: Settings, known: Known) -> Iterator[Conflict]:
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
