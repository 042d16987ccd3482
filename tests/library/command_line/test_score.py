"""A file of customers is scored by the published copy alone."""

import json

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import training_fixture as fixture
from attrition.cli import app
from attrition.command_line import score
from attrition.command_line.score import score_file
from attrition.errors import AttritionError
from attrition.publish import publish_tables
from attrition.scoring.artefact import ModelVersion
from attrition.scoring.champion_sql import champion_rows
from attrition.scoring.score_customers import TABLES
from typer.testing import CliRunner


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder with a published copy that holds a champion."""
    folder = tmp_path_factory.mktemp("scored")
    (folder / "dbt_project.yml").write_text("name: shop\n", encoding="utf-8")
    rows = champion_rows(ModelVersion.from_row(fixture.trained()))
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        for table in TABLES:
            part = pc.equal(rows["part"], table.rpartition("_")[2])
            fixture.store(connection, table, rows.filter(part))
        version = fixture.trained()["version_id"]
        connection.execute(
            f"create table attrition_model_versions as select '{version}' as version_id,"
            " 0.4 as decision_threshold"
        )
        names = [("main", name) for name in (*TABLES, "attrition_model_versions")]
        publish_tables(connection, names, folder / "warehouse" / "attrition.duckdb")
    return folder


@pytest.fixture
def published(project, monkeypatch):
    for name in ("ATTRITION_PUBLISHED", "ATTRITION_BUILD"):
        monkeypatch.delenv(name, raising=False)
    return project / "warehouse" / "attrition.duckdb"


def written(path, change="*"):
    """Write some customers with the champion's features, and return them."""
    with duckdb.connect() as connection:
        fixture.store(connection, "customers", fixture.dataset().slice(0, 300))
        names = ", ".join(ModelVersion.from_row(fixture.trained()).preprocessing.types())
        connection.execute(
            f"copy (select customer_id, as_of_date, {names} from (select {change} from customers))"
            f" to '{path}'"
        )
    return fixture.dataset().slice(0, 300)


@pytest.mark.parametrize("ending", ["csv", "parquet", "json"])
def test_every_row_gets_the_librarys_probability_in_the_order_of_the_file(
    published, tmp_path, ending
):
    path = tmp_path / f"new.{ending}"
    customers = written(path)
    found = score_file(published, path)
    version = ModelVersion.from_row(fixture.trained())
    assert found["customer_id"].to_pylist() == customers["customer_id"].to_pylist()
    expected = version.predict_probability(customers)
    np.testing.assert_allclose(found["attrition_probability"], expected, atol=5e-6)
    assert found["is_predicted_attrition"].to_pylist() == list(
        np.asarray(found["attrition_probability"]) >= 0.4
    )
    assert set(found["model_version"].to_pylist()) == {version.version_id}


def test_a_level_that_looks_like_a_number_is_not_read_as_one(tmp_path):
    given = tmp_path / "new.csv"
    given.write_text("plan,age\n1.50,1\n2,yes\n,\n", encoding="utf-8")
    rows = score._read(given)
    with duckdb.connect() as connection:
        connection.register("attrition_file", rows)
        typed = score._typed(connection, rows, {"plan": "category", "age": "numeric"})
        found = connection.sql(
            f"select plan, age from ({typed}) order by attrition_line"
        ).fetchall()
    assert found == [("1.50", 1.0), ("2", 1.0), (None, None)]


FAULTS = {
    "a number in words": (
        "* replace ('lots' as noise)",
        "row 1 has 'lots' as noise, expected a num",
    ),
    "no date": (
        "* replace ('soon' as as_of_date)",
        "row 1 has 'soon' as as_of_date, expected a da",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_value_that_is_no_number_is_named_with_its_row(published, tmp_path, fault):
    change, said = FAULTS[fault]
    written(tmp_path / "new.csv", change)
    with pytest.raises(AttritionError, match=said):
        score_file(published, tmp_path / "new.csv")


def test_features_that_are_not_there_are_named_or_count_as_unknown(published, tmp_path):
    path = tmp_path / "new.parquet"
    customers = written(path)
    table = duckdb.sql(f"select * exclude (payer_type, noise) from '{path}'").to_arrow_table()
    duckdb.from_arrow(table).write_parquet(str(path))
    with pytest.raises(AttritionError, match="lacks noise, payer_type, of"):
        score_file(published, path)
    found = score_file(published, path, may_lack=True)
    version = ModelVersion.from_row(fixture.trained())
    for name in ("payer_type", "noise"):
        place = customers.column_names.index(name)
        empty = pa.nulls(customers.num_rows, customers[name].type)
        customers = customers.set_column(place, name, empty)
    expected = version.predict_probability(customers)
    np.testing.assert_allclose(found["attrition_probability"], expected, atol=5e-6)
    raw = tmp_path / "raw.csv"
    raw.write_text("customer_id,sold_on\nC1,2024-01-01\n", encoding="utf-8")
    with pytest.raises(AttritionError, match="Raw records are scored by `attrition build`"):
        score_file(published, raw, may_lack=True)


def run(project, *arguments):
    return CliRunner().invoke(app, ["score", "--project-dir", str(project), *arguments])


def test_the_command_prints_writes_and_refuses(project, published, tmp_path):
    path = tmp_path / "new.csv"
    written(path)
    told = run(project, "--input", str(path), "--json")
    assert len(json.loads(told.stdout)) == 300
    assert "300 rows written" in run(
        project, "--input", str(path), "--out", str(tmp_path / "out.xlsx")
    ).stdout  # fmt: skip
    assert "row" in run(project, "--input", str(path)).stdout
    for arguments, said in (
        (["--input", str(tmp_path / "none.csv")], "there is no file"),
        (["--input", str(tmp_path / "out.xlsx")], "ends in none of .csv, .parquet, .json"),
        (["--input", str(path), "--out", "a.txt"], "ends in none of"),
    ):
        refused = run(project, *arguments)
        assert refused.exit_code != 0
        assert said in refused.output
