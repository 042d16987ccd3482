"""Start the dashboard: `python -m app`, with `--target` and the options of `streamlit run`."""

import argparse
import importlib
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from app.reader import TARGET_VARIABLE

# What the first visitor would wait for otherwise.
_NEEDED = ("altair", "great_tables", "pandas", "app.copy_reader", "app.views.customer",
           "app.views.customers", "app.views.forecast", "app.views.contacts",
           "app.views.quality")  # fmt: skip


def start(arguments: list[str]) -> None:
    """Start Streamlit in this process."""
    if find_spec("streamlit") is None:
        raise SystemExit("Streamlit is not installed: `make app` installs it and starts it.")
    for name in _NEEDED:
        importlib.import_module(name)
    from streamlit.web import cli

    target, options = _split(arguments)
    if target:
        os.environ[TARGET_VARIABLE] = target
    script = Path(__file__).with_name("main.py")
    sys.argv = ["streamlit", "run", str(script), *options]
    cli.main()


def _split(arguments: list[str]) -> tuple[str | None, list[str]]:
    """Return the output that `--target` names, and what is left for Streamlit."""
    parser = argparse.ArgumentParser(prog="python -m app", add_help=False, allow_abbrev=False)
    parser.add_argument("--target", "-t")
    given, options = parser.parse_known_args(arguments)
    return given.target, options


if __name__ == "__main__":
    start(sys.argv[1:])
