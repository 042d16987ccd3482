"""Which packages the Python models ask for, and which versions are near to one that is missing.

What is asked of an account is in test_snowflake.py.
"""

import pytest
from attrition.doctor.packages import nearest_versions, package_findings, wanted_packages
from attrition.errors import AttritionError
from attrition.snowflake.names import names_from_environment
from packaging.requirements import Requirement
from packaging.version import Version


def test_versions_are_ordered_as_versions():
    versions = [Version(text) for text in ("1.2", "1.9", "1.10", "2.0", "2.1", "10.0")]
    nearest = nearest_versions(Requirement("x==1.11"), versions)
    assert list(map(str, nearest)) == ["1.9", "1.10", "2.0", "2.1"]


@pytest.mark.parametrize(
    ("config", "packages", "python"),
    [
        ({"+packages": ["a==1", "b==2"], "+python_version": "3.12"}, ["a==1", "b==2"], "3.12"),
        ({"packages": ["a==1"]}, ["a==1"], None),
        ({}, [], None),
    ],
)
def test_packages_are_read_from_the_project_file(config, packages, python):
    content = {"models": {"attrition": {"training": config, "scoring": config}}}
    found, version = wanted_packages(content)
    assert (found, version) == (packages, python)


@pytest.mark.parametrize(("source", "packages"), [("pypi", ["a==1"]), ("conda", ["a>=1", "b"])])
def test_packages_are_those_of_the_source(source, packages):
    chosen = "env_var('SNOWFLAKE_PACKAGE_SOURCE', 'pypi')"
    text = f"{{{{ ['a>=1', 'b'] if {chosen} == 'conda' else ['a==1'] }}}}"
    content = {"models": {"attrition": {"training": {"+packages": text}}}}
    assert wanted_packages(content, source) == (packages, None)


def test_a_package_that_is_not_written_as_one_says_so():
    content = {"models": {"attrition": {"training": {"+packages": ["a=1"]}}}}
    names = names_from_environment({"SNOWFLAKE_PACKAGE_SOURCE": "conda"})

    def rows(_sql):
        return [{"repository": None}]

    with pytest.raises(AttritionError, match="not written as name==version"):
        list(package_findings(content, rows, names))
