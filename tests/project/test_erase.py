"""A customer who is erased is in no table and no file, and no later build brings them back."""

import subprocess
import sys

import duckdb
import pytest
from dbt_project import NO_TESTS, QUICK, Project, copied_build, copied_project

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("built")]


def cells_with(path, text: str) -> dict[str, int]:
    """Return how many cells of texts hold `text` somewhere, for each table that has one."""
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name from duckdb_columns() inner join duckdb_tables() "
            "using (schema_name, table_name) where data_type like '%VARCHAR%'"
        ).fetchall()
        found: dict[str, int] = {}
        for table, column in columns:
            [(count,)] = connection.execute(
                f'select count(*) from "{table}" where contains("{column}"::varchar, $1)', [text]
            ).fetchall()
            if count:
                found[table] = found.get(table, 0) + count
    return found


def erase(project: Project, customer: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "attrition.cli", "erase", customer, "--project-dir", project.root],
        env=project.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_an_erased_customer_is_nowhere_and_does_not_come_back(built, tmp_path):
    project = Project(copied_build(built, tmp_path).folder, copied_project(tmp_path).root)
    # somebody who was scored and judged, and has a broken record too
    [(customer,)] = project.query(
        "select customer_id from attrition_score_history where customer_id in "
        "(select customer_id from ml_test_predictions) order by customer_id limit 1"
    )
    with duckdb.connect(str(project.build_path)) as connection:
        connection.execute(
            "insert into attrition_rejected_records values "
            "('sales', 's0', $1, 'no_sold_on', '{\"customer_id\": \"' || $1 || '\"}')",
            [customer],
        )
    before = cells_with(project.build_path, customer)
    seeds = {name for name in before if name.startswith("raw_")}
    assert {"attrition_score_history", "attrition_rejected_records", "attrition_reasons",
            "ml_test_predictions", "int_features__vector", "raw_sales"} < set(before)  # fmt: skip
    others = project.query("select count(*) from attrition_score_history")[0][0] - 1

    said = erase(project, customer)
    for table in set(before) - seeds:
        assert f"{table}: " in said
    assert "The raw tables still hold records" in said
    assert set(cells_with(project.build_path, customer)) == seeds
    assert cells_with(project.published_path, customer) == {}
    assert customer.encode() not in project.published_path.read_bytes()
    assert project.query("select count(*) from attrition_score_history") == [(others,)]

    for seed in (project.root / "seeds").glob("raw_*.csv"):
        lines = seed.read_text(encoding="utf-8").splitlines(keepends=True)
        seed.write_text("".join(line for line in lines if customer not in line), encoding="utf-8")
    project.build("--vars", QUICK, *NO_TESTS)
    assert cells_with(project.build_path, customer) == {}
    assert project.query("select count(*) from ml_candidate") == [(0,)]
    assert project.query("select count(*) from attrition_score_history") == [(others,)]

    said = erase(project, customer)
    assert f"No table of the build holds {customer}: nothing was removed." in said
    assert f"No raw record holds {customer}." in said
    for path in (project.build_path, project.published_path):
        assert customer.encode() not in path.read_bytes()
