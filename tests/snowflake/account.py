"""An emulated Snowflake account, and the project as its user would build it there."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import snowflake.connector
from dbt_project import ROOT, copied_project

DATABASE, SCHEMA = "attrition", "marts"
STARTING_TAKES_AT_MOST = 120
PROFILE = """
attrition:
  target: prod
  outputs:
    prod:
      type: snowflake
      account: fakesnow
      user: fake
      password: snow
      host: 127.0.0.1
      port: {port}
      protocol: http
      insecure_mode: true
      threads: 1
      role: attrition
      warehouse: attrition
      database: {database}
      schema: {schema}
"""


@dataclass(frozen=True)
class Account:
    """A running emulator and a copy of the project whose profile leads to it."""

    port: int
    folder: Path
    root: Path

    @property
    def target(self) -> Path:
        return self.folder / "target"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DBT_PROFILES_DIR": str(self.folder),
            "DBT_TARGET_PATH": str(self.target),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "DBT_USE_COLORS": "false",
            "NO_COLOR": "1",
        }

    def dbt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "dbt.cli.main", *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, *arguments: str) -> str:
        done = self.dbt(*arguments)
        assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
        return done.stdout

    def upload(self) -> str:
        """Put the library on the stage as `attrition snowflake upload` does."""
        from attrition.snowflake.library import write_library

        path = write_library(self.folder / "library")
        return self.run("run-operation", "upload_library", "--args", f"{{path: '{path}'}}")

    @contextlib.contextmanager
    def connection(self):
        """Yield a connection of Snowflake's own connector."""
        with snowflake.connector.connect(
            account="fakesnow",
            user="fake",
            password="snow",
            host="127.0.0.1",
            port=self.port,
            protocol="http",
            insecure_mode=True,
            database=DATABASE,
            schema=SCHEMA,
        ) as connection:
            yield connection

    def query(self, sql: str) -> list[tuple]:
        with self.connection() as connection:
            return connection.cursor().execute(sql).fetchall()

    def registered(self) -> dict:
        """Return what the emulated registry holds of the project's model."""
        content = json.loads((self.folder / "registry.json").read_text())
        [model] = content.values()
        return model


@contextlib.contextmanager
def running_account(folder: Path):
    """Yield an empty account, and stop it."""
    project = copied_project(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    profile = PROFILE.format(port=port, database=DATABASE, schema=SCHEMA)
    (folder / "profiles.yml").write_text(profile)
    environment = {
        **os.environ,
        "EMULATED_REGISTRY": str(folder / "registry.json"),
        "TMPDIR": tempfile.mkdtemp(dir=folder),
    }
    here = Path(__file__).parent
    with (folder / "emulator.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "emulator.py", str(port)],
            cwd=here,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(port, process, folder / "emulator.log")
        yield Account(port, folder, project.root)
    finally:
        process.terminate()
        process.wait()


def _wait_for(port, process, log):
    for _ in range(10 * STARTING_TAKES_AT_MOST):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise AssertionError(f"the emulator does not answer:\n{log.read_text()[-3000:]}")


def copy_of_sample(root: Path) -> None:
    """Put the sample's seeds back as they are in the project."""
    shutil.rmtree(root / "seeds")
    shutil.copytree(ROOT / "seeds", root / "seeds")
