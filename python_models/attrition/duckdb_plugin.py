"""dbt-duckdb plugin: what a build on DuckDB needs from this process.

Named in `profiles.yml`. It lets `dbt build` publish (a SQL function that the project's
`on-run-end` calls) and shows the library's progress on the terminal.
"""

import json
import logging
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags
from dbt_common.exceptions import DbtRuntimeError

from attrition.errors import AttritionError
from attrition.publish import (
    PUBLISHED,
    ensure_free,
    is_a_file,
    publish_tables,
    refuse_build_as_copy,
)
from attrition.time_zone import pin_time_zone
from attrition.warehouse.memory_limit import read_memory_limit


class Plugin(BasePlugin):
    """Registers `attrition_publish(tables, choice) -> text` on the build's connection."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Read `publish_to`, the path of the copy; make the build's folder; show progress.

        Where another process writes the build, dbt-duckdb would end in a traceback. Relative paths
        start in the project's folder, wherever dbt was called from.
        """
        pin_time_zone()
        project_dir = Path(getattr(get_flags(), "PROJECT_DIR", None) or "").absolute()
        self._published = project_dir / plugin_config.get("publish_to", PUBLISHED)
        try:
            _require_loadable_seeds(project_dir)
            if self.creds is not None:
                read_memory_limit(str((self.creds.settings or {}).get("memory_limit", "")))
            if self.creds is not None and is_a_file(self.creds.path):
                path = project_dir / self.creds.path
                refuse_build_as_copy(path, self._published)
                ensure_free(path)
                self.creds.path = str(path)
        except AttritionError as error:
            # dbt shows its own errors without a traceback
            raise DbtRuntimeError(str(error)) from error
        _show_progress()

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Make publishing callable from SQL."""

        def attrition_publish(tables: str, choice: str) -> str:
            names = publish_tables(conn, json.loads(tables), self._published, json.loads(choice))
            return f"Published {len(names)} tables to {self._published}"

        conn.create_function(
            "attrition_publish",
            attrition_publish,
            ["VARCHAR", "VARCHAR"],
            "VARCHAR",
            side_effects=True,
        )


def _require_loadable_seeds(project_dir: Path) -> None:
    # dbt-duckdb 1.11 puts the path of a seed between apostrophes as it is
    if "'" in str(project_dir):
        raise AttritionError(
            f"The project lies in {project_dir}, and dbt-duckdb loads no seed from a folder with "
            "an apostrophe in its name. Rename the folder or move the project."
        )


def _show_progress() -> None:
    """Write the library's INFO lines to standard error, once."""
    logger = logging.getLogger("attrition")
    if logger.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s  %(message)s", datefmt="%H:%M:%S"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
