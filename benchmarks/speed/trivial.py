"""The project's graph with nothing in it: what dbt itself costs for as many nodes."""

import json
from pathlib import Path

PROFILE = """\
trivial:
  target: dev
  outputs:
    dev: {type: duckdb, path: "%s", threads: 2}
"""
PROJECT = """\
name: trivial
config-version: 2
profile: trivial
flags: {send_anonymous_usage_stats: false}
"""
# dbt's own kind in place of the project's
MADE = {"kept_table": "table"}
SQL = "{{ config(materialized='%s') }}\n%sselect 1 as x\n"
PYTHON = """\
def model(dbt, session):
    dbt.config(materialized="table")
%s    return session.sql("select 1 as x")
"""


def write_trivial(manifest: Path, folder: Path) -> dict[str, int]:
    """Write a dbt project with the models, seeds and data tests of a manifest, each `select 1`.

    Models keep their language, materialization and parents. Nothing is described, no column is
    promised, there are no hooks and no unit tests.

    Returns:
        How many nodes there are of each type.
    """
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    files: dict[str, str] = {"dbt_project.yml": PROJECT}
    files["profiles.yml"] = PROFILE % (folder / "trivial.duckdb")
    counts: dict[str, int] = {}
    for key, node in nodes.items():
        kind, name = node["resource_type"], key.split(".", 2)[2].replace(".", "_")
        parents = [one for one in node.get("depends_on", {}).get("nodes", ()) if one in nodes]
        refs = [f"ref('{one.split('.', 2)[2]}')" for one in parents]
        comments = "".join(f"-- depends_on: {{{{ {ref} }}}}\n" for ref in refs)
        if kind == "seed":
            files[f"seeds/{name}.csv"] = "x\n1\n"
        elif kind == "model" and node["language"] == "python":
            lines = "".join(f"    dbt.{ref}\n" for ref in refs)
            files[f"models/{name}.py"] = PYTHON % lines
        elif kind == "model":
            made = node["config"]["materialized"]
            files[f"models/{name}.sql"] = SQL % (MADE.get(made, made), comments)
        elif kind == "test":
            files[f"tests/{name}.sql"] = f"{comments}select 1 as x where 1 = 0\n"
        else:
            continue
        counts[kind] = counts.get(kind, 0) + 1
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return counts
