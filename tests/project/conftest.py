"""One build of the sample that the tests of the whole project share."""

import pytest
from dbt_project import QUICK, Project, new_project


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The sample, built from nothing with every dbt test, the way a user does."""
    project = new_project(tmp_path_factory.mktemp("built"))
    done = project.process("build", "--vars", QUICK)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return project
