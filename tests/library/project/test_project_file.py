"""Vars change; everything else in the file stays as it stands."""

from pathlib import Path

import pytest
import yaml
from attrition.errors import AttritionError
from attrition.project.project_file import changed_project_file, difference, replace_file

PROJECT = Path(__file__).resolve().parents[3]
TEXT = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")


def test_nothing_changes_without_values():
    assert changed_project_file(TEXT, {}) == TEXT


def test_only_the_lines_of_the_changed_vars_differ():
    values = {
        "raw_location": "raw",
        "raw_columns": {"sales": {"sold_on": "date"}},
        "lookback_windows": [4, 13],
        "start_month": "1997-01",
    }
    after = changed_project_file(TEXT, values)
    loaded = yaml.safe_load(after)["vars"]
    assert loaded == {**yaml.safe_load(TEXT)["vars"], **values}
    changed = [line for line in difference(TEXT, after).splitlines() if line.startswith("+ ")]
    assert len(changed) == len(values)


def test_comments_are_kept():
    text = "# head\nname: attrition\nvars:\n  # why\n  max_rows: 5  # rows\n"
    assert changed_project_file(text, {"max_rows": 7}) == text.replace("5", "7")


def test_null_is_written_as_null():
    text = "name: attrition\nvars:\n  start_month: 2020-01\n"
    assert "start_month: null" in changed_project_file(text, {"start_month": None})


def test_another_project_gets_them_under_the_package():
    after = yaml.safe_load(
        changed_project_file("name: shop\nvars: {country: nl}\n", {"target": "x"})
    )
    assert after["vars"] == {"country": "nl", "attrition": {"target": "x"}}


def test_a_project_without_vars_gets_some():
    after = changed_project_file("name: attrition\n", {"raw_data": "source"})
    assert yaml.safe_load(after)["vars"] == {"raw_data": "source"}


@pytest.mark.parametrize("text", ["vars: [", "- a\n", "name: attrition\nvars: 3\n"])
def test_a_file_that_is_no_project_is_one_clear_error(text):
    with pytest.raises(AttritionError, match=r"dbt_project\.yml"):
        changed_project_file(text, {"raw_data": "source"})


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "a.yml"
    path.write_text("old", encoding="utf-8")
    replace_file(path, "new")
    assert path.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]
