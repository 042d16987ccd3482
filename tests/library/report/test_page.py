"""The page of the report, whatever the build holds."""

import re

import duckdb
import pytest
from attrition.command_line.summary import connect_published
from attrition.errors import AttritionError
from attrition.report.files import write_report
from attrition.report.page import page
from attrition.report.sections import SECTIONS
from attrition.report.source import published_source
from published import write_published


def written(path) -> str:
    with published_source(path) as source:
        return page(source)


def test_a_build_of_nothing_is_told_in_sentences(tmp_path):
    path = tmp_path / "empty.duckdb"
    duckdb.connect(str(path)).close()
    html = written(path)
    for section in SECTIONS:
        assert f'<section id="{section.anchor}"' in html
    assert "Run <code>attrition build</code> with the current version" in html
    assert 'class="plot"' not in html
    assert ">None<" not in html
    assert "None " not in re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)


def test_a_part_whose_columns_an_older_build_lacks_says_so_and_the_rest_is_shown(tmp_path):
    html = written(write_published(tmp_path / "older.duckdb"))
    assert "does not have the tables or columns" in html
    assert re.search(r"\(queries [^)]*most_at_risk", html)
    assert "6 customers of 12" in html
    assert "3 records broke a rule" in html


def test_there_is_no_report_before_a_build(tmp_path):
    with (
        pytest.raises(AttritionError, match="build it with `make build`"),
        published_source(tmp_path / "none.duckdb"),
    ):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    path = write_published(tmp_path / "a.duckdb")
    (tmp_path / "file").touch()
    with (
        published_source(path) as source,
        pytest.raises(AttritionError, match="Name another with --out"),
    ):
        write_report(source, tmp_path / "file" / "report")


def test_the_copy_is_only_read(tmp_path):
    path = write_published(tmp_path / "a.duckdb")
    with connect_published(path) as reader, published_source(path) as source:
        assert page(source)
        assert reader.execute("select count(*) from attrition_scores").fetchall() == [(12,)]
