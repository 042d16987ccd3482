"""Gather what Streamlit in Snowflake runs into target/snowflake_app: `python -m app.gather`.

`snow` uploads only what lies below its manifest, and the library lies elsewhere.
"""

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent
MANIFEST = Path(__file__).parent / "streamlit_in_snowflake"
GATHERED = ROOT / "target" / "snowflake_app"
LOCKS = ("requirements-app.lock", "requirements-snowflake.lock")
# what `app`, and what it imports of the library, import themselves
PACKAGES = ("altair", "duckdb", "great-tables", "jinja2", "markupsafe", "pandas", "pyarrow",
            "pydantic", "pyyaml", "rich", "snowflake-connector-python", "streamlit")  # fmt: skip
_LEFT_OUT = shutil.ignore_patterns("__pycache__", MANIFEST.name)


def gather(folder: Path) -> None:
    """Write the manifest, the app, the library and the versions of packages into a new folder."""
    shutil.copytree(MANIFEST, folder, ignore=_LEFT_OUT)
    shutil.copytree(ROOT / "app", folder / "app", ignore=_LEFT_OUT)
    library = ROOT / "python_models" / "attrition"
    shutil.copytree(library, folder / "attrition", ignore=_LEFT_OUT)
    (folder / "requirements.txt").write_text(requirements(), encoding="utf-8")
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "config.toml").write_text(theme(), encoding="utf-8")


def requirements() -> str:
    """Return the packages with the versions of the lock files, one a line."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in LOCKS]
    versions = dict(re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", "\n".join(texts), re.MULTILINE))
    return "".join(f"{name}=={versions[name]}\n" for name in PACKAGES)


def theme() -> str:
    """Return the part of the configuration that is about looks: Snowflake sets up the server."""
    text = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    return text[text.index("[theme]") :]


if __name__ == "__main__":
    shutil.rmtree(GATHERED, ignore_errors=True)
    gather(GATHERED)
