"""Which raw tables and columns there are, from the sources that the project declares."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SOURCES_FILE = "models/staging/_staging__sources.yml"


def read_raw_tables(project_dir: Path) -> Sequence[Mapping[str, Any]]:
    """Return the raw tables as the project or its installed package declares them, or nothing.

    Args:
        project_dir: Folder of a `dbt_project.yml`: this project's, or one that installs it.
    """
    import yaml

    for folder in (project_dir, project_dir / "dbt_packages" / "attrition"):
        path = folder / SOURCES_FILE
        if path.is_file():
            [source] = yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
            return source["tables"]
    return ()


def find_raw_columns(project_dir: Path) -> Mapping[str, tuple[str, ...]]:
    """Return {raw table: its columns}, nothing where none is declared; `project_dir` as above."""
    return {
        table["name"]: tuple(column["name"] for column in table["columns"])
        for table in read_raw_tables(project_dir)
    }
