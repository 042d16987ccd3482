"""The zip that travels to Snowflake: named by its content, whole, and what the project imports."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from attrition.doctor.packages import wanted_packages
from attrition.errors import AttritionError
from attrition.snowflake import library
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

PROJECT = Path(__file__).resolve().parents[3]
PYTHON_MODELS = sorted((PROJECT / "python_models").glob("*/ml_*.py"))
# What the wheel is called where there is no graphics card, by its name in Snowflake's channel.
OTHER_NAMES = {"xgboost-cpu": "xgboost"}


@pytest.fixture
def changed(monkeypatch):
    """A library with one more line of code."""
    files = dict(library.library_files())
    files["attrition/schemas.py"] += b"\n# changed\n"
    monkeypatch.setattr(library, "library_files", lambda: files)


def config():
    text = (PROJECT / "dbt_project.yml").read_text()
    return yaml.safe_load(text)["models"]["attrition"]


def test_the_project_imports_the_library_as_it_is():
    pinned = library.pinned_name((PROJECT / "dbt_project.yml").read_text())
    assert pinned == library.library_name(), "run `attrition settings write`"


def test_the_same_sources_give_the_same_bytes_and_name(tmp_path):
    first, second = (library.write_library(tmp_path / name) for name in ("a", "b"))
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def test_another_content_has_another_name(changed):
    pinned = library.pinned_name((PROJECT / "dbt_project.yml").read_text())
    assert library.library_name() != pinned
    assert re.fullmatch(r"attrition_[0-9a-f]{12}\.zip", library.library_name())


def test_every_python_model_finds_what_it_imports_in_the_zip_alone(tmp_path):
    path = library.write_library(tmp_path)
    assert len(PYTHON_MODELS) >= 5
    code = f"import runpy, sys; sys.path.insert(0, {str(path)!r})\n"
    # one process, as most of the seconds are imports; what is in no zip, no model can import
    code += "".join(f"runpy.run_path({str(model)!r})\n" for model in PYTHON_MODELS)
    code += "import attrition\nassert '.zip' in attrition.__file__, attrition.__file__\n"
    code += "import attrition.training.fingerprints as f\nassert len(f.code_fingerprint()) == 64\n"
    code += "import attrition.snowflake.registry, attrition.snowflake.jobs\n"
    code += "from attrition.snowflake import library\n"
    code += f"assert library.library_name() == {path.name!r}, library.library_name()\n"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_command_line_stays_at_home(tmp_path):
    with zipfile.ZipFile(library.write_library(tmp_path)) as archive:
        names = archive.namelist()
    assert "attrition/scoring/artefact.py" in names
    assert not [name for name in names if "cli" in name or "doctor" in name or "generator" in name]


def locked():
    """Return the versions of the lock file as requirements fit them, by the names of PyPI."""
    lock = (PROJECT / "requirements-snowflake.lock").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+) ", lock, re.M))


def packages(source):
    texts, python = wanted_packages({"models": {"attrition": config()}}, source)
    assert python == "3.11"
    found = [Requirement(text) for text in texts]
    # a name that stands there twice is sent twice
    assert len({one.name for one in found}) == len(found)
    return {one.name: str(one.specifier) for one in found}


def test_packages_of_pypi_are_those_that_the_lock_file_tests():
    pinned = packages("pypi")
    assert pinned == {name: f"=={locked()[name]}" for name in pinned}
    assert {"xgboost-cpu", "scikit-learn", "optuna", "snowflake-ml-python"} <= pinned.keys()


def test_packages_of_conda_are_ranges_around_those_but_for_what_writes_boosters():
    ranges = packages("conda")
    assert {OTHER_NAMES.get(name, name) for name in packages("pypi")} == ranges.keys()
    versions = {OTHER_NAMES.get(name, name): version for name, version in locked().items()}
    assert all(versions[name] in SpecifierSet(one) for name, one in ranges.items())
    assert [name for name, one in ranges.items() if "==" in one] == ["xgboost"]
    # dbt adds the package by itself where it is written as a range
    assert not ranges["snowflake-snowpark-python"]


def test_a_project_that_imports_two_libraries_is_refused():
    with pytest.raises(AttritionError, match="imports 2 libraries"):
        library.pinned_name("a: attrition_0123456789ab.zip\nb: attrition_ba9876543210.zip")


def test_settings_write_follows_a_changed_library(tmp_path, changed):
    path = tmp_path / "dbt_project.yml"
    path.write_text((PROJECT / "dbt_project.yml").read_text())
    assert library.pin(tmp_path) == path
    assert library.pinned_name(path.read_text()) == library.library_name()
    assert library.pin(tmp_path) is None
