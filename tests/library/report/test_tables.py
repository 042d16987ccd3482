"""Tables of the report."""

from attrition.report import words
from attrition.report.tables import Column, table

COLUMNS = [Column("name", "<Name>"), Column("share", "Share", "percent")]


def test_a_cell_is_text_and_never_markup():
    hostile = '<script>alert(1)</script>" onload="x" style="a" headers="table-c9"'
    html = table([{"name": hostile, "share": 0.5}], COLUMNS, 'a "table"')
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "headers=" in html.replace("&quot;", '"')
    assert "<Name>" not in html
    assert "<style" not in html


def test_numbers_stand_right_and_cells_know_the_head_of_their_column():
    html = table([{"name": "a", "share": 0.5}, {"name": "b", "share": None}], COLUMNS, "rows")
    assert html.count('data-label="Share" class="gt_row gt_right"') == 2
    assert ">50%<" in html
    assert f">{words.UNKNOWN}<" in html
    assert " id=" not in html
