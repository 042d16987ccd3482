"""Whether a Snowflake account has the packages that the Python models ask for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from attrition.doctor.finding import Finding
from attrition.errors import AttritionError
from attrition.settings.loading import PACKAGE_NAME
from attrition.snowflake.privileges import Rows

_SHOWN = 4


def package_findings(project: Mapping[str, Any], rows: Rows, database: str) -> Iterator[Finding]:
    """Yield whether Snowflake has each version that the Python models ask for.

    Args:
        project: Content of this package's dbt_project.yml.
        rows: Runs a statement.
        database: Any database of the account.
    """
    pinned, python = wanted_packages(project)
    if not pinned:
        text = "dbt_project.yml pins no packages for the Python models."
        yield Finding("warning", "Packages", text, "Set `+packages` of models.attrition.training.")
        return
    names = ", ".join(f"'{requirement.name}'" for requirement in pinned)
    runtime = f" and (runtime_version = '{python}' or runtime_version is null)" if python else ""
    shown = rows(
        f"select package_name, version from {database}.information_schema"
        f".packages where language = 'python' and package_name in ({names}){runtime}"
    )
    problems = [
        finding
        for requirement in pinned
        if (finding := _package_missing(requirement, _versions(shown, requirement.name), python))
    ]
    yield from problems
    if not problems:
        of = f" for Python {python}" if python else ""
        listed = ", ".join(map(str, pinned))
        yield Finding("ok", "Packages", f"Snowflake has {listed}{of}.")


def wanted_packages(project: Mapping[str, Any]) -> tuple[list[Requirement], str | None]:
    """Return what `+packages` and `+python_version` of the Python models say in dbt_project.yml.

    Raises:
        AttritionError: A package is not written as `name==version`.
    """
    ours = (project.get("models") or {}).get(PACKAGE_NAME) or {}
    folders = [ours[name] for name in ("training", "scoring") if isinstance(ours.get(name), dict)]
    listed = dict.fromkeys(str(text) for folder in folders for text in _config(folder, "packages"))
    versions = [str(folder_version) for folder in folders for folder_version in
                _config(folder, "python_version")]  # fmt: skip
    try:
        return [Requirement(text) for text in listed], next(iter(versions), None)
    except InvalidRequirement as error:
        raise AttritionError(
            f"A package in dbt_project.yml is not written as name==version: {error}"
        ) from error


def _config(folder: Mapping[str, Any], key: str) -> list[Any]:
    value = folder.get(f"+{key}", folder.get(key))
    return value if isinstance(value, list) else [] if value is None else [value]


def _versions(shown: Sequence[Mapping[str, Any]], name: str) -> list[Version]:
    found = set()
    for row in shown:
        try:
            version = Version(str(row["version"]))
        except InvalidVersion:
            continue
        if str(row["package_name"]).lower() == name.lower():
            found.add(version)
    return sorted(found)


def _package_missing(
    wanted: Requirement, versions: Sequence[Version], python: str | None
) -> Finding | None:
    """Return a problem where no version fits; it names those nearest to what is wanted."""
    if any(wanted.specifier.contains(version, prereleases=True) for version in versions):
        return None
    of = f" for Python {python}" if python else ""
    if not versions:
        text = f"Snowflake has no package {wanted.name}{of}, and the Python models need {wanted}."
        fix = "Look for its name in information_schema.packages, and change dbt_project.yml."
        return Finding("problem", "Packages", text, fix)
    listed = ", ".join(map(str, nearest_versions(wanted, versions)))
    text = f"Snowflake has no {wanted}{of}; nearest are {listed}."
    fix = f"Name one of them in `+packages` of dbt_project.yml, such as {wanted.name}=={{}}."
    return Finding("problem", "Packages", text, fix.format(listed.rpartition(" ")[2]))


def nearest_versions(wanted: Requirement, versions: Sequence[Version]) -> list[Version]:
    """Return up to four versions, ascending: the ones just below and just above what is wanted."""
    pins = [specifier.version.removesuffix(".*") for specifier in wanted.specifier]
    if not pins:
        return list(versions[-_SHOWN:])
    pin = Version(pins[0])
    below = [version for version in versions if version < pin]
    above = [version for version in versions if version > pin]
    half = _SHOWN // 2
    return [*below[-half:], *above[:half]]
