"""What stops a plain build before any table is touched, and what the doctor says of a project."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from dbt_project import ROOT, Project, new_project

pytestmark = pytest.mark.xdist_group("checks")


def write_sales(folder: Path, months: int) -> str:
    """Write sales of 300 customers over months from January 2020; return the settings to read them.

    Who buys when is a matter of arithmetic: about a seventh buys in each month.
    """
    folder.mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select 's' || c || '_' || m as sale_id, 'c' || c as customer_id, "
            "date '2020-01-01' + to_months(cast(m as integer)) + to_days(cast(c % 28 as integer)) "
            "as sold_on, 1 + c % 3 as quantity, 10 * (1 + c % 3) as amount "
            f"from range(300) as a(c), range({months}) as b(m) "
            "where hash(c * 1000 + m) % 7 < 2 or m = c % 5) "
            f"to '{folder / 'sales.csv'}' (header)"
        )
    return json.dumps(
        {
            "raw_data": "source",
            "raw_location": str(folder),
            "feature_domains": ["sales"],
            "attrition_horizon": 3,
        }
    )


def tables(project: Project) -> list[tuple]:
    return project.query("select table_name from duckdb_tables() union all from duckdb_views()")


def test_a_horizon_longer_than_the_sales_stops_before_any_state_is_touched(tmp_path):
    project = new_project(tmp_path)
    settings = json.loads(write_sales(tmp_path / "raw", months=5)) | {"attrition_horizon": 8}
    done = project.dbt("build", "--vars", json.dumps(settings))
    assert done.returncode != 0
    text = " ".join(done.stdout.split())
    assert "attrition_horizon: 8 is longer than the history: the accepted sales reach from" in text
    assert "2020-01-01 to 2020-05-28, 4 months; at most 3 would fit." in text
    assert (
        project.query(
            "select table_name from duckdb_tables() where table_name not like 'int_%' "
            "and table_name not in ('attrition_feature_definitions', 'attrition_feature_catalog')"
        )
        == []
    )


def test_versions_that_do_not_exist_stop_before_any_table_is_touched(tmp_path):
    project = new_project(tmp_path)
    project.build_path.parent.mkdir()
    with duckdb.connect(str(project.build_path)) as connection:
        connection.execute(
            "create table attrition_model_artefacts as select 'v0123456789ab' as version_id, "
            "'x' as task_fingerprint, date '2024-01-01' as newest_label_date, "
            "timestamp '2024-02-01' as created_at"
        )
    values = {"champion_version": "v0123456789aa", "shadow_versions": ["vffffffffffff"]}
    done = project.dbt("build", "--vars", json.dumps(values))
    assert done.returncode != 0
    text = " ".join(done.stdout.split())
    known = "Versions, newest first: v0123456789ab."
    assert f"champion_version: v0123456789aa is not a version. {known}" in text
    assert f"shadow_versions: vffffffffffff is not a version. {known}" in text
    assert project.query("select table_name from duckdb_tables()") == [
        ("attrition_model_artefacts",)
    ]


def doctor(project: Project, variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "attrition.cli", "doctor", "--vars", variables],
        cwd=ROOT,
        env=project.environment | {"TMPDIR": str(project.folder / "tmp"), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_doctor_says_what_will_not_work_and_touches_nothing(tmp_path):
    project = new_project(tmp_path)
    (tmp_path / "tmp").mkdir()
    project.build_path.parent.mkdir()
    with duckdb.connect(str(project.build_path)) as connection:
        connection.execute("create table mine as select 1 as one")
    before = project.build_path.read_bytes()
    done = doctor(project, write_sales(tmp_path / "raw", months=12))
    assert done.returncode == 0, done.stdout + done.stderr
    text = " ".join(done.stdout.split())
    assert "Settings: All settings are in order." in text
    assert "sales.csv" in text
    assert "warning Validation: The history is short" in text
    # without product types nobody buys a sensor, and without returns nothing comes back
    assert "sensor_order_count_12m" in text
    assert "Fix: drop: [" in text
    assert "Not published" not in done.stdout + done.stderr
    assert project.build_path.read_bytes() == before
    assert not project.published_path.exists()
    assert list((tmp_path / "tmp").glob("attrition_doctor_*")) == []


def test_the_doctor_fails_where_nothing_can_be_trained(tmp_path):
    project = new_project(tmp_path)
    (tmp_path / "tmp").mkdir()
    done = doctor(project, write_sales(tmp_path / "raw", months=6))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "problem  Training: Nothing can be trained:" in done.stdout
    assert not project.build_path.exists()
