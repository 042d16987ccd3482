"""The project, built by its own `dbt build` in a folder of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
NO_TESTS = ("--exclude-resource-type", "test", "unit_test")
# All that a version's judgement on the test rows needs; scores and reasons cost more than it.
JUDGED = ("+attrition_model_metrics", "+ml_test_predictions")
# Of these, what a change of a training setting changes.
TRAINED = (
    "attrition_feature_catalog",
    "modeling_dataset",
    "training_plan",
    *(f"training_plan+,{selected}" for selected in JUDGED),
)
# What a training build finds there: all that does not depend on the plan, and the plan.
PREPARED = ("+training_plan",)
# What the gate says of the version that was trained.
DECIDED = ("training_plan+,+attrition_promotions",)
# From the plan on to the champion's scores.
SCORED = ("training_plan+,+attrition_scores",)


class BuildError(RuntimeError):
    """dbt did not finish; the message is the end of what it printed."""


class NoVersionError(BuildError):
    """dbt finished and trained nothing; the message says why."""


@dataclass(frozen=True)
class ScratchProject:
    """A database of the project in `folder`; `settings` hold for every build of it."""

    folder: Path
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "build.duckdb"

    def build(self, select: Sequence[str] = (), **settings: Any) -> None:
        """Build what is selected, or everything, with these settings added; no dbt test runs.

        Raises:
            BuildError: A model failed.
        """
        chosen = ["--select", *select] if select else []
        settings_now = json.dumps({**self.settings, **settings})
        self._dbt("build", *NO_TESTS, *chosen, "--vars", settings_now)

    def promote(self, version_id: str, reason: str) -> str:
        """Make a version champion by an operator's decision; return what dbt said."""
        arguments = json.dumps({"version": version_id, "reason": reason})
        return self._dbt(
            "run-operation", "promote_model", "--args", arguments,
            "--vars", json.dumps(dict(self.settings)),
        )  # fmt: skip

    def query(self, sql: str, **parameters: Any) -> pd.DataFrame:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.sql(sql, params=parameters or None).df()

    def value(self, sql: str, **parameters: Any) -> Any:
        """Return the first value of a query, None where it has no row."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            rows = connection.sql(sql, params=parameters or None).fetchall()
        return rows[0][0] if rows else None

    def _dbt(self, *arguments: str) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "profiles.yml").write_text((ROOT / "profiles.yml.example").read_text())
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "dbt.cli.main", "--no-use-colors", *arguments],
            cwd=ROOT,
            env={
                "OMP_WAIT_POLICY": "PASSIVE",
                **os.environ,
                "ATTRITION_BUILD": str(self.database),
                "ATTRITION_PUBLISHED": str(self.folder / "published.duckdb"),
                "DBT_PROFILES_DIR": str(self.folder),
                "DBT_TARGET_PATH": str(self.folder / "target"),
                "DBT_LOG_PATH": str(self.folder / "logs"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BuildError(f"dbt {arguments[0]} failed:\n{(done.stdout + done.stderr)[-4000:]}")
        return done.stdout


def trained_version(project: ScratchProject) -> str:
    """Return the version that the last build trained, or had trained before with its settings.

    Raises:
        NoVersionError: There is none; the message says why nothing was trained.
    """
    found = project.value(
        "select version_id from int_evaluation__contenders where role = 'challenger'"
    )
    if found is None:
        raise NoVersionError(f"no version: {project.value('select reason from training_plan')}")
    return str(found)
