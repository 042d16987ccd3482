"""Versions that the settings name, against those in the build's database."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from attrition.doctor.finding import Finding
from attrition.project.quoting import identifier
from attrition.settings.model import Settings
from attrition.settings.problems import did_you_mean

_TABLE = "attrition_model_artefacts"
_SHOWN = 10


def check_pinned(settings: Settings, database: Path) -> list[Finding]:
    """Hold `champion_version` and `shadow_versions` against the versions that there are.

    A database that cannot be opened is not a matter of this check: nothing is said.
    """
    champion = settings.champion_version
    named = {
        "champion_version": (champion,) if champion else (),
        "shadow_versions": settings.shadow_versions,
    }
    if not any(named.values()):
        return []
    try:
        versions = known_versions(database)
    except duckdb.Error:
        return []
    return [
        finding
        for setting, ids in named.items()
        for finding in pinned_findings(setting, ids, versions)
    ]


def known_versions(database: Path) -> list[str]:
    """Return the versions in a DuckDB file, newest first; none where there is no file."""
    if not database.is_file():
        return []
    with duckdb.connect(str(database), read_only=True) as connection:
        schemas = connection.execute(
            "select schema_name from duckdb_tables() where table_name = ?", [_TABLE]
        ).fetchall()
        rows = [
            row
            for (schema,) in schemas
            for row in connection.sql(
                f"select version_id from {identifier(schema)}.{_TABLE} order by version_number desc"
            ).fetchall()
        ]
    return [version for (version,) in rows]


def pinned_findings(setting: str, ids: Sequence[str], versions: Sequence[str]) -> Iterator[Finding]:
    """Yield a problem for each id that is no version."""
    for version in ids:
        if version in versions:
            yield Finding("ok", "Versions", f"{setting}: {version} is there.")
            continue
        text = f"{setting}: {version} is not a version.{did_you_mean(version, versions)}"
        fix = (
            f"Versions, newest first: {', '.join(versions[:_SHOWN])}."
            if versions
            else "There is none yet: build without it first."
        )
        yield Finding("problem", "Versions", text, fix)
