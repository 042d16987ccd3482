"""Whether a build could write its database, and the versions that are pinned in it."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from attrition.doctor.connection import check_connection, check_warehouse
from attrition.doctor.pinned import check_pinned
from attrition.project.profile import Connection
from attrition.settings.loading import check_settings

HOLDER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
print("open", flush=True)
sys.stdin.read()
"""


def connection(path: str, kind: str = "duckdb") -> Connection:
    return Connection("attrition", "dev", {"type": kind, "path": path})


def test_a_file_that_is_not_there_yet_is_in_order_and_is_not_made(tmp_path):
    finding = check_connection(connection("warehouse/build.duckdb"), tmp_path)
    assert finding.status == "ok"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_a_problem(tmp_path):
    (tmp_path / "warehouse").write_text("", encoding="utf-8")
    finding = check_connection(connection("warehouse/build.duckdb"), tmp_path)
    assert finding.status == "problem"
    assert "cannot be made" in finding.text


def test_a_file_that_can_be_opened_is_in_order(tmp_path):
    duckdb.connect(str(tmp_path / "build.duckdb")).close()
    assert check_connection(connection("build.duckdb"), tmp_path).status == "ok"


def test_a_file_that_another_process_reads_is_a_problem(tmp_path):
    path = tmp_path / "build.duckdb"
    duckdb.connect(str(path)).close()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout.readline() == "open\n"
        finding = check_connection(connection("build.duckdb"), tmp_path)
        holder.stdin.close()
    assert finding.status == "problem"
    assert "lock" in finding.text
    assert "close it" in finding.fix


def test_a_file_that_is_no_database_is_a_problem(tmp_path):
    (tmp_path / "build.duckdb").write_text("not a database at all", encoding="utf-8")
    assert check_connection(connection("build.duckdb"), tmp_path).status == "problem"


def test_the_path_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("ELSEWHERE", "there.duckdb")
    text = "{{ env_var('ELSEWHERE', 'here.duckdb') }}"
    assert "there.duckdb" in check_connection(connection(text), tmp_path).text
    monkeypatch.delenv("ELSEWHERE")
    assert "here.duckdb" in check_connection(connection(text), tmp_path).text


def test_a_database_in_memory_is_a_warning(tmp_path):
    assert check_connection(connection(":memory:"), tmp_path).status == "warning"


def test_other_warehouses_are_left_to_dbt(tmp_path):
    [finding] = check_warehouse(connection("", "postgres"), tmp_path, None)
    assert (finding.status, "postgres" in finding.text) == ("ok", True)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "build.duckdb"
    with duckdb.connect(str(path)) as opened:
        opened.execute("create schema prod")
        opened.execute(
            "create table prod.attrition_model_artefacts as "
            "select 'v0123456789ab' as version_id, 2 as version_number "
            "union all select 'vba9876543210', 1"
        )
    return path


def test_versions_that_are_there_are_in_order(database):
    values = {"champion_version": "v0123456789ab", "shadow_versions": ["vba9876543210"]}
    assert [f.status for f in check_pinned(check_settings(values), database)] == ["ok", "ok"]


def test_a_version_that_is_not_there_is_named_with_the_nearest(database):
    values = {"champion_version": "v0123456789aa", "shadow_versions": ["vba9876543210"]}
    problem, _ = check_pinned(check_settings(values), database)
    assert problem.text == (
        "champion_version: v0123456789aa is not a version. Did you mean v0123456789ab?"
    )
    assert problem.fix == "Versions, newest first: v0123456789ab, vba9876543210."


def test_a_pinned_version_before_the_first_build_is_a_problem(tmp_path):
    settings = check_settings({"shadow_versions": ["v1"]})
    [problem] = check_pinned(settings, tmp_path / "none.duckdb")
    assert problem.status == "problem"
    assert "build without it first" in problem.fix


def test_without_pinned_versions_nothing_is_said(database):
    assert check_pinned(check_settings({}), database) == []
