"""`attrition init`: what it shows is what the project builds of a file, and what it writes."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from attrition.cli import app
from dbt_project import Project, copied_project
from typer.testing import CliRunner

VISITS = [
    (f"{customer:04d}", date(2022, 1, 1) + timedelta(days=visit * (30 + customer % 9) + customer))
    for customer in range(60)
    for visit in range(1, 12)
]
BROKEN = [("", "2022-03-01"), ("0001", "soon")]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return copied_project(tmp_path_factory.mktemp("init"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = ["who,date,qty", *(f"{customer},{day},1" for customer, day in [*VISITS, *BROKEN])]
    path = tmp_path_factory.mktemp("shop") / "shop.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def init(project: Project, file: Path, *arguments: str):
    told = ["init", "--raw", str(file), "--project-dir", str(project.root), *arguments]
    return CliRunner(env=project.environment | {"COLUMNS": "200"}).invoke(app, told)


def test_what_init_shows_is_what_the_build_has(project, shop):
    changes = ["--set", "max_month=2022-12", "--set", "attrition_horizon=2"]

    shown = init(project, shop, *changes, "--yes")

    assert shown.exit_code == 0, shown.output
    assert "+  raw_data: source" in shown.output
    assert "+  attrition_horizon: 2" in shown.output
    written = (project.root / "dbt_project.yml").read_text(encoding="utf-8")
    values = yaml.safe_load(written)["vars"]
    assert values["raw_columns"] == {
        "sales": {"customer_id": "who", "sold_on": "date", "quantity": "qty"}
    }
    assert (values["attrition_horizon"], values["max_month"]) == (2, "2022-12")
    # 60 customers with 11 visits each, and two records that cannot be used
    first, last = min(day for _, day in VISITS), max(day for _, day in VISITS)
    assert f"60 customers bought from {first} to {last}; 60 of them" in shown.output
    assert "Records: Read 662 of sales (2 rejected)." in shown.output
    # nothing is promised where nothing can be trained
    said = " ".join(shown.output.split())
    assert "Nothing can be trained" in said
    assert "get a probability" not in said

    project.build("--select", "+modeling_dataset", "--exclude-resource-type", "test", "unit_test")

    splits = project.query(
        "select split, count(*), coalesce(sum(is_attrition), 0)::int from modeling_dataset "
        "group by split"
    )
    assert len(splits) > 2
    for split, rows, attritions in splits:
        left = "" if split == "unlabelled" else rf"\s+{attritions}\s"
        assert re.search(rf"\n\s*{split}\s+{rows}\s+\d+{left}", shown.output), split


def test_a_file_of_which_nothing_is_accepted_is_told_with_the_rule(project, tmp_path):
    file = tmp_path / "shop.csv"
    file.write_text("customer,date,qty\nann,2044-01-02,1\nbob,2044-01-03,1\n", encoding="utf-8")

    refused = init(project, file, "--yes")

    assert refused.exit_code == 2
    said = " ".join(refused.output.split())
    assert "no record of `sales` is accepted: 2 by sold_on_beyond_today; for example" in said
