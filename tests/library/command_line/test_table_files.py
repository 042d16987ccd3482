"""Files for people and programs hold what was found, and nothing that runs."""

import io
import json
import zipfile
from datetime import date, datetime
from decimal import Decimal
from xml.etree import ElementTree

import duckdb
import pyarrow.parquet as pq
import pytest
from attrition.cli import app
from attrition.command_line import table_files
from attrition.command_line.table_files import write_json, write_xlsx
from attrition.errors import AttritionError
from published import write_published
from typer.testing import CliRunner

ATTACKS = ["=1+1", "+1+1", "-cmd|'/c calc'!A1", "@SUM(A1)", "\t=1+1", "\r=1+1"]
NAMESPACE = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.delenv("ATTRITION_PUBLISHED", raising=False)
    monkeypatch.delenv("ATTRITION_BUILD", raising=False)
    (tmp_path / "dbt_project.yml").write_text("name: shop\n", encoding="utf-8")
    published = write_published(tmp_path / "warehouse" / "attrition.duckdb")
    with duckdb.connect(str(published)) as connection:
        connection.execute("alter table attrition_scores alter customer_id type varchar")
        connection.executemany(
            "insert into attrition_scores values (?, date '2024-07-01', 0.01, false, ?)",
            [(attack, "-12.5") for attack in ATTACKS],
        )
    return tmp_path


def export(project, out, *arguments, what="scores"):
    given = ["export", what, "--out", str(project / out), *arguments]
    return CliRunner().invoke(app, [*given, "--project-dir", str(project)])


def sheet(path):
    """Return the cells of the only sheet as (kind, text), row by row, and whether any runs."""
    with zipfile.ZipFile(path) as archive:
        root = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
        shared = []
        if "xl/sharedStrings.xml" in archive.namelist():
            texts = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
            shared = ["".join(t.itertext()) for t in texts.findall("s:si", NAMESPACE)]
    rows = []
    for row in root.iter(f"{{{NAMESPACE['s']}}}row"):
        cells = []
        for cell in row:
            kind = cell.get("t", "n")
            text = "".join(cell.itertext())
            cells.append((kind, shared[int(text)] if kind == "s" else text))
        rows.append(cells)
    return rows, bool(root.findall(".//s:f", NAMESPACE))


def test_scores_are_exported_with_the_riskiest_first(project):
    assert "18 rows written to" in export(project, "x.csv").output
    lines = (project / "x.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("customer_id,as_of_date,attrition_probability")
    assert lines[1].startswith("c12,2024-07-01,0.6,True,No order for 120 days")
    assert export(project, "x.parquet").exit_code == 0
    table = pq.read_table(project / "x.parquet")
    assert table.column("customer_id").to_pylist()[:2] == ["c12", "c11"]
    assert export(project, "x.xlsx", "--limit", "2").exit_code == 0
    rows, _ = sheet(project / "x.xlsx")
    assert [cells[0][1] for cells in rows] == ["customer_id", "c12", "c11"]
    assert rows[1][2] == ("n", "0.6")


def test_the_newest_contact_list_is_exported_in_its_order(project):
    with duckdb.connect(str(project / "warehouse" / "attrition.duckdb")) as connection:
        connection.execute("""
            create table attrition_contact_list as
            select unnest(['old', 'second', 'first']) as customer_id,
                unnest([date '2024-06-01', date '2024-07-01', date '2024-07-01']) as as_of_date,
                unnest([1, 2, 1]) as contact_rank
        """)
    assert "2 rows written to" in export(project, "x.csv", what="contacts").output
    lines = (project / "x.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in lines] == ["customer_id", "first", "second"]


def test_no_text_becomes_a_formula(project):
    export(project, "x.csv")
    text = (project / "x.csv").read_bytes().decode()
    for attack in ATTACKS:
        assert f"'{attack}" in text
    # a number stays a number
    assert ",-12.5\n" in text
    export(project, "x.xlsx")
    rows, has_formulas = sheet(project / "x.xlsx")
    assert not has_formulas
    first_cells = {cells[0] for cells in rows}
    assert all(kind in {"inlineStr", "s"} for kind, _ in first_cells)
    assert {"=1+1", "@SUM(A1)"} <= {text for _, text in first_cells}
    export(project, "x.parquet")
    assert set(ATTACKS) < set(pq.read_table(project / "x.parquet")["customer_id"].to_pylist())


def test_a_sheet_that_is_full_is_one_sentence_and_leaves_the_last_file(project, monkeypatch):
    (project / "x.xlsx").write_text("the last one", encoding="utf-8")
    monkeypatch.setattr(table_files, "_XLSX_ROWS", 17)
    result = export(project, "x.xlsx")
    assert result.exit_code == 2
    assert "A sheet of XLSX holds 17 rows and there are more" in result.output
    assert (project / "x.xlsx").read_text(encoding="utf-8") == "the last one"
    assert not list(project.glob("*.partial")) + list(project.glob(".*.partial"))
    monkeypatch.setattr(table_files, "_XLSX_ROWS", 18)
    assert export(project, "x.xlsx").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scores", "--out", "x.txt"], "x.txt ends in none of .csv, .parquet, .xlsx"),
        (["customers", "--out", "x.csv"], "'customers' is none of scores"),
        (["scores", "--out", "nowhere/x.csv"], "the folder nowhere is not there"),
    ],
)
def test_a_mistake_is_one_sentence(project, arguments, message):
    result = CliRunner().invoke(app, ["export", *arguments, "--project-dir", str(project)])
    assert result.exit_code == 2
    assert message in result.output


def test_a_cell_keeps_its_kind(tmp_path):
    row = (
        date(2024, 7, 1), datetime(2024, 7, 1, 12), Decimal("1.50"), True, None,
        float("nan"), 10**18, "http://x", ["a"],
    )  # fmt: skip
    write_xlsx(tmp_path / "x.xlsx", [str(n) for n in range(len(row))], [row])
    rows, _ = sheet(tmp_path / "x.xlsx")
    kinds = rows[1]
    assert kinds[:4] == [("n", "45474"), ("n", "45474.5"), ("n", "1.50"), ("b", "1")]
    assert [text for _, text in kinds[4:]] == [str(10**18), "http://x", "['a']"]


def test_a_text_that_no_cell_holds_is_one_sentence(tmp_path):
    with pytest.raises(AttritionError, match="Row 1 has a text of 40,000 characters"):
        write_xlsx(tmp_path / "x.xlsx", ["a"], [("x" * 40_000,)])


def test_json_holds_every_kind_of_value():
    stream = io.StringIO()
    row = (
        date(2024, 7, 1), datetime(2024, 7, 1, 12), Decimal("1.50"), Decimal(3), float("inf"),
        {"a": [1, None]}, b"\x01", "ä",
    )  # fmt: skip
    columns = [str(n) for n in range(len(row))]
    assert write_json(stream, columns, [row]) == 1
    assert list(json.loads(stream.getvalue())[0].values()) == [
        "2024-07-01", "2024-07-01T12:00:00", 1.5, 3, None, {"a": [1, None]}, "01", "ä",
    ]  # fmt: skip
    with pytest.raises(AttritionError, match="more than one column a"):
        write_json(io.StringIO(), ["a", "a"], [(1, 2)])
    empty = io.StringIO()
    write_json(empty, ["a"], [])
    assert json.loads(empty.getvalue()) == []
