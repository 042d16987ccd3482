"""Where Snowflake takes packages from, and whether it has those that the Python models ask for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from attrition.doctor.finding import Finding
from attrition.errors import AttritionError
from attrition.settings.loading import PACKAGE_NAME
from attrition.snowflake.names import AccountNames, folded
from attrition.snowflake.package_source import CONDA, PYPI, REPOSITORIES, VARIABLE
from attrition.snowflake.privileges import Rows

_SHOWN = 4
PYTHON = "3.11"
"""What is asked about where the project names no version of Python."""


def package_findings(
    project: Mapping[str, Any], rows: Rows, names: AccountNames, has_schema: bool = True
) -> Iterator[Finding]:
    """Yield where packages come from, and whether each that the Python models ask for is there.

    Args:
        project: Content of this package's dbt_project.yml.
        rows: Runs a statement, in the database of the tables.
        names: What the account's objects are called; the package source that is wanted.
        has_schema: Whether the schema of the tables is there yet.
    """
    wanted, python = wanted_packages(project, names.package_source)
    if not wanted:
        text = "dbt_project.yml pins no packages for the Python models."
        yield Finding("warning", "Packages", text, "Set `+packages` of models.attrition.training.")
        return
    source = source_finding(rows, names, python or PYTHON, has_schema)
    yield source
    if source.status == "problem":
        return
    if names.package_source == CONDA:
        yield from _channel_findings(_requirements(wanted), python, rows, names.databases[0])
    else:
        listed = ", ".join(wanted)
        text = f"The build asks PyPI for {listed}; no list of Snowflake's holds what PyPI has."
        yield Finding("ok", "Packages", text)


def source_finding(rows: Rows, names: AccountNames, python: str, has_schema: bool) -> Finding:
    """Say whether packages come from where the project expects them."""
    place, kind, name = f"Database {names.databases[0]}", "database", names.databases[0]
    if has_schema:
        kind, name = "schema", names.schema
        place = f"Schema {names.databases[0]}.{names.schema}"
    try:
        # as Snowpark asks
        [row] = rows(
            f"select system$get_default_python_artifact_repository('{python}', '{kind}', "
            f"'\"{folded(name)}\"') as repository"
        )
    except AttritionError as error:
        text = f"{place} does not say where it takes Python packages from: {error}"
        return Finding("warning", "Packages", text, "Go by what the procedure below says.")
    repository = str(row["repository"] or REPOSITORIES[CONDA])
    sources = {folded(one): source for source, one in REPOSITORIES.items()}
    # a repository of the account's own is a copy of PyPI
    found = sources.get(folded(repository), PYPI)
    if found == names.package_source:
        return Finding("ok", "Packages", f"{place} takes Python packages from {repository}.")
    wanted = REPOSITORIES[names.package_source]
    text = (
        f"{place} takes Python packages from {repository}, and {VARIABLE} is "
        f"{names.package_source}: names and versions are not the same in both."
    )
    fix = (
        f"alter {place.lower()} set default_python_artifact_repository = {wanted}; (attrition "
        f"snowflake up does so), or export {VARIABLE}={found}"
    )
    return Finding("problem", "Packages", text, fix)


def _channel_findings(
    wanted: Sequence[Requirement], python: str | None, rows: Rows, database: str
) -> Iterator[Finding]:
    """Yield whether the conda channel, which alone can be listed, has each package."""
    names = ", ".join(f"'{requirement.name}'" for requirement in wanted)
    runtime = f" and (runtime_version = '{python}' or runtime_version is null)" if python else ""
    shown = rows(
        f"select package_name, version from {database}.information_schema"
        f".packages where language = 'python' and package_name in ({names}){runtime}"
    )
    problems = [
        finding
        for requirement in wanted
        if (finding := _package_missing(requirement, _versions(shown, requirement.name), python))
    ]
    yield from problems
    if not problems:
        of = f" for Python {python}" if python else ""
        listed = ", ".join(map(str, wanted))
        yield Finding("ok", "Packages", f"Snowflake has {listed}{of}.")


def wanted_packages(
    project: Mapping[str, Any], package_source: str = PYPI
) -> tuple[list[str], str | None]:
    """Return what `+packages` and `+python_version` of the Python models say in dbt_project.yml.

    Args:
        project: Content of this package's dbt_project.yml, not rendered.
        package_source: What the packages are chosen by.
    """
    ours = (project.get("models") or {}).get(PACKAGE_NAME) or {}
    folders = [ours[name] for name in ("training", "scoring") if isinstance(ours.get(name), dict)]
    listed = dict.fromkeys(
        str(text)
        for folder in folders
        for text in _config(_rendered(folder, package_source), "packages")
    )
    versions = [str(folder_version) for folder in folders for folder_version in
                _config(folder, "python_version")]  # fmt: skip
    return list(listed), next(iter(versions), None)


def _requirements(texts: Sequence[str]) -> list[Requirement]:
    try:
        return [Requirement(text) for text in texts]
    except InvalidRequirement as error:
        raise AttritionError(
            f"A package in dbt_project.yml is not written as name==version: {error}"
        ) from error


def _rendered(folder: Mapping[str, Any], package_source: str) -> dict[str, Any]:
    """Return a folder's configuration with its packages as dbt would render them."""
    from jinja2.nativetypes import NativeEnvironment

    def env_var(name: str, default: str | None = None) -> str | None:
        return package_source if name == VARIABLE else default

    return {
        key: NativeEnvironment(autoescape=False).from_string(value).render(env_var=env_var)
        if key.lstrip("+") == "packages" and isinstance(value, str)
        else value
        for key, value in folder.items()
    }


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
