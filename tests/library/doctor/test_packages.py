"""Which packages the Python models ask for, and which versions are near to one that is missing.

What is asked of an account is in test_snowflake.py.
"""

import pytest
from attrition.doctor.packages import nearest_versions, wanted_packages
from attrition.errors import AttritionError
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
    assert (list(map(str, found)), version) == (packages, python)


def test_a_package_that_is_not_written_as_one_says_so():
    content = {"models": {"attrition": {"training": {"+packages": ["a=1"]}}}}
    with pytest.raises(AttritionError, match="not written as name==version"):
        wanted_packages(content)
