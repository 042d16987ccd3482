"""The docs site and the pages beside it: example queries run, prepared views name what is there."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs

import duckdb
import pytest
from dbt_project import ROOT

pytestmark = pytest.mark.xdist_group("built")

QUERY = re.compile(r"```sql\n(.*?)```", re.S)
PAGES = [ROOT / "README.md", ROOT / "models" / "overview.md", *sorted((ROOT / "docs").glob("*.md"))]
# what an account of Snowflake runs, and what names a table of the reader's own
ELSEWHERE = ("snowflake.md", "scale.md", "attrition_app", "my_table")


@pytest.fixture(scope="module")
def manifest(built) -> dict:
    return json.loads((built.folder / "target" / "manifest.json").read_text())


def queries(manifest) -> dict[str, str]:
    found = {
        f"{node['name']} {number}": sql
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["access"] == "public"
        for number, sql in enumerate(QUERY.findall(node["description"]))
    }
    for page in PAGES:
        for number, sql in enumerate(QUERY.findall(page.read_text(encoding="utf-8"))):
            if not any(name in sql or name == page.name for name in ELSEWHERE):
                found[f"{page.name} {number}"] = sql
    return found


def test_every_example_query_runs_on_the_published_copy(built, manifest):
    asked = queries(manifest)
    assert len(asked) > 30
    failed = {}
    with duckdb.connect(str(built.published_path), read_only=True) as connection:
        for name, sql in asked.items():
            try:
                connection.execute(sql).fetchall()
            except duckdb.Error as error:
                failed[name] = str(error).splitlines()[0]
    assert failed == {}


def test_the_prepared_views_of_the_front_page_select_models_that_are_there(manifest):
    text = (ROOT / "models" / "overview.md").read_text(encoding="utf-8")
    names = {node["name"] for node in manifest["nodes"].values()}
    paths = {node["original_file_path"] for node in manifest["nodes"].values()}
    views = re.findall(r"\(#!/overview\?([^)]*)\)", text)
    assert len(views) >= 4
    for view in views:
        selected = parse_qs(view)
        assert selected["g_e"] == ["config.materialized:test config.tags:unit_test"]
        for one in selected["g_i"][0].split():
            folder = one.removeprefix("path:")
            if folder == one:
                assert one.strip("+") in names
            else:
                assert any(path.startswith(f"{folder}/") for path in paths), folder


def test_every_public_table_stands_on_the_front_page(manifest):
    text = (ROOT / "models" / "overview.md").read_text(encoding="utf-8")
    missing = [
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["access"] == "public"
        and f"`{node['name']}`" not in text
    ]
    assert missing == []


def test_links_between_pages_lead_somewhere():
    broken = []
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#:!]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not Path(page.parent, link).exists():
                broken.append(f"{page.name}: {link}")
    assert broken == []
