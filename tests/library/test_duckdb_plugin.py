"""The plugin of dbt-duckdb: where a build and its copy lie, and what is refused."""

import datetime as dt
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from attrition import duckdb_plugin
from attrition.duckdb_plugin import Plugin
from dbt_common.exceptions import DbtRuntimeError


def plugin(monkeypatch, project_dir: Path, path: str, published: str, **settings: str) -> Plugin:
    monkeypatch.setattr(
        duckdb_plugin, "get_flags", lambda: SimpleNamespace(PROJECT_DIR=project_dir)
    )
    credentials = SimpleNamespace(path=path, settings=settings)
    return Plugin("attrition.duckdb_plugin", {"publish_to": published}, credentials=credentials)


def test_relative_paths_start_in_the_project(monkeypatch, tmp_path):
    made = plugin(monkeypatch, tmp_path, "warehouse/build.duckdb", "out/copy.duckdb")
    assert made.creds.path == str(tmp_path / "warehouse" / "build.duckdb")
    assert made._published == tmp_path / "out" / "copy.duckdb"
    assert (tmp_path / "warehouse").is_dir()


def test_an_instant_is_a_day_of_utc_whatever_the_zone_of_the_machine(monkeypatch, tmp_path):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    read = "select cast(cast(timestamptz '2024-01-01 20:00:00+00' as varchar) as date)"
    with duckdb.connect() as connection:
        assert connection.sql(read).fetchall() == [(dt.date(2024, 1, 2),)]
    plugin(monkeypatch, tmp_path, "a.duckdb", "b.duckdb")
    with duckdb.connect() as connection:
        assert connection.sql(read).fetchall() == [(dt.date(2024, 1, 1),)]


@pytest.mark.parametrize("path", [":memory:", "md:shop"])
def test_what_is_no_file_stays_as_it_is(monkeypatch, tmp_path, path):
    assert plugin(monkeypatch, tmp_path, path, "copy.duckdb").creds.path == path


def test_a_copy_over_the_build_is_refused_as_dbt_refuses(monkeypatch, tmp_path):
    with pytest.raises(DbtRuntimeError, match="is the build itself"):
        plugin(monkeypatch, tmp_path, "a.duckdb", "./a.duckdb")


def test_a_build_that_another_process_writes_is_refused_in_one_sentence(monkeypatch, tmp_path):
    path = tmp_path / "a.duckdb"
    holding = f"import duckdb; c = duckdb.connect('{path}'); print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(DbtRuntimeError, match=r"cannot be written.*If another build"):
            plugin(monkeypatch, tmp_path, str(path), "b.duckdb")
        other.communicate("\n")
    assert plugin(monkeypatch, tmp_path, str(path), "b.duckdb").creds.path == str(path)


def test_a_folder_with_an_apostrophe_is_refused_with_the_reason(monkeypatch, tmp_path):
    with pytest.raises(DbtRuntimeError, match="loads no seed from a folder with an apostrophe"):
        plugin(monkeypatch, tmp_path / "it's here", "a.duckdb", "b.duckdb")


def test_a_memory_limit_that_duckdb_does_not_read_is_one_sentence(monkeypatch, tmp_path):
    with pytest.raises(DbtRuntimeError, match="'four', which DuckDB does not read"):
        plugin(monkeypatch, tmp_path, "a.duckdb", "b.duckdb", memory_limit="four")
