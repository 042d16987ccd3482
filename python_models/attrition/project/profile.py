"""The output of dbt's profile that the command line looks at: the one that dbt itself would use."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from attrition.errors import AttritionError
from attrition.publish import PUBLISHED, is_a_file
from attrition.settings.loading import read_project
from attrition.settings.yaml_text import read_yaml_file
from attrition.warehouse.abilities import abilities_of

_PLUGIN = "attrition.duckdb_plugin"
_BUILT = "warehouse/attrition_build.duckdb"
_ENV_VAR = re.compile(
    r"\{\{\s*env_var\(\s*['\"](?P<name>[^'\"]+)['\"]\s*"
    r"(?:,\s*['\"](?P<default>[^'\"]*)['\"]\s*)?\)\s*\}\}"
)


@dataclass(frozen=True)
class Connection:
    """One output of a profile, as it is written: Jinja in it is not rendered.

    Attributes:
        profile: Name of the profile.
        target: Name of the output.
        output: Its keys and values; empty where there is no profile.
    """

    profile: str
    target: str
    output: Mapping[str, Any]

    @property
    def type(self) -> str:
        """Name of the adapter, `duckdb` where it cannot be told."""
        return str(self.output.get("type", "duckdb"))

    @property
    def database(self) -> str:
        """`path` of a DuckDB output, as dbt would see it."""
        return rendered(str(self.output.get("path", ":memory:" if self.output else _BUILT)))

    def require_adapter(self) -> None:
        """Raise AttritionError when dbt has no adapter for this output."""
        if find_spec(f"dbt.adapters.{self.type}") is None:
            raise AttritionError(
                f"The output {self.target} of profiles.yml is on {self.type}, and dbt-{self.type} "
                "is not installed. Install it (make snowflake-install has all that Snowflake "
                "needs), or name another output with --target."
            )

    def build_file(self, project_dir: Path) -> Path:
        """Return the file that a build writes.

        Raises:
            AttritionError: The output has none.
        """
        if not abilities_of(self.type).is_a_file:
            raise AttritionError(
                f"The output {self.target} of profiles.yml is on {self.type}: its tables are read "
                "there. Name an output on DuckDB with --target."
            )
        if not is_a_file(self.database):
            raise AttritionError(
                f"The output {self.target} of profiles.yml has the path {self.database}, which is "
                "no file. Name one: `path` of the output."
            )
        return project_dir / self.database

    def published_file(self, project_dir: Path) -> Path:
        """Return the copy that people read: `publish_to` of the plugin.

        Raises:
            AttritionError: The output builds no file.
        """
        self.build_file(project_dir)
        for plugin in self.output.get("plugins") or []:
            if plugin.get("module") == _PLUGIN:
                config = plugin.get("config") or {}
                return project_dir / rendered(str(config.get("publish_to", PUBLISHED)))
        return project_dir / PUBLISHED


def warehouse_of(project_dir: Path, target: str | None = None) -> str:
    """Return the adapter of the project's profile, `duckdb` where it cannot be told.

    Args:
        project_dir: Folder of `dbt_project.yml` and `profiles.yml`.
        target: Name of an output; None means the profile's own default.

    Raises:
        AttritionError: When a file is missing or is not YAML.
    """
    return connection_of(project_dir, target).type


def connection_of(project_dir: Path, target: str | None = None) -> Connection:
    """Return the output of the profile that dbt would use; arguments as of `warehouse_of`.

    Raises:
        AttritionError: When a file is missing or is not YAML.
    """
    name = str(read_project(project_dir).get("profile", "attrition"))
    outputs, default = _profile(project_dir, name)
    chosen = target or default
    if chosen not in outputs:
        chosen = next(iter(outputs), chosen)
    return Connection(name, chosen, outputs.get(chosen) or {})


def _profile(project_dir: Path, name: str) -> tuple[dict[str, Any], str]:
    """Return the outputs of a profile and the name of the default one.

    Looked for where dbt looks, and last in the example that the first build copies.
    """
    named = os.environ.get("DBT_PROFILES_DIR")
    folders = [project_dir / named] if named else [project_dir, Path.home() / ".dbt"]
    for path in (*(folder / "profiles.yml" for folder in folders),
                 project_dir / "profiles.yml.example"):  # fmt: skip
        if not path.is_file():
            continue
        content = read_yaml_file(path, str(path))
        profile = content.get(name) if isinstance(content, dict) else None
        if isinstance(profile, dict):
            return profile.get("outputs") or {}, rendered(str(profile.get("target", "default")))
    return {}, ""


def target_in(arguments: Sequence[str]) -> str | None:
    """Return the value of `--target` or `-t` among dbt's arguments, None where it is not given."""
    for position, argument in enumerate(arguments):
        if argument.startswith("--target="):
            return argument.removeprefix("--target=")
        if argument in {"--target", "-t"} and position + 1 < len(arguments):
            return arguments[position + 1]
    return None


def rendered(text: str) -> str:
    """Return a text of a profile with `{{ env_var('NAME', 'default') }}` replaced by its value."""
    return _ENV_VAR.sub(lambda found: os.environ.get(found["name"], found["default"] or ""), text)
