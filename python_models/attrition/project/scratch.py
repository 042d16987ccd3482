"""Build a part of the project's own SQL somewhere else, look at it, and leave nothing."""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml

from attrition.errors import AttritionError
from attrition.project.dbt_process import run_dbt
from attrition.project.profile import Connection

DATASET = ("modeling_dataset", "attrition_feature_catalog", "attrition_rejected_records")
REACH = ("int_population__buckets",)
"""What answers how far the sales reach, and whether horizon and months fit."""
# a new database holds no version that could be pinned
_NO_VERSIONS = {"champion_version": None, "shadow_versions": []}


_PROBLEM = re.compile(r"^\s+- (?P<text>.+)$", re.MULTILINE)


class NotBuiltError(AttritionError):
    """The project's SQL says that something is wrong, with one line per problem."""

    def __init__(self, errors: Sequence[str]) -> None:
        said = "\n".join(errors)
        lines = [found["text"].strip() for found in _PROBLEM.finditer(said)]
        self.problems = tuple(dict.fromkeys(lines)) or (said.strip() or "dbt failed",)
        self.is_raw_data = "in the raw data:" in said
        kind = "in the raw data" if self.is_raw_data else "of settings and sales"
        noun = "problem" if len(self.problems) == 1 else "problems"
        text = "".join(f"\n  - {problem}" for problem in self.problems)
        super().__init__(f"{len(self.problems)} {noun} {kind}:{text}")


@dataclass(frozen=True)
class Reach:
    """How far the accepted sales reach.

    Attributes:
        record_count: Raw records of sales, accepted or not.
        first_day: Day of the first accepted sale, None without one.
        last_day: Day of the last one.
        origin: Name of the file that was read, or the sample.
    """

    record_count: int
    first_day: date | None
    last_day: date | None
    origin: str

    def __str__(self) -> str:
        """Say it in words."""
        noun = "record" if self.record_count == 1 else "records"
        if self.first_day is None:
            return f"{self.origin}, {self.record_count:,} {noun} of sales, none of them accepted"
        return (
            f"{self.origin}, {self.record_count:,} {noun} of sales; the accepted ones reach from "
            f"{self.first_day} to {self.last_day}"
        )


def read_reach(connection: duckdb.DuckDBPyConnection) -> Reach:
    """Read how far the sales reach from a scratch build."""
    count = connection.sql("select count(*) from stg_sales__records").fetchall()[0][0]
    days = connection.sql("select min(sold_on), max(sold_on) from int_records__sales").fetchall()
    # the view itself says which file it reads, of several that may lie in the folder
    found = connection.execute(
        "select regexp_extract(sql, $pattern, 1) from duckdb_views() "
        "where view_name = 'stg_sales__records'",
        {"pattern": r"read_[a-z]+\(\s*'((?:[^']|'')*)'"},
    ).fetchall()
    name = Path(found[0][0]).name if found else ""
    return Reach(count, *days[0], origin=name or "the sample in seeds/")


@contextmanager
def scratch_build(
    project_dir: Path,
    overrides: Mapping[str, Any],
    connection: Connection,
    ends: Sequence[str] = DATASET,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Run dbt up to some models into a database in a temporary folder and open it for reading.

    The profile is the project's own but for its path, so that secrets and extensions still hold.

    Raises:
        NotBuiltError: dbt failed, with what it said.
    """
    with tempfile.TemporaryDirectory(prefix="attrition_doctor_") as name:
        folder = Path(name)
        database = folder / "scratch.duckdb"
        profile = scratch_profile(connection, database)
        (folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
        arguments = ["build", "--select", *(f"+{end}" for end in ends)]
        arguments += ["--exclude-resource-type", "test", "unit_test"]
        arguments += ["--vars", json.dumps({**overrides, **_NO_VERSIONS}, default=str)]
        arguments += ["--target", connection.target]
        errors: list[str] = []
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
            errors=errors,
        )
        if code != 0:
            raise NotBuiltError(errors)
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
