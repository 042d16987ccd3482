"""What stops a plain build before any table is touched, and what the doctor says of a project."""

import datetime as dt
import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from dbt_project import NO_TESTS, ROOT, Project, copied_project, new_project

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
    # what another thread builds at that moment keeps no state
    stateless = {
        "attrition_feature_catalog",
        "attrition_feature_definitions",
        "attrition_rejected_records",
    }
    made = {name for (name,) in project.query("select table_name from duckdb_tables()")}
    assert {name for name in made if not name.startswith("int_")} <= stateless


def test_versions_that_do_not_exist_stop_before_any_table_is_touched(tmp_path):
    project = new_project(tmp_path)
    project.build_path.parent.mkdir()
    with duckdb.connect(str(project.build_path)) as connection:
        connection.execute(
            "create table attrition_model_artefacts as select 'v0123456789ab' as version_id, "
            "'x' as task_fingerprint, date '2024-01-01' as newest_label_date, "
            "1 as version_number"
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


def test_without_its_seeds_a_run_says_what_loads_them(tmp_path):
    project = new_project(tmp_path)
    done = project.dbt("run")
    assert done.returncode != 0
    said = " ".join(done.stdout.split())
    assert "not loaded: attrition_feature_definitions, raw_complaint, raw_demographics" in said
    assert "Run `dbt seed` first, or `dbt build`, which loads them." in said
    assert project.query("select table_name from duckdb_tables()") == []


def test_an_empty_build_goes_through_and_leaves_readers_the_last_copy(tmp_path):
    project = new_project(tmp_path)
    done = project.dbt("build", "--empty", *NO_TESTS)
    assert done.returncode == 0, done.stdout
    assert "Not published: this run read no rows (--empty)" in done.stdout
    assert project.query("select count(*) from attrition_scores") == [(0,)]


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


def command(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "attrition.cli", *arguments],
        cwd=ROOT,
        env=project.environment | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_all_commands_say_the_same_last_day_of_sales_with_one_record_far_ahead(tmp_path):
    """Two years of daily sales until 2024-06-30, and one record 122 days later."""
    project = new_project(tmp_path)
    raw = tmp_path / "raw"
    raw.mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select 'c' || c as customer_id, date '2022-07-01' + cast(d as integer) as "
            "sold_on, 1 as quantity from range(731) as a(d), range(40) as b(c) "
            "where c = d % 40 or hash(c * 1000 + d) % 30 = 0 "
            "union all select 'c1', date '2024-10-30', 1) "
            f"to '{raw / 'sales.csv'}' (header)"
        )
    settings = of_the_company(raw)
    text = json.dumps(settings)
    for arguments in (("check",), ("doctor", "--quick")):
        said = command(project, *arguments, "--vars", text).stdout
        assert "the accepted ones reach from 2022-07-01 to 2024-06-30" in said, said
    offered = subprocess.run(
        [sys.executable, "-m", "attrition.cli", "init", "--raw", str(raw / "sales.csv")],
        cwd=ROOT,
        env=project.environment | {"COLUMNS": "200"},
        input="n\n",
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    assert "customers bought from 2022-07-01 to 2024-06-30;" in offered
    assert "Records: Read 1,767 of sales (1 rejected)." in offered
    # a horizon that does not fit stops the build, which says the day that it found
    too_long = json.dumps(settings | {"attrition_horizon": 30})
    for arguments in (("check",), ("build",)):
        done = command(project, *arguments, "--vars", too_long)
        assert done.returncode != 0
        assert "the accepted sales reach from 2022-07-01 to 2024-06-30, 24 months" in " ".join(
            (done.stdout + done.stderr).split()
        )
    assert project.query("select max(sold_on)::varchar from int_records__sales") == [
        ("2024-06-30",)
    ]


def of_the_company(raw: Path) -> dict:
    return {"raw_data": "source", "raw_location": str(raw), "feature_domains": ["sales"]}


@pytest.fixture(scope="module")
def raw_folder(tmp_path_factory) -> tuple[Project, Path]:
    """One project and one folder for all raw files, so that dbt parses the project once."""
    folder = tmp_path_factory.mktemp("unreadable")
    (folder / "raw").mkdir()
    return new_project(folder), folder / "raw"


SOLD = "1,2024-01-02,1\n"


@pytest.mark.parametrize(
    ("files", "changes", "said"),
    [
        ({}, {}, "no file for the table `sales`: neither"),
        ({"sale.csv": "a"}, {}, "the folder has sale.csv"),
        (
            {"sales.csv": "who,sold_on\n1,2024-01-02\n"},
            {},
            "the table `sales` has no column `customer_id`. Its columns are who, sold_on.",
        ),
        (
            {"sales.csv": "customer_id;sold_on;quantity\n1;2024-01-02;1\n"},
            {},
            "as if nothing stood between two columns: is `raw_csv: {delimiter: ...}` right?",
        ),
        (
            {"sales.csv": "customer_id,sold_on,quantity\n", "sales.parquet": "old"},
            {},
            "sales.csv are there, and only one can be the table `sales`. Move the other one away.",
        ),
        (
            {"sales.csv": "customer_id,sold_on,quantity\n" + SOLD + '"2,2024-01-03,1\n' + SOLD * 9},
            {},
            "sales.csv: a quote that opens in record 2 is not closed there, and lines after it are",
        ),
        (
            {
                "sales.csv": "customer_id,sold_on,amount\n"
                + SOLD * 30000
                + "2,2024-01-03,1,250.00\n"
            },
            {},
            "sales.csv: 1 of its records hold more values than there are columns, record 30001",
        ),
        (
            {"sales.csv": "customer_id,sold_on,Quantity,quantity\n1,2024-01-02,1,2\n"},
            {},
            "sales.csv: the column `quantity` stands there more than once; give each a name",
        ),
        (
            {"sales.csv": "customer_id,sold_on,quantity\n,2024-01-02,1\n"},
            {},
            "`sales.customer_id` is empty, and `customer_id` is required.",
        ),
        (
            {"sales.csv": "customer_id,sold_on,quantity\n1,monday,1\n2,tuesday,1\n"},
            {},
            'no value of `sales.sold_on` is a date (for example "monday")',
        ),
        (
            {"sales.csv": "customer_id,product_type,sold_on,amount\n1,shoe,2024-01-02,1\n,hat,,"},
            {},
            "no record of `sales` is accepted: 1 by no_identifier, 1 by unknown_product_type; for "
            'example {"customer_id":null,"product_type":"hat","sold_on":null,"amount":null} and {',
        ),
        (
            {
                "sales.csv": "customer_id,sold_on,quantity\n1,2024-01-02,1\n",
                "warranty.csv": "customer_id,starts_on,ends_on\n1,2024-01-02,2024-01-01\n",
            },
            {"feature_domains": ["sales", "warranty"]},
            "no record of `warranty` is accepted: 1 by ends_before_it_starts; for example",
        ),
        (
            {"sales.csv": "customer_id,sold_on,quantity\n1,2024-01-02,-1\n2,2024-01-02,0\n"},
            {},
            "no purchase was accepted. Of the 2 accepted records 1 are returns, 1 hold no units "
            "and 0 are of a product type that the target `is_attrition_c` does not count.",
        ),
        (
            {"sales.csv": "customer_id,sold_on,quantity\n1,2024-01-02,1\n"},
            {"feature_domains": ["sales", "warranty"]},
            "or take `warranty` out of `feature_domains`.",
        ),
    ],
)
def test_raw_data_that_cannot_be_read_is_named(raw_folder, files, changes, said):
    project, raw = raw_folder
    shutil.rmtree(raw)
    raw.mkdir()
    for name, content in files.items():
        (raw / name).write_text(content, encoding="utf-8")
    settings = json.dumps(of_the_company(raw) | changes)
    done = project.dbt("build", "--select", "+int_records__sales", *NO_TESTS, "--vars", settings)
    assert done.returncode != 0
    assert said in " ".join(done.stdout.split())


def test_check_says_what_stops_dbt(raw_folder):
    project, raw = raw_folder
    (raw / "sales.csv").unlink(missing_ok=True)
    done = command(project, "check", "--vars", json.dumps(of_the_company(raw)))
    assert done.returncode == 2
    assert "no file for the table `sales`: neither" in done.stderr


def test_a_raw_table_is_as_fresh_as_its_newest_record_that_is_not_dated_ahead(tmp_path):
    project = new_project(tmp_path)
    fresh, old, ahead = (dt.date.today() - dt.timedelta(days=age) for age in (30, 40, -9))
    (tmp_path / "sales.csv").write_text(f"customer_id,day\n1,{old}\n2,{fresh}\n3,{ahead}\n")
    (tmp_path / "complaint.csv").write_text(f"customer_id,opened_on\n1,{old}\n2,{ahead}\n")
    settings = {
        "raw_data": "source",
        "raw_location": str(tmp_path),
        "raw_columns": {"sales": {"sold_on": "day"}},
        "feature_domains": ["sales", "complaint"],
    }
    asked = [f"source:attrition.raw.{table}" for table in ("sales", "complaint")]
    project.dbt("source", "freshness", "--select", *asked, "--vars", json.dumps(settings))
    told = json.loads((tmp_path / "target" / "sources.json").read_text())["results"]
    assert {
        result["unique_id"].split(".")[-1]: (result["status"], result["max_loaded_at"][:10])
        for result in told
    } == {"sales": ("pass", str(fresh)), "complaint": ("warn", str(old))}


def test_relative_places_lie_in_the_project_wherever_dbt_is_called_from(tmp_path):
    project = copied_project(tmp_path / "made")
    (project.root / "raw").mkdir()
    (project.root / "raw" / "sales.csv").write_text(
        "customer_id,sold_on,quantity\nann,2024-01-02,3\n", encoding="utf-8"
    )
    settings = {"raw_data": "source", "raw_location": "raw", "feature_domains": ["sales"]}
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        project.command("run", "--select", "stg_sales__records", "--project-dir",
                        str(project.root), "--vars", json.dumps(settings)),
        cwd=elsewhere,
        env=project.environment | {"ATTRITION_BUILD": "warehouse/build.duckdb"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert list(elsewhere.iterdir()) == []
    with duckdb.connect(str(project.root / "warehouse" / "build.duckdb"), read_only=True) as built:
        read = built.sql("select customer_id, quantity::int from stg_sales__records").fetchall()
    assert read == [("ann", 3)]
