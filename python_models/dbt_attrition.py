"""The plugin of dbt that checks the settings before dbt parses anything.

At start dbt imports every top-level module named `dbt_*` and calls `initialize` of what it lists
in `plugins`, on every adapter. A project that is not ours, and has not installed ours, is left
alone.
"""

import re
from pathlib import Path

import click
from dbt.adapters.factory import FACTORY
from dbt.flags import get_flags
from dbt.plugins import dbtPlugin

# These read no settings, and mend a project whose settings are wrong.
_UNCHECKED = {"clean", "debug", "deps", "init"}
_OUR_NAME = re.compile(r"^name:\s*[\"']?attrition[\"']?\s*(#.*)?$", re.MULTILINE)


class SettingsPlugin(dbtPlugin):
    """Stops dbt with one line per problem of the settings."""

    def initialize(self) -> None:
        """Check the settings of the project in which dbt was called, if they are ours.

        Raises:
            SettingsError: When a setting is wrong; dbt shows its text and stops.
        """
        flags = get_flags()
        folder = Path(getattr(flags, "PROJECT_DIR", None) or ".")
        if getattr(flags, "WHICH", None) in _UNCHECKED or not _is_ours(folder):
            return
        from attrition.settings.loading import load_settings
        from attrition.warehouse.abilities import abilities_of

        load_settings(folder, getattr(flags, "VARS", None) or {}, abilities_of(_adapter()))


def _is_ours(folder: Path) -> bool:
    """Say whether a folder holds our project, or one that has installed it."""
    try:
        if (folder / "dbt_packages" / "attrition" / "dbt_project.yml").is_file():
            return True
        text = (folder / "dbt_project.yml").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    return _OUR_NAME.search(text) is not None


def _adapter() -> str:
    """Return the adapter of dbt's profile, which dbt reads before it looks for plugins.

    Where another program runs dbt (sqlfluff does), there is no command of dbt's to ask; the adapter
    is registered by then.
    """
    command = click.get_current_context(silent=True)
    if command is not None and command.obj:
        return command.obj["profile"].credentials.type
    return next(iter(FACTORY.adapters))


plugins = [SettingsPlugin]
