"""Installed versions against the ranges of the library's metadata."""

from pathlib import Path

import pytest
from attrition.doctor.installed import (
    check_installed,
    library_findings,
    package_findings,
    python_findings,
)

PROJECT = Path(__file__).resolve().parents[3]
REQUIREMENTS = ["duckdb<3,>=2.0", "rich>=14", 'pytest>=8; extra == "test"']


@pytest.mark.parametrize(
    ("version", "problems"), [("3.11.7", 0), ("3.13.0", 0), ("3.10.9", 1), ("3.14.0", 1)]
)
def test_python_must_be_in_the_range(version, problems):
    assert len(list(python_findings(version, "<3.14,>=3.11"))) == problems


def test_packages_in_their_ranges_are_no_finding():
    assert list(package_findings(REQUIREMENTS, {"duckdb": "2.0.1", "rich": "15.0"})) == []


def test_a_package_outside_its_range_is_named_with_the_range():
    [finding] = package_findings(REQUIREMENTS, {"duckdb": "3.0", "rich": "15.0"})
    assert finding.status == "problem"
    assert finding.text == "duckdb is 3.0, and the library needs <3,>=2.0."


def test_a_missing_package_is_a_problem_and_one_of_an_extra_is_not():
    [finding] = package_findings(REQUIREMENTS, {"duckdb": "2.1", "rich": None})
    assert finding.text == "rich is not installed."


def test_xgboost_may_be_installed_under_either_name():
    wanted = ["xgboost-cpu<3.3,>=3.2"]
    assert list(package_findings(wanted, {"xgboost-cpu": None, "xgboost": "3.2.0"})) == []
    [finding] = package_findings(wanted, {"xgboost-cpu": None, "xgboost": "2.1.0"})
    assert "xgboost-cpu is 2.1.0" in finding.text


def test_library_and_project_must_be_of_one_release(tmp_path):
    assert list(library_findings("0.1.0", "0.1.0")) == []
    assert list(library_findings("0.1.0", None)) == []
    [finding] = library_findings("0.1.0", "0.2.0")
    assert finding.text == "The library is 0.1.0 and the dbt project is 0.2.0."


def test_the_release_of_an_installed_package_counts(tmp_path):
    (tmp_path / "dbt_project.yml").write_text("name: shop\nversion: 7.0.0\n", encoding="utf-8")
    package = tmp_path / "dbt_packages" / "attrition"
    package.mkdir(parents=True)
    text = "name: attrition\nversion: 99.0.0\n"
    (package / "dbt_project.yml").write_text(text, encoding="utf-8")
    assert "99.0.0" in check_installed(tmp_path)[0].text


def test_this_environment_fits():
    assert [finding.status for finding in check_installed(PROJECT)] == ["ok"]
