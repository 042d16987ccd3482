"""Start the dashboard: `python -m app`, with the options of `streamlit run`."""

import importlib
import sys
from importlib.util import find_spec
from pathlib import Path

# What the first visitor would wait for otherwise.
_NEEDED = ("altair", "great_tables", "pandas", "app.views.customer", "app.views.customers",
           "app.views.forecast", "app.views.contacts", "app.views.quality")  # fmt: skip


def start(arguments: list[str]) -> None:
    """Start Streamlit in this process."""
    if find_spec("streamlit") is None:
        raise SystemExit("Streamlit is not installed: `make app` installs it and starts it.")
    for name in _NEEDED:
        importlib.import_module(name)
    from streamlit.web import cli

    script = Path(__file__).with_name("main.py")
    sys.argv = ["streamlit", "run", str(script), *arguments]
    cli.main()


if __name__ == "__main__":
    start(sys.argv[1:])
