"""Builds killed, met by another or out of disk: python -m benchmarks.faults

One small company is built undisturbed. Then builds of it are killed at moments that a seed draws,
ten in a row before one may finish; two are started at once; and one meets a full disk. What is
left must be whole after each, and in the end the same as after the undisturbed build. The full disk
is a small tmpfs, which only root may mount; without it that part is left out.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from benchmarks.data_sets import generated
from benchmarks.records import RESULTS, keep_results
from benchmarks.scratch_project import NO_TESTS, ROOT

CUSTOMERS = 300
MONTHS = 30
MOMENTS = 20
IN_A_ROW = 10
SEED = 20
SETTINGS = {
    "feature_domains": ["sales"],
    "num_tuning_rounds": 2,
    "backtest_quarters": 0,
    "promotion": {"beat_baselines": False, "min_attritions": 5},
}
# When and by which run, which differ between any two builds, and what a build says of the state
# that it found.
OF_THE_RUN = re.compile(r"(^|_)(at|id|seconds|run|plan)$")
DURATION = r'"duration_seconds": ?[0-9.e-]+'
NOT_COMPARED = {"training_plan", "attrition_python_log"}


@dataclass(frozen=True)
class Event:
    """One fault and what came of it."""

    fault: str
    moment: str
    code: int
    published: str
    said: str = ""


@dataclass
class Faults:
    """What all faults came to."""

    build_seconds: float = 0.0
    events: list[Event] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Company:
    """The project with a database of its own."""

    folder: Path
    raw: Path

    @property
    def built(self) -> Path:
        return self.folder / "build.duckdb"

    @property
    def published(self) -> Path:
        return self.folder / "published.duckdb"

    def start(self, command: str, **changes: object) -> subprocess.Popen[str]:
        """Start `dbt build` or `attrition build` in a session of its own."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "profiles.yml").write_text((ROOT / "profiles.yml.example").read_text())
        settings = SETTINGS | {"raw_data": "source", "raw_location": str(self.raw)} | changes
        module = {"dbt": "dbt.cli.main", "attrition": "attrition.cli"}[command]
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", module, "build", *NO_TESTS, "--vars",
             json.dumps(settings)],
            cwd=ROOT,
            env={
                "OMP_WAIT_POLICY": "PASSIVE",
                **os.environ,
                "ATTRITION_BUILD": str(self.built),
                "ATTRITION_PUBLISHED": str(self.published),
                "DBT_PROFILES_DIR": str(self.folder),
                "DBT_TARGET_PATH": str(self.folder / "target"),
                "DBT_LOG_PATH": str(self.folder / "logs"),
                "DBT_USE_COLORS": "false",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )  # fmt: skip

    def build(self, command: str = "dbt", **changes: object) -> tuple[int, str]:
        """Build to the end; return the exit code and what was said."""
        running = self.start(command, **changes)
        said, _ = running.communicate()
        return running.returncode, said

    def kill(self, command: str, after: float) -> int:
        """Kill a build some seconds after its start, and wait until nobody of it runs."""
        running = self.start(command)
        try:
            running.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            # attrition's dbt ends with it, and closes the pipe
            running.communicate()
        return running.returncode


def published_state(company: Company) -> str:
    """Say whether the copy that people read can be read, and how many tables it has."""
    if not company.published.exists():
        return "none yet"
    with duckdb.connect(str(company.published), read_only=True) as connection:
        names = [
            name for (name,) in connection.sql("select table_name from duckdb_tables()").fetchall()
        ]
        for name in names:
            connection.sql(f'select count(*) from "{name}"').fetchall()
    return f"{len(names)} tables"


def differences(one: Company, other: Company) -> list[str]:
    """Return the public tables that differ between two builds in more than when they were made."""
    found = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one.published}' as one (read_only)")
        connection.execute(f"attach '{other.published}' as other (read_only)")
        names = {
            database: {
                name for (name,) in connection.execute(
                    "select table_name from duckdb_tables() where database_name = ?", [database]
                ).fetchall()
            }
            for database in ("one", "other")
        }  # fmt: skip
        found += [f"{name} is there once" for name in sorted(names["one"] ^ names["other"])]
        for name in sorted(names["one"] & names["other"] - NOT_COMPARED):
            columns = ", ".join(
                f"regexp_replace(trials, '{DURATION}', '', 'g')"
                if column == "trials"
                else f'"{column}"'
                for column, *_ in connection.sql(f"describe one.{name}").fetchall()
                if not OF_THE_RUN.search(column) or column in {"customer_id", "version_id"}
            )
            [[count]] = connection.sql(
                f"select (select count(*) from (select {columns} from one.{name} except all"
                f" select {columns} from other.{name})) + (select count(*) from (select {columns}"
                f" from other.{name} except all select {columns} from one.{name}))"
            ).fetchall()
            if count:
                found.append(f"{name}: {count} rows")
    return found


def killed(company: Company, calm: Company, moments: int, faults: Faults) -> None:
    """Kill builds at drawn moments; after some in a row one may finish and is compared."""
    rng = random.Random(SEED)
    for number in range(1, moments + 1):
        # one that ends before its moment is not killed: another moment is drawn
        code = 0
        while code >= 0:
            after = rng.uniform(1, faults.build_seconds)
            command = rng.choice(["dbt", "attrition"])
            code = company.kill(command, after)
        faults.events.append(
            Event(f"kill -9 of {command} build", f"{after:.1f} s", code, published_state(company))
        )
        if number % IN_A_ROW and number < moments:
            continue
        code, said = company.build()
        faults.events.append(
            Event("then left alone", "", code, published_state(company), last(said))
        )
        faults.differences += [f"after {number} kills: {one}" for one in differences(calm, company)]
        if number < moments:
            shutil.rmtree(company.folder)


def two_at_once(company: Company, calm: Company, faults: Faults) -> None:
    """Start two builds at the same moment on one database."""
    running = [company.start("dbt"), company.start("attrition")]
    ended = [(one, one.communicate()[0]) for one in running]
    for one, said in ended:
        faults.events.append(
            Event("two builds at once", "", one.returncode, published_state(company), last(said))
        )
    if not any(one.returncode == 0 for one, _ in ended):
        faults.differences.append("two at once: none of them finished")
    faults.differences += [f"two at once: {one}" for one in differences(calm, company)]


def disk_full(folder: Path, raw: Path, calm: Company, faults: Faults) -> None:
    """Build again where hardly a megabyte is left, and once more with room."""
    with small_disk(folder) as resize:
        company = Company(folder / "company", raw)
        code, _ = company.build()
        last_good = company.published.read_bytes()
        used = shutil.disk_usage(folder).used
        resize(used + 2**19)
        for command in ("dbt", "attrition"):
            code, said = company.build(command, retrain="always", random_seed=7)
            is_same = company.published.read_bytes() == last_good
            faults.events.append(
                Event(f"disk full, {command} build", "", code,
                      "the last good copy" if is_same else "changed", last(said))
            )  # fmt: skip
            if code == 0 or not is_same:
                faults.differences.append(f"disk full: {command} build ended with {code}")
        resize(2**30)
        code, said = company.build()
        faults.events.append(
            Event("then with room", "", code, published_state(company), last(said))
        )
        faults.differences += [f"disk full: {one}" for one in differences(calm, company)]


@contextmanager
def small_disk(folder: Path) -> Iterator:
    """Mount a tmpfs; give what changes its size in bytes."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs"]
    subprocess.run([*mount, "-o", "size=1g", "tmpfs", str(folder)], check=True, capture_output=True)
    try:
        yield lambda size: subprocess.run(
            ["mount", "-o", f"remount,size={size}", str(folder)], check=True
        )
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def last(said: str) -> str:
    """Return the last lines of what a build said that tell of an end or an error."""
    # neither the clock nor the folders of this machine
    lines = [
        re.sub(r"^\d\d:\d\d:\d\d\s+|(?<![:/\w])/(\S+/)+", "", line).strip()
        for line in said.splitlines()
    ]
    telling = [
        line for line in lines
        if re.search(r"error|full|space|another|published|wait|cannot|failed", line, re.I)
    ]  # fmt: skip
    return (telling or lines or [""])[-1][:200] if not telling else " / ".join(telling[-2:])[:300]


def shown(faults: Faults) -> Table:
    table = Table(title=f"An undisturbed build takes {faults.build_seconds:.0f} s")
    for name in ("fault", "moment", "exit", "published copy", "said"):
        table.add_column(name, overflow="fold")
    for event in faults.events:
        table.add_row(event.fault, event.moment, str(event.code), event.published, event.said)
    return table


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moments", type=int, default=MOMENTS, help="how many builds are killed")
    options = parser.parse_args(arguments)
    console = Console()
    faults = Faults()
    with tempfile.TemporaryDirectory(prefix="attrition_faults_") as name:
        folder = Path(name)
        generated(CUSTOMERS, months=MONTHS, truth=False)(folder / "raw")
        calm = Company(folder / "calm", folder / "raw")
        started = time.perf_counter()
        code, said = calm.build()
        faults.build_seconds = round(time.perf_counter() - started, 1)
        if code:
            raise SystemExit(f"the undisturbed build failed:\n{said[-3000:]}")
        console.print(f"undisturbed: {faults.build_seconds} s, {published_state(calm)}")
        killed(Company(folder / "killed", folder / "raw"), calm, options.moments, faults)
        two_at_once(Company(folder / "two", folder / "raw"), calm, faults)
        if os.geteuid() == 0:
            disk_full(folder / "disk", folder / "raw", calm, faults)
    console.print(shown(faults))
    for one in faults.differences:
        console.print(f"[red]differs[/red] {one}")
    everything = options.moments == MOMENTS and os.geteuid() == 0
    keep_results(console, RESULTS / "faults.json" if everything else None, asdict(faults))
    if faults.differences:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
