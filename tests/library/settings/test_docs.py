"""Files that are written from the definition of the settings are current and complete."""

from pathlib import Path

import pytest
from attrition.settings.docs import generated_files, schema_macro, write_files
from attrition.settings.feature_names import find_definitions
from attrition.settings.model import Settings, settings_schema
from attrition.settings.raw_names import read_raw_tables
from macro_harness import Macros

PROJECT = Path(__file__).resolve().parents[3]
FILES = generated_files(find_definitions(PROJECT), read_raw_tables(PROJECT))


@pytest.mark.parametrize("name", FILES)
def test_the_file_in_the_tree_is_current(name):
    assert (PROJECT / name).read_text(encoding="utf-8") == FILES[name], (
        f"{name} is not current: run `attrition settings write`"
    )


def test_the_page_names_every_setting_and_every_key():
    page = FILES["docs/settings.md"]
    for name, node in settings_schema().items():
        assert f"| `{name}` |" in page
        keys = [*node.get("fields", {})]
        for fields in node.get("modes", {}).values():
            keys += fields
        for key in keys:
            assert f"| `{name}.{key}` |" in page


def test_the_macro_holds_every_setting_and_its_default():
    found = Macros().settings_schema()
    assert {name: node["default"] for name, node in found.items()} == {
        name: node["default"] for name, node in settings_schema().items()
    }


def test_a_new_default_changes_the_macro():
    schema = settings_schema()
    changed = {**schema, "random_seed": {**schema["random_seed"], "default": 7}}
    assert schema_macro(schema) == FILES["macros/settings/settings_schema.sql"]
    assert schema_macro(changed) != FILES["macros/settings/settings_schema.sql"]


def test_only_files_that_are_not_current_are_written(tmp_path):
    first = {path.relative_to(tmp_path).as_posix() for path in write_files(tmp_path)}
    assert first == set(FILES)
    assert write_files(tmp_path) == []
    (tmp_path / "docs" / "settings.md").write_text("old", encoding="utf-8")
    assert [path.name for path in write_files(tmp_path)] == ["settings.md"]


def test_every_setting_has_a_group_and_a_description():
    schema = settings_schema()
    assert set(schema) == set(Settings.model_fields)
    assert all(node["group"] and node["description"] for node in schema.values())
