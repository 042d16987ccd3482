"""Every version of dbt that the project allows parses it without a word.

Besides the dbt of the environment, that of `OTHER_DBT` is asked, such as
`OTHER_DBT=path/to/bin/dbt`. dbt-core 1.12 needs a parser that downloads a binary while it is
built; without it, it parses and builds all the same:

    pip install --no-deps dbt-core==1.12.6 dbt-duckdb==1.11.1
"""

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from dbt_project import ROOT
from packaging.specifiers import SpecifierSet
from packaging.version import Version

OWN = str(Path(sys.executable).with_name("dbt"))
OTHER = os.environ.get("OTHER_DBT")
without_other = pytest.mark.skipif(not OTHER, reason="OTHER_DBT names no second dbt")


def asked(dbt, folder, *arguments):
    """Return what dbt says, told to read the project from nowhere but its files."""
    environment = {
        **os.environ,
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "ATTRITION_BUILD": str(folder / "build.duckdb"),
    }
    folders = ("--project-dir", ROOT, "--profiles-dir", folder)
    (folder / "profiles.yml").write_text((ROOT / "profiles.yml.example").read_text())
    done = subprocess.run(
        [dbt, "--no-use-colors", *arguments, *folders],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def allowed_versions():
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    return SpecifierSet(",".join(project["require-dbt-version"]))


@pytest.mark.parametrize("dbt", [OWN, pytest.param(OTHER, marks=without_other)])
def test_dbt_parses_without_a_warning(dbt, tmp_path):
    said = asked(dbt, tmp_path, "parse", "--show-all-deprecations")
    version = Version(re.search(r"Running with dbt=(\S+)", said)[1])
    assert version in allowed_versions()
    words = [re.sub(r"^\d\d:\d\d:\d\d\s+", "", line) for line in said.splitlines() if line.strip()]
    known = ("Running with dbt", "Registered adapter", "Unable to do partial", "Performance info")
    assert [line for line in words if not line.startswith(known)] == []
    if dbt == OTHER:
        assert version != Version(metadata.version("dbt-core")), f"OTHER_DBT is {version}, too"
