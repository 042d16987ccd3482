"""What the commands of Snowflake need of the project: its profile, its settings, dbt itself."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrition.errors import AttritionError
from attrition.project.dbt_process import ensure_profiles, run_dbt
from attrition.project.profile import Connection, connection_of
from attrition.settings.loading import load_settings
from attrition.snowflake import feature_store
from attrition.snowflake.connection import missing_variables, rendered_output
from attrition.snowflake.ddl import ddl_sql, public_tables
from attrition.snowflake.library import LIBRARY_STAGE, library_name, pinned_name, write_library
from attrition.snowflake.names import identifier, names_of_output
from attrition.warehouse.abilities import ABILITIES

_NAMES = ("role", "warehouse", "database", "schema")


def snowflake_output(project_dir: Path, target: str) -> Connection:
    """Return an output of the profile that is Snowflake's.

    Raises:
        AttritionError: There is no such output, or it is of another warehouse.
    """
    found = connection_of(project_dir, target)
    if found.target != target:
        raise AttritionError(
            f"profiles.yml has no output {target!r}; copy it from profiles.yml.example, "
            "or name another with --target."
        )
    if found.type != "snowflake":
        raise AttritionError(
            f"The output {found.target!r} of profiles.yml is {found.type}, not snowflake; "
            "name one with --target, such as --target prod."
        )
    found.require_adapter()
    return found


def upload_library(project_dir: Path, target: str) -> list[str]:
    """Write the zip into `target/` and have dbt put it on the stage.

    Args:
        project_dir: Folder of `dbt_project.yml`.
        target: Output of the profile.

    Returns:
        What was done, in sentences.

    Raises:
        AttritionError: The project imports another library, or dbt could not upload it.
    """
    snowflake_output(project_dir, target)
    pinned = pinned_name((project_dir / "dbt_project.yml").read_text(encoding="utf-8"))
    if pinned != library_name():
        raise AttritionError(
            f"dbt_project.yml imports {pinned}, and the library here is {library_name()}: the "
            "sources have changed. Run `attrition settings write` first."
        )
    path = write_library(project_dir / "target" / "library")
    given = f"{{path: '{path.resolve()}'}}"
    arguments = ["run-operation", "upload_library", "--args", given, "--target", target]
    code = run_dbt(project_dir, arguments)
    if code != 0:
        raise AttritionError(
            f"{path.name} was not uploaded; dbt says why above. `attrition doctor --target "
            f"{target}` looks at the connection, the stage and the grants."
        )
    return [f"{path.name} is on the stage {LIBRARY_STAGE}."]


def tables_and_grants(
    project_dir: Path, target: str, reader_role: str | None = None, manifest: Path | None = None
) -> str:
    """Return SQL that makes the public tables of a target, with the grants on them.

    Args:
        project_dir: Folder of `dbt_project.yml`.
        target: Output of the profile, one of Snowflake's; its login need not be set.
        reader_role: Who may read the public tables; None for nobody.
        manifest: dbt's manifest; None has dbt parse the project, which opens no connection.

    Raises:
        AttritionError: The output is not Snowflake's, dbt cannot parse the project, or the
            manifest is missing or of another warehouse.
    """
    reader = identifier(reader_role, "--reader-role") if reader_role else None
    settings = load_settings(project_dir, abilities=ABILITIES["snowflake"])
    output = snowflake_output(project_dir, target).output
    unknown = dict.fromkeys(missing_variables(output), "unknown")
    named = {key: output[key] for key in _NAMES if key in output}
    pool = None if settings.engine == "local" else settings.compute_pool
    names = names_of_output(rendered_output(named), compute_pool=pool)
    content = _read(manifest) if manifest else _parsed(project_dir, target, unknown)
    return ddl_sql(
        public_tables(content), names, reader, reads_raw_tables=settings.raw_data == "source"
    )


def register_features(project_dir: Path, target: str) -> list[str]:
    """Register the feature tables of the domains that are on; errors as of `register`."""
    output = rendered_output(snowflake_output(project_dir, target).output)
    domains = load_settings(project_dir, abilities=ABILITIES["snowflake"]).feature_domains
    return feature_store.register(output, domains)


def _parsed(project_dir: Path, target: str, unknown: Mapping[str, str]) -> dict[str, Any]:
    """Have dbt parse the project for a target; what is unknown is never used."""
    ensure_profiles(project_dir)
    with tempfile.TemporaryDirectory(prefix="attrition_ddl_") as folder:
        code = run_dbt(
            project_dir,
            ["parse", "--target", target],
            verbose=False,
            environment={**unknown, "DBT_TARGET_PATH": folder, "DBT_LOG_PATH": folder},
            only_trouble=True,
        )
        if code != 0:
            raise AttritionError(f"dbt cannot parse the project for {target}; it says why above.")
        return _read(Path(folder) / "manifest.json")


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AttritionError(
            f"{path} is no manifest of dbt ({error}): run dbt parse --target prod, or leave out "
            "--manifest."
        ) from error
    return dict(content)
