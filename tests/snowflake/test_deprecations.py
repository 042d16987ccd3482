"""dbt warns of nothing that a later release will refuse, with either adapter."""

import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml
from account import DATABASE, PROFILE, SCHEMA
from dbt_project import ROOT, copied_project

# Reading the project needs no account: nothing answers at this port.
NOBODY = PROFILE.format(port=9, database=DATABASE, schema=SCHEMA)
PROFILES = {"prod": NOBODY, "dev": (ROOT / "profiles.yml.example").read_text()}


def deprecations(root, folder, target):
    """Parse a project from nothing; return the deprecations that dbt tells of."""
    folder.mkdir(exist_ok=True)
    (folder / "profiles.yml").write_text(PROFILES[target])
    environment = {
        "DBT_PROFILES_DIR": str(folder),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_USE_COLORS": "false",
    }
    done = subprocess.run(
        [
            sys.executable, "-m", "dbt.cli.main", "parse", "--target", target,
            "--show-all-deprecations", "--no-partial-parse",
        ],
        cwd=root, env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "Performance info" in done.stdout, "dbt did not come to its end"
    return re.findall(r"(?i)^.*deprecat.*$", done.stdout, re.M)


@pytest.mark.parametrize("target", PROFILES)
def test_the_project_uses_nothing_deprecated(tmp_path, target):
    assert deprecations(ROOT, tmp_path / "dbt", target) == []


@pytest.fixture
def copy(tmp_path):
    """Return a copy of the project with its staging models alone, so that it is read quickly."""
    root = copied_project(tmp_path).root
    for path in (root / "models").rglob("*"):
        if path.suffix in (".sql", ".yml") and "staging" not in path.parts:
            path.unlink()
    for part in ("python_models", "tests/singular"):
        shutil.rmtree(root / part)
    (root / "models" / "_groups.yml").write_text((ROOT / "models" / "_groups.yml").read_text())
    return root


def test_what_is_deprecated_is_told(copy, tmp_path):
    path = copy / "models" / "staging" / "sales" / "_sales__models.yml"
    content = yaml.safe_load(path.read_text())
    # a key of our own beside `meta`, and a property of dbt's outside `config`
    content["models"][0] |= {"reviewed_by": "somebody"}
    content["models"][0].setdefault("config", {})["shelf_life"] = 12
    path.write_text(yaml.safe_dump(content))
    told = "\n".join(deprecations(copy, tmp_path / "planted", "prod"))
    assert "CustomKeyInConfigDeprecation" in told
    assert "CustomKeyInObjectDeprecation" in told
