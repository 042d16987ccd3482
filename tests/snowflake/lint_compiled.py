"""Lint the project's SQL as Snowflake gets it: compiled against an emulated account, no other.

    python tests/snowflake/lint_compiled.py

The SQL as it is written is linted in DuckDB's dialect; here the branches of the macros that only
Snowflake takes are read, too. What the rules ask of the layout of Jinja is not asked again.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "support")]

# What is written by hand in a file of its own; the tests of the YAML are dbt's few macros again.
WRITTEN = ("resource_type:model", "resource_type:analysis", "test_type:singular")
AT_LEAST = 60


def main() -> int | str:
    """Return the exit status of sqlfluff, or why it was not asked."""
    from account import running_account
    from dbt_project import ROOT

    with tempfile.TemporaryDirectory() as scratch, running_account(Path(scratch), ROOT) as account:
        account.run("compile", "--select", *WRITTEN, "--indirect-selection", "empty")
        files = sorted((account.target / "compiled").rglob("*.sql"))
        if len(files) < AT_LEAST:
            return f"dbt compiled {len(files)} files, at least {AT_LEAST} were expected"
        return subprocess.run(
            [
                *(Path(sys.executable).with_name("sqlfluff"), "lint", "--disable-progress-bar"),
                *("--processes", "2", "--ignore-local-config"),
                *("--config", HERE / "compiled.sqlfluff", *files),
            ],
            check=False,
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
