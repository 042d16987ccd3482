"""Whole builds: python -m benchmarks.speed.build --customers 10000 100000

The second build of the sample, when nothing is due, beside `dbt build` of the same models made
trivial; and the first build of generated customers, with the models that take longest.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from attrition.generator import generate
from attrition.project.dbt_process import NO_UNIT_TESTS

from benchmarks.scratch_project import ROOT, BuildError
from benchmarks.speed import Measured, interleaved, show
from benchmarks.speed.trivial import write_trivial

MONTHS = 36
SETTINGS = {"features": "core", "num_tuning_rounds": 10, "max_rows": 1_000_000}
# of seconds, and of MB: the whole build of so many customers
GOALS = {100_000: (120, 2_000), 1_000_000: (720, 6_000)}
# DuckDB's part of it, as ATTRITION_MEMORY_LIMIT; XGBoost and Arrow come on top
MEMORY_LIMITS = {100_000: "1GB", 1_000_000: "4GB"}
SLOWEST = 10


@dataclass(frozen=True)
class Run:
    """What a command took: seconds, and the largest of its processes in MB."""

    seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Scratch:
    """The project with a database, a target and logs of its own in a folder.

    Attributes:
        memory_limit: What DuckDB may hold; none for the profile's default.
    """

    folder: Path
    memory_limit: str | None = None

    def build(self, **settings: object) -> Run:
        """Run `attrition build`, as a user does."""
        return self._run("attrition.cli", ["build"], settings)

    def run_models(self, select: Sequence[str], **settings: object) -> Run:
        """Run `dbt run` of some models."""
        return self._run("dbt.cli.main", ["run", "--select", *select], settings)

    def _run(self, module: str, arguments: Sequence[str], settings: dict[str, object]) -> Run:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "profiles.yml").write_text((ROOT / "profiles.yml.example").read_text())
        more = ["--vars", json.dumps(settings)] if settings else []
        places = {
            "ATTRITION_BUILD": str(self.database),
            "ATTRITION_PUBLISHED": str(self.folder / "published.duckdb"),
            "DBT_PROFILES_DIR": str(self.folder),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
        }
        if self.memory_limit:
            places["ATTRITION_MEMORY_LIMIT"] = self.memory_limit
        return run(module, [*arguments, *more], ROOT, places)

    @property
    def database(self) -> Path:
        return self.folder / "build.duckdb"

    def seconds_of_models(self, left_out: Collection[str] = ()) -> float:
        """Return the seconds from the first model's start to the last one's end."""
        moments = [
            datetime.fromisoformat(moment)
            for one in self._results()
            if one["unique_id"].startswith("model.")
            and one["unique_id"].rpartition(".")[2] not in left_out
            for timing in one["timing"]
            for moment in (timing["started_at"], timing["completed_at"])
        ]
        return (max(moments) - min(moments)).total_seconds()

    def seconds_by_model(self) -> list[tuple[str, float]]:
        """Return the models of the last build and their seconds, the slowest first."""
        found = [
            (one["unique_id"].rpartition(".")[2], one["execution_time"])
            for one in self._results()
            if one["unique_id"].startswith(("model.", "seed."))
        ]
        return sorted(found, key=lambda pair: -pair[1])

    def _results(self) -> list[dict[str, Any]]:
        path = self.folder / "target" / "run_results.json"
        return json.loads(path.read_text(encoding="utf-8"))["results"]


def run(module: str, arguments: Sequence[str], folder: Path, places: dict[str, str]) -> Run:
    """Run a module of Python to its end.

    Raises:
        BuildError: It failed; the message is the end of what it said.
    """
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", module, *arguments],
            cwd=folder,
            # compiled imports are kept, as they are outside of containers
            env={"OMP_WAIT_POLICY": "PASSIVE", **os.environ, **places,
                 "PYTHONDONTWRITEBYTECODE": ""},
            stdout=said,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        # of its children, dbt, too
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise BuildError(f"{module} failed:\n{said.read()[-4000:]}")
    return Run(time.perf_counter() - start, used.ru_maxrss / 1024)


def nothing_due(folder: Path, times: int = 3) -> Iterator[Measured]:
    """Measure `attrition build` of the sample, once it is built, beside the trivial project."""
    ours, trivial = Scratch(folder / "sample"), folder / "trivial"
    ours.build()
    counts = write_trivial(ours.folder / "target" / "manifest.json", trivial)

    def floor() -> None:
        run("dbt.cli.main", ["build", *NO_UNIT_TESTS], trivial, {"DBT_PROFILES_DIR": str(trivial)})

    # parsed once, like ours
    floor()
    peak = ours.build().peak_mb
    seconds, least = interleaved(ours.build, floor, times)
    nodes = sum(counts.values())
    name, goal, ratio = "second build of the sample, nothing due", 2.0, seconds / least
    against = "dbt build of the same models made trivial"
    yield Measured(name, nodes, seconds, "s", against, ratio, peak, goal, ratio <= goal)
    yield Measured(against, nodes, least, "s")


def whole_build(customers: int, folder: Path) -> Iterator[Measured]:
    """Measure the first build of generated customers; with it, the slowest models."""
    limit = MEMORY_LIMITS.get(customers)
    raw, scratch = folder / "raw", Scratch(folder, limit)
    generate(customers, MONTHS, 42, raw)
    done = scratch.build(raw_data="source", raw_location=str(raw), **SETTINGS)
    seconds, megabytes = GOALS.get(customers, (None, None))
    yield Measured(
        "whole build", customers, done.seconds, "s", peak_mb=done.peak_mb, goal=seconds,
        met=None if seconds is None else done.seconds <= seconds,
    )  # fmt: skip
    yield Measured(
        "whole build, peak memory", customers, done.peak_mb, "MB",
        f"ATTRITION_MEMORY_LIMIT={limit}" if limit else None, goal=megabytes,
        met=None if megabytes is None else done.peak_mb <= megabytes,
    )  # fmt: skip
    for model, taken in scratch.seconds_by_model()[:SLOWEST]:
        yield Measured(f"whole build: {model}", customers, taken, "s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", nargs="*", type=int, default=[10_000])
    parser.add_argument("--times", type=int, default=3, help="second builds, of which the median")
    options = parser.parse_args()
    rows: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="attrition_speed_") as name:
        if options.times:
            rows += nothing_due(Path(name), options.times)
        for customers in options.customers:
            rows += whole_build(customers, Path(name) / str(customers))
    show(rows)


if __name__ == "__main__":
    main()
