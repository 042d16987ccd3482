"""Run dbt as a process of its own, so that stopping the command stops dbt."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from attrition.project.build_view import show_build

# They try the SQL on rows of their own and say nothing of the data: whoever changes the project
# runs them, with `dbt build` or `make test`.
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
_STOPPED_BY_SIGNAL = 128
# <linux/prctl.h>
_PR_SET_PDEATHSIG = 1


def ensure_profiles(project_dir: Path) -> bool:
    """Copy `profiles.yml.example` to `profiles.yml` where there is none; say whether it did."""
    target, example = project_dir / "profiles.yml", project_dir / "profiles.yml.example"
    if target.exists() or not example.is_file():
        return False
    shutil.copyfile(example, target)
    return True


def run_dbt(
    project_dir: Path,
    arguments: Sequence[str],
    verbose: bool = True,
    environment: Mapping[str, str] | None = None,
    only_trouble: bool = False,
    errors: list[str] | None = None,
) -> int:
    """Run dbt in the project's folder and return its exit code.

    Args:
        project_dir: Folder of `dbt_project.yml`.
        arguments: The subcommand and its options.
        verbose: Pass on all that dbt prints, or show progress and what matters (see
            `attrition.project.build_view`).
        environment: Variables that win over those of this process.
        only_trouble: Where not verbose, leave out what the project's macros tell.
        errors: Where not verbose, gets what dbt says of errors, which are not shown then.
    """
    # dbt imports its own main module before Python runs it, which Python warns of
    command = [sys.executable, "-W", "ignore::RuntimeWarning:runpy", "-m", "dbt.cli.main"]
    if not verbose:
        command += ["--log-format", "json", "--no-use-colors"]
    with (
        subprocess.Popen(
            [*command, *arguments],
            cwd=project_dir,
            # threads of XGBoost that wait in busy loops slow a shared machine many times over
            env={"OMP_WAIT_POLICY": "PASSIVE", **os.environ, **(environment or {})},
            stdout=None if verbose else subprocess.PIPE,
            stderr=None if verbose else subprocess.STDOUT,
            text=True,
            # no other thread runs yet
            preexec_fn=_end_with_its_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        ) as process,
        _passed_on(process),
    ):
        while True:
            try:
                if process.stdout is not None:
                    show_build(
                        process.stdout, Console(stderr=True, emoji=False), only_trouble, errors
                    )
                code = process.wait()
                break
            except KeyboardInterrupt:
                # the terminal has sent the interrupt to dbt too: let it finish cleaning up
                continue
    return code if code >= 0 else _STOPPED_BY_SIGNAL - code


def _end_with_its_parent() -> None:
    """Have Linux terminate dbt when this process is killed, which nothing here would notice."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def _passed_on(process: subprocess.Popen[str]) -> Iterator[None]:
    """Pass termination of this process on to dbt while it runs."""

    def terminate(number: int, _frame: Any) -> None:
        process.send_signal(number)

    previous = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
