"""Read the settings of a project as dbt would, check all of them, and say all that is wrong."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from attrition.errors import AttritionError
from attrition.settings.abilities import HERE, Abilities
from attrition.settings.conflicts import conflicts
from attrition.settings.feature_names import FeatureDefinition, find_definitions
from attrition.settings.model import Settings, is_unset, settings_schema
from attrition.settings.problems import (
    nearest,
    problem_lines,
    shown,
    too_much,
    unknown_setting,
)
from attrition.settings.raw_names import find_raw_columns
from attrition.settings.yaml_text import read_yaml_file

PACKAGE_NAME = "attrition"


class SettingsError(AttritionError):
    """One or more settings are wrong; the text has one line per problem."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        noun = "setting is wrong" if len(self.problems) == 1 else "settings are wrong"
        lines = "".join(f"\n  - {problem}" for problem in self.problems)
        super().__init__(
            f"{len(self.problems)} {noun} (vars in dbt_project.yml, or --vars):{lines}"
        )


def load_settings(
    project_dir: Path | str,
    overrides: Mapping[str, Any] | None = None,
    abilities: Abilities = HERE,
) -> Settings:
    """Return the settings of a dbt project, checked.

    Args:
        project_dir: Folder of `dbt_project.yml`.
        overrides: What `--vars` says; wins over the file.
        abilities: What the warehouse can do.

    Raises:
        SettingsError: With one line per problem.
        AttritionError: When `dbt_project.yml` is missing or is not YAML.
    """
    project = read_project(Path(project_dir))
    values = project_vars(project) | dict(overrides or {})
    if project.get("name") != PACKAGE_NAME:
        values = _ours(values)
    folder = Path(project_dir)
    return check_settings(values, find_definitions(folder), abilities, find_raw_columns(folder))


def read_project(project_dir: Path) -> dict[str, Any]:
    """Return `dbt_project.yml` as plain data."""
    path = project_dir / "dbt_project.yml"
    if not path.is_file():
        raise AttritionError(
            f"There is no dbt_project.yml in {project_dir}; run this in the project's folder, "
            "or name it with --project-dir."
        )
    content = read_yaml_file(path, "dbt_project.yml")
    if not isinstance(content, dict):
        raise AttritionError("dbt_project.yml is not a mapping of names to values.")
    return content


def project_vars(project: Mapping[str, Any]) -> dict[str, Any]:
    """Return the vars that the package sees: the global ones, then its own, which win."""
    variables = project.get("vars") or {}
    if not isinstance(variables, Mapping):
        raise AttritionError("vars in dbt_project.yml is not a mapping of names to values.")
    own = variables.get(PACKAGE_NAME) or {}
    if not isinstance(own, Mapping):
        raise AttritionError(
            f"vars.{PACKAGE_NAME} in dbt_project.yml is {shown(own)}, not a mapping of settings to "
            "values."
        )
    everywhere = {name: value for name, value in variables.items() if name != PACKAGE_NAME}
    return everywhere | dict(own)


def check_settings(
    values: Mapping[str, Any],
    definitions: Iterable[FeatureDefinition] = (),
    abilities: Abilities = HERE,
    raw_columns: Mapping[str, Sequence[str]] | None = None,
) -> Settings:
    """Return `values` as settings, defaults filled in, or raise SettingsError with every problem.

    Args:
        values: {setting: value}; null means the default.
        definitions: Features that there are; none skips the checks of feature names.
        abilities: What the warehouse can do.
        raw_columns: {raw table: its columns}; none skips the checks of their names.
    """
    schema = settings_schema()
    given = {
        name: value
        for name, value in values.items()
        if name not in schema or not is_unset(value, schema[name])
    }
    problems: list[str] = []
    wrong: set[str] = set()
    for name, value in list(given.items()):
        problem = unknown_setting(name, schema) if name not in schema else None
        if problem is None and (excess := too_much(value)):
            problem = f"{name}: {shown(value)} is not allowed: {excess}; write the value out."
        if problem:
            problems.append(problem)
            wrong.add(name)
            del given[name]
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        # a default that follows another setting is not looked up once any setting is wrong
        errors = [e for e in error.errors() if e["type"] != "default_factory_not_called"]
        wrong |= {item["loc"][0] for item in errors}
        problems += problem_lines(errors, schema)
        settings = Settings.model_validate(
            {name: value for name, value in given.items() if name not in wrong}
        )
    found = conflicts(settings, tuple(definitions), abilities, raw_columns or {})
    problems += [text for names, text in found if not wrong.intersection(names)]
    if problems:
        raise SettingsError(problems)
    return settings


def _ours(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what a project that installs this one has vars for, unless it looks like ours."""
    names = settings_schema()
    return {
        name: value
        for name, value in values.items()
        if name in names or nearest(str(name), names, cutoff=0.85)
    }
