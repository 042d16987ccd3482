"""The part of this library that runs inside Snowflake: a zip named by its content.

A run imports the zip that `dbt_project.yml` names. A changed library has another name, so uploading
it never changes what a run in progress sees, and an earlier commit finds its own library.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import io
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path

from attrition.errors import AttritionError

LIBRARY_STAGE = "attrition_library"
PARTS = (
    "__init__.py",
    "dbt_models.py",
    "errors.py",
    "relation.py",
    "schemas.py",
    "scoring",
    "settings",
    "snowflake/__init__.py",
    "snowflake/distributed.py",
    "snowflake/job_entry.py",
    "snowflake/jobs.py",
    "snowflake/library.py",
    "snowflake/package_source.py",
    "snowflake/registry.py",
    "training",
    "warehouse/__init__.py",
    "warehouse/duckdb.py",
    "warehouse/snowflake.py",
)
"""What Python models and registered models import; the command line stays at home."""

_ZIP_NAME = re.compile(r"attrition_[0-9a-f]{12}\.zip")
_EARLIEST_DATE_IN_A_ZIP = (1980, 1, 1, 0, 0, 0)


@cache
def library_files() -> dict[str, bytes]:
    """Return the sources of the library that is running, by their paths within the zip.

    They are read from the zip itself where this runs inside Snowflake.
    """
    root = importlib.resources.files("attrition")
    return {
        f"attrition/{path}": content.replace(b"\r\n", b"\n")
        for part in PARTS
        for path, content in _sources(root.joinpath(*part.split("/")), part)
    }


def library_hash() -> str:
    """Return the first 12 hex digits of the sha256 of the library's paths and contents."""
    digest = hashlib.sha256()
    for path, content in sorted(library_files().items()):
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]


def library_name() -> str:
    """Return the name of the zip: `attrition_<hash>.zip`."""
    return f"attrition_{library_hash()}.zip"


def library_zip() -> bytes:
    """Return the zip; the same sources give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(library_files().items()):
            entry = zipfile.ZipInfo(path, _EARLIEST_DATE_IN_A_ZIP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def write_library(folder: Path) -> Path:
    """Write the zip into a folder and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / library_name()
    path.write_bytes(library_zip())
    return path


def copy_library(folder: Path) -> Path:
    """Write the sources into a folder as the package `attrition`, and return that package."""
    for path, content in library_files().items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder / "attrition"


def pinned_name(project_text: str) -> str:
    """Return the zip that the text of a `dbt_project.yml` imports.

    Raises:
        AttritionError: It imports none, or several.
    """
    found = sorted(set(_ZIP_NAME.findall(project_text)))
    if len(found) != 1:
        raise AttritionError(
            f"dbt_project.yml imports {len(found)} libraries ({', '.join(found) or 'none'}) where "
            f"one is expected: `+imports` of the Python models ends in {library_name()}."
        )
    return found[0]


def pin(project_dir: Path) -> Path | None:
    """Let `dbt_project.yml` import the library that is running; return its path if it changed.

    Raises:
        AttritionError: It imports none, or several.
    """
    path = project_dir / "dbt_project.yml"
    text = path.read_text(encoding="utf-8")
    pinned = pinned_name(text)
    if pinned == library_name():
        return None
    path.write_text(text.replace(pinned, library_name()), encoding="utf-8")
    return path


def _sources(entry: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    if entry.is_dir():
        for child in entry.iterdir():
            if child.is_dir() or child.name.endswith(".py"):
                yield from _sources(child, f"{path}/{child.name}")
    elif entry.is_file():
        yield path, entry.read_bytes()
