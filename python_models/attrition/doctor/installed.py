"""Versions of Python, the library and the packages that it fits with."""

import importlib.metadata
import platform
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from attrition.doctor.finding import Finding
from attrition.settings.loading import PACKAGE_NAME, read_project

_SETUP = "Run `make setup`, or install what requirements.lock names."
# one module under two names: without and with support for graphics cards
_SAME_MODULE = {"xgboost-cpu": "xgboost"}


def check_installed(project_dir: Path) -> list[Finding]:
    """Hold what is installed against what the installed library asks for."""
    try:
        metadata = importlib.metadata.metadata(PACKAGE_NAME)
    except importlib.metadata.PackageNotFoundError:
        text = "The library is not installed as a package, so versions cannot be checked."
        return [Finding("warning", "Versions", text, _SETUP)]
    requirements = importlib.metadata.requires(PACKAGE_NAME) or []
    installed = {
        name: _version_of(name)
        for line in requirements
        for name in (Requirement(line).name, *_SAME_MODULE.values())
    }
    problems = [
        *python_findings(platform.python_version(), metadata["Requires-Python"]),
        *package_findings(requirements, installed),
        *library_findings(metadata["Version"], _project_version(project_dir)),
    ]
    if problems:
        return problems
    text = (
        f"Python {platform.python_version()}, the library {metadata['Version']} and its packages "
        "fit together."
    )
    return [Finding("ok", "Versions", text)]


def python_findings(version: str, wanted: str | None) -> Iterator[Finding]:
    """Yield a problem where Python is outside the range that the library names."""
    if wanted and not SpecifierSet(wanted).contains(version, prereleases=True):
        text = f"Python is {version}, and the library needs {wanted}."
        fix = "Make the environment with another Python: make setup PYTHON=..."
        yield Finding("problem", "Python", text, fix)


def package_findings(
    requirements: Sequence[str], installed: Mapping[str, str | None]
) -> Iterator[Finding]:
    """Yield a problem for each package that is missing or outside its range.

    Args:
        requirements: Lines of the distribution's metadata; those of extras do not count.
        installed: {package: version, or None where it is not installed}.
    """
    for line in requirements:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        name, wanted = requirement.name, str(requirement.specifier)
        version = installed.get(name) or installed.get(_SAME_MODULE.get(name, name))
        if version is None:
            yield Finding("problem", "Packages", f"{name} is not installed.", _SETUP)
        elif not requirement.specifier.contains(version, prereleases=True):
            text = f"{name} is {version}, and the library needs {wanted}."
            yield Finding("problem", "Packages", text, _SETUP)


def library_findings(library: str, project: str | None) -> Iterator[Finding]:
    """Yield a problem where the SQL and the library are of different releases."""
    if project is not None and project != library:
        text = f"The library is {library} and the dbt project is {project}."
        yield Finding("problem", "Library", text, f"Install the library {project}.")


def _version_of(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _project_version(project_dir: Path) -> str | None:
    """Return the version of this dbt project, here or as an installed package."""
    for folder in (project_dir, project_dir / "dbt_packages" / PACKAGE_NAME):
        if (folder / "dbt_project.yml").is_file():
            project = read_project(folder)
            if project.get("name") == PACKAGE_NAME and "version" in project:
                return str(project["version"])
    return None
