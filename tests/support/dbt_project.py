"""This project with a database, a target and logs of its own, and dbt run on it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
from dbt_here import Done, run_dbt

ROOT = Path(__file__).resolve().parents[2]
# Few trials, so few that the gate's comparison with a logistic regression is left out: what is
# tested here is the line from records to scores, not the search.
QUICK = "{num_tuning_rounds: 3, backtest_quarters: 1, promotion: {beat_baselines: false}}"
# Leaves out dbt's own tests where a test has seen them pass in another build.
NO_TESTS = ("--exclude-resource-type", "test", "unit_test")


@dataclass(frozen=True)
class Project:
    """A project whose database, target and logs lie in `folder`.

    Its models, macros and seeds are those in `root`.
    """

    folder: Path
    root: Path = ROOT
    database: str = "attrition_build"

    @property
    def build_path(self) -> Path:
        return self.folder / "warehouse" / f"{self.database}.duckdb"

    @property
    def published_path(self) -> Path:
        return self.folder / "warehouse" / "attrition.duckdb"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "ATTRITION_BUILD": str(self.build_path),
            "ATTRITION_PUBLISHED": str(self.published_path),
            "DBT_PROFILES_DIR": str(self.folder),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "DBT_USE_COLORS": "false",
            "NO_COLOR": "1",
        }

    def command(self, *arguments: str) -> list[str]:
        """Return what a user would type, for a process of its own."""
        return [sys.executable, "-m", "dbt.cli.main", *arguments]

    def process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run dbt the way a user does."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def dbt(self, *arguments: str) -> Done:
        """Run dbt in this process."""
        return run_dbt(self.root, self.environment, arguments)

    def build(self, *arguments: str) -> str:
        done = self.dbt("build", *arguments)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        return done.stdout

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.build_path), read_only=True) as connection:
            return connection.sql(sql).fetchall()


def new_project(folder: Path) -> Project:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "profiles.yml").write_text((ROOT / "profiles.yml.example").read_text())
    return Project(folder)


def copied_build(project: Project, folder: Path) -> Project:
    """Return a project with what another has built."""
    for part in ("warehouse", "target"):
        shutil.copytree(project.folder / part, folder / part)
    return new_project(folder)


def copied_project(folder: Path) -> Project:
    """Return a project with models, macros, seeds and data tests of its own, to be changed."""
    root = folder / "project"
    for part in ("models", "macros", "seeds", "tests/generic", "tests/singular", "tests/fixtures"):
        shutil.copytree(ROOT / part, root / part)
    for part in ("training", "scoring"):
        shutil.copytree(ROOT / "python_models" / part, root / "python_models" / part)
    for file in ("dbt_project.yml", "selectors.yml", ".dbtignore"):
        shutil.copyfile(ROOT / file, root / file)
    return Project(new_project(folder).folder, root)
