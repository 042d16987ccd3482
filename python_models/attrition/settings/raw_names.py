"""Which raw tables and columns there are, from the sources that the project declares."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SOURCES_FILE = "models/staging/_staging__sources.yml"


def package_folder(project_dir: Path) -> Path:
    """Return the folder that holds this package's models: the project, or what it installs."""
    installed = project_dir / "dbt_packages" / "attrition"
    is_ours = (project_dir / SOURCES_FILE).is_file() or not installed.is_dir()
    return project_dir if is_ours else installed


def read_raw_tables(project_dir: Path) -> Sequence[Mapping[str, Any]]:
    """Return the raw tables as the project or its installed package declares them, or nothing.

    Args:
        project_dir: Folder of a `dbt_project.yml`: this project's, or one that installs it.
    """
    import yaml

    path = package_folder(project_dir) / SOURCES_FILE
    if not path.is_file():
        return ()
    [source] = yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
    return source["tables"]


def find_raw_columns(project_dir: Path) -> Mapping[str, tuple[str, ...]]:
    """Return {raw table: its columns}, nothing where none is declared; `project_dir` as above."""
    return {
        table["name"]: tuple(column["name"] for column in table["columns"])
        for table in read_raw_tables(project_dir)
    }
