"""dbt as a process: its exit code, and signals that reach it."""

import os
import signal
import subprocess
import sys
import time

import pytest
from attrition.project.dbt_process import ensure_profiles, run_dbt


def test_the_example_is_copied_once(tmp_path):
    (tmp_path / "profiles.yml.example").write_text("mine: {}", encoding="utf-8")
    assert ensure_profiles(tmp_path)
    (tmp_path / "profiles.yml").write_text("own", encoding="utf-8")
    assert not ensure_profiles(tmp_path)
    assert (tmp_path / "profiles.yml").read_text(encoding="utf-8") == "own"


def test_the_exit_code_is_that_of_dbt(tmp_path):
    assert run_dbt(tmp_path, ["--version"]) == 0
    assert run_dbt(tmp_path, ["no-such-command"]) != 0


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 7), (signal.SIGKILL, -signal.SIGKILL)], ids=str
)
def test_the_end_of_the_command_is_that_of_dbt(tmp_path, number, code):
    """The command that stands for dbt notes the signal; it is found first on the module path."""
    package = tmp_path / "dbt" / "cli"
    package.mkdir(parents=True)
    (package / "main.py").write_text(
        "import signal, sys, time, pathlib\n"
        "def stop(*_):\n"
        "    pathlib.Path('stopped').touch()\n"
        "    sys.exit(7)\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "pathlib.Path('started').touch()\n"
        "time.sleep(60)\n",
        encoding="utf-8",
    )
    (tmp_path / "dbt" / "__init__.py").touch()
    (package / "__init__.py").touch()
    command = (
        "import sys; from pathlib import Path; "
        "from attrition.project.dbt_process import run_dbt; "
        f"sys.exit(run_dbt(Path({str(tmp_path)!r}), []))"
    )
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    with subprocess.Popen([sys.executable, "-c", command], env=environment) as process:
        for _ in range(300):
            if (tmp_path / "started").exists():
                break
            time.sleep(0.1)
        process.send_signal(number)
        assert process.wait(timeout=30) == code
    for _ in range(300):
        if (tmp_path / "stopped").exists():
            break
        time.sleep(0.1)
    assert (tmp_path / "stopped").exists()
