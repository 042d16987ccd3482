"""Build the SQL up to the modeling dataset somewhere else, look at it, and leave nothing."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import yaml

from attrition.errors import AttritionError
from attrition.project.dbt_process import Connection, run_dbt

_ENDS = ("modeling_dataset", "attrition_feature_catalog", "attrition_rejected_records")
# a new database holds no version that could be pinned
_NO_VERSIONS = {"champion_version": None, "shadow_versions": []}


@contextmanager
def scratch_build(
    project_dir: Path, overrides: Mapping[str, Any], connection: Connection
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Run dbt into a database in a temporary folder and open it for reading.

    The profile is the project's own but for its path, so that secrets and extensions still hold.

    Raises:
        AttritionError: dbt failed; it has said why.
    """
    with tempfile.TemporaryDirectory(prefix="attrition_doctor_") as name:
        folder = Path(name)
        database = folder / "scratch.duckdb"
        profile = scratch_profile(connection, database)
        (folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
        arguments = ["build", "--select", *(f"+{end}" for end in _ENDS)]
        arguments += ["--exclude-resource-type", "test", "unit_test"]
        arguments += ["--vars", json.dumps({**overrides, **_NO_VERSIONS}, default=str)]
        arguments += ["--target", connection.target]
        code = run_dbt(
            project_dir,
            arguments,
            verbose=False,
            environment={
                "DBT_PROFILES_DIR": name,
                "DBT_TARGET_PATH": str(folder / "target"),
                "DBT_LOG_PATH": str(folder / "logs"),
            },
            only_trouble=True,
        )
        if code != 0:
            raise AttritionError("the SQL up to the modeling dataset cannot be built")
        with duckdb.connect(str(database), read_only=True) as opened:
            yield opened


def scratch_profile(connection: Connection, database: Path) -> dict[str, Any]:
    """Return profiles.yml with the one output that is used, which writes to `database`."""
    kept = {key: value for key, value in connection.output.items() if key != "database"}
    output = {**kept, "type": "duckdb", "path": str(database)}
    return {
        connection.profile: {
            "target": connection.target,
            "outputs": {connection.target: output},
        }
    }
