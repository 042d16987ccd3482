"""An emulated Snowflake account, and the project as its user would build it there."""

import contextlib
import functools
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import snowflake.connector
import yaml
from attrition.snowflake.connection import open_connection, rendered_output
from attrition.snowflake.names import package_source
from attrition.snowflake.package_source import REPOSITORIES
from dbt_here import Done, run_dbt
from dbt_project import copied_project
from dialect import sent_statements

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
      threads: 1
      role: attrition
      warehouse: attrition
      database: {database}
      schema: {schema}
"""


@dataclass(frozen=True)
class Account:
    """A running emulator and a project that is built there.

    Attributes:
        folder: Where the profile that leads to it lies, and what dbt writes.
        root: The folder of the project.
    """

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

    def dbt(self, *arguments: str) -> Done:
        return run_dbt(self.root, self.environment, arguments)

    def run(self, *arguments: str) -> str:
        done = self.dbt(*arguments)
        assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
        return done.stdout

    def upload(self) -> str:
        """Put the library on the stage as `attrition snowflake upload` does."""
        from attrition.snowflake.library import write_library

        path = write_library(self.folder / "library")
        return self.run("run-operation", "upload_library", "--args", f"{{path: '{path}'}}")

    @functools.cache  # noqa: B019
    def compiled(self, settings: str, *arguments: str) -> dict:
        """Return the manifest of the compiled project."""
        self.run("compile", *arguments, "--vars", settings)
        return json.loads((self.target / "manifest.json").read_text())

    def sent(self, *arguments: str) -> list[str]:
        """Run dbt, whatever becomes of it, and return the statements that it sent."""
        log = self.folder / "logs" / "dbt.log"
        log.unlink(missing_ok=True)
        # one file, however long
        logging = ("--log-format-file", "json", "--log-file-max-bytes", "0")
        done = self.dbt(*arguments, *logging)
        assert log.exists(), done.stdout[-4000:]
        return sent_statements(log)

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
            database=DATABASE,
            schema=SCHEMA,
        ) as connection:
            yield connection

    def query(self, sql: str) -> list[tuple]:
        with self.connection() as connection:
            return connection.cursor().execute(sql).fetchall()

    def create(self, relation: str, columns: dict[str, str]) -> None:
        """Create an empty table, and its schema where there is none."""
        declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        self.query(f"create schema if not exists {relation.rpartition('.')[0]}")
        self.query(f"create or replace table {relation} ({declared})")

    def registered(self) -> dict:
        """Return the versions of the project's model, its aliases and its default version."""
        content = json.loads((self.folder / "registry.json").read_text())
        [model] = content.values()
        return model


def keep_some_customers(root: Path, last_digits: str) -> None:
    """Leave customers whose number ends so in a project's raw records, which load slowly."""
    for path in (root / "seeds").glob("raw_*.csv"):
        head, *lines = path.read_text().splitlines(keepends=True)
        place = head.split(",").index("customer_id")
        kept = [line for line in lines if line.split(",")[place][-1:] in last_digits]
        path.write_text(head + "".join(kept))


@contextlib.contextmanager
def running_account(folder: Path, root: Path | None = None, source: str = "pypi"):
    """Yield an empty account, and stop it; its project is a copy if `root` names none."""
    root = root or copied_project(folder).root
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    profile = PROFILE.format(port=port, database=DATABASE, schema=SCHEMA)
    (folder / "profiles.yml").write_text(profile)
    environment = {
        **os.environ,
        "EMULATED_REGISTRY": str(folder / "registry.json"),
        "EMULATED_PACKAGE_SOURCE": source,
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
        yield Account(port, folder, root)
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True)
class LiveAccount(Account):
    """A real account, reached as profiles.yml.example says, in a schema of its own."""

    @property
    def output(self) -> dict:
        profile = yaml.safe_load((self.folder / "profiles.yml").read_text())
        return rendered_output(profile["attrition"]["outputs"]["prod"])

    def dbt(self, *arguments: str) -> Done:
        return super().dbt(*arguments, "--target", "prod")

    @contextlib.contextmanager
    def connection(self):
        with contextlib.closing(open_connection(self.output)) as connection:
            yield connection

    def registered(self) -> dict:
        from snowflake.ml.registry import Registry
        from snowflake.snowpark import Session

        with self.connection() as connection:
            session = Session.builder.configs({"connection": connection}).create()
            model = Registry(session).get_model("ATTRITION")
            names = {one.version_name: one.show_metrics() for one in model.versions()}
            return {
                "versions": names,
                "aliases": {"CHAMPION": model.version("CHAMPION").version_name},
                "default": model.default.version_name,
            }


@contextlib.contextmanager
def live_account(folder: Path):
    """Yield a real account with an empty schema, and drop the schema."""
    project = copied_project(folder)
    schema = f"attrition_test_{secrets.token_hex(4)}"
    with mock.patch.dict(os.environ, {"SNOWFLAKE_SCHEMA": schema}):
        account = LiveAccount(0, folder, project.root)
        try:
            account.query(f"create schema if not exists {schema}")
            repository = REPOSITORIES[package_source(os.environ)]
            account.query(
                f"alter schema {schema} set default_python_artifact_repository = {repository}"
            )
            yield account
        finally:
            account.query(f"drop schema if exists {schema} cascade")


def _wait_for(port, process, log):
    for _ in range(10 * STARTING_TAKES_AT_MOST):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise AssertionError(f"the emulator does not answer:\n{log.read_text()[-3000:]}")
