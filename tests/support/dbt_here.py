"""dbt, run in this process: loaded once, and a project parsed once for settings that parse alike.

Most of the seconds of a small run of dbt are its start: imports, and reading six hundred nodes.
"""

import contextlib
import functools
import gc
import hashlib
import io
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

# Settings that choose which nodes there are and what they refer to. dbt reads all others when it
# compiles; tests/project/test_manifest.py holds that.
READ_WHEN_PARSED = (
    "feature_domains", "raw_columns", "raw_data", "raw_location", "score_with", "shadow_versions",
)  # fmt: skip
PARTS_OF_A_PROJECT = ("dbt_project.yml", "macros", "models", "python_models", "seeds", "tests")


class Done(subprocess.CompletedProcess):
    """What a process would have left, and dbt's own results where it ran nodes."""

    results: tuple[Any, ...] = ()


def run_dbt(root: Path, environment: Mapping[str, str], arguments: Sequence[str]) -> Done:
    """Run dbt on a project.

    Args:
        root: The folder of the project.
        environment: What dbt finds in its environment; DBT_PROFILES_DIR must be there.
        arguments: The command and its options, as on a command line.
    """
    # its first import keeps the frames that asked for it, and with them dbt's connection
    import optuna  # noqa: F401
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    said, told = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, environment),
        contextlib.chdir(root),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(told),
    ):
        manifest = None
        if arguments[0] != "parse" and "--target" not in arguments:
            profile = Path(environment["DBT_PROFILES_DIR"], "profiles.yml").read_text()
            # the database is called like its file
            profile += Path(environment.get("ATTRITION_BUILD", "")).name
            parsed = _parsed(root, profile, _state_of(root), _parsed_with(arguments))
            manifest = (
                Manifest.from_msgpack(parsed, decoder=extended_mashumuro_decoder)
                if parsed
                else None
            )
        answer = dbtRunner(manifest=manifest).invoke(list(arguments))
    _close_connections()
    if answer.exception:
        said.write(f"\n{answer.exception}\n")
    code = 0 if answer.success else 1
    done = Done([*arguments], code, said.getvalue(), told.getvalue())
    done.results = tuple(getattr(answer.result, "results", ()))
    return done


@functools.lru_cache(maxsize=12)
def _parsed(root: Path, profile: str, state: str, variables: str) -> bytes | None:
    """Return the parsed project, or none where dbt refuses it and the command is to say why.

    As bytes, since dbt writes into the manifest that it is given.
    """
    from dbt.cli.main import dbtRunner
    from dbt.parser.manifest import extended_mashumaro_encoder

    # not into the log of the command that asks
    options = ["--quiet", "--no-partial-parse", "--log-level-file", "none"]
    parsed = dbtRunner().invoke(["parse", *options, "--vars", variables])
    return parsed.result.to_msgpack(extended_mashumaro_encoder) if parsed.success else None


def _parsed_with(arguments: Sequence[str]) -> str:
    variables = {}
    if "--vars" in arguments:
        variables = yaml.safe_load(arguments[arguments.index("--vars") + 1]) or {}
    return yaml.safe_dump({name: variables[name] for name in READ_WHEN_PARSED if name in variables})


def _state_of(root: Path) -> str:
    """Return a text that changes with every file that dbt parses."""
    files = []
    for part in PARTS_OF_A_PROJECT:
        path = root / part
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix in (".csv", ".py", ".sql", ".yml", ".md"):
                about = file.stat()
                files.append(f"{file} {about.st_mtime_ns} {about.st_size}")
    return hashlib.sha256("\n".join(files).encode()).hexdigest()


def _close_connections() -> None:
    """Let go of the database, which a test may want to read, or somebody else to write."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()
    gc.collect()
