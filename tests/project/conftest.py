"""One build of the sample that the tests of the whole project share."""

import fcntl

import pytest
from dbt_project import QUICK, Project, copied_build, new_project


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, request) -> Project:
    """The sample, built from nothing with every dbt test, the way a user does.

    Once in a session: the processes of pytest-xdist wait for the one that builds.
    """
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        folder = folder.parent
    project = new_project(folder / "built")
    with (folder / "built.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not project.published_path.exists():
            done = project.process("build", "--vars", QUICK)
            assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return project


@pytest.fixture
def copy(built: Project, tmp_path) -> Project:
    """A copy of the built project that a test may go on building."""
    return copied_build(built, tmp_path)
