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

from attrition.publish import publish_tables


class Plugin(BasePlugin):
    """Registers `attrition_publish(tables as JSON) -> text` on the build's connection."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Read `publish_to`, the path of the copy; make the build's folder; show progress."""
        self._published = Path(plugin_config.get("publish_to", "warehouse/attrition.duckdb"))
        if self.creds is not None and self.creds.path != ":memory:":
            Path(self.creds.path).parent.mkdir(parents=True, exist_ok=True)
        _show_progress()

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Make publishing callable from SQL."""

        def attrition_publish(tables: str) -> str:
            names = publish_tables(conn, json.loads(tables), self._published)
            return f"Published {len(names)} tables to {self._published}"

        conn.create_function(
            "attrition_publish", attrition_publish, ["VARCHAR"], "VARCHAR", side_effects=True
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
