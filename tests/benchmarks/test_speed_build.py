"""What a build with nothing due is held against: the same graph with nothing in it."""

import json

from dbt_here import run_dbt

from benchmarks.speed.trivial import write_trivial


def node(kind, language="sql", materialized="table", parents=()):
    return {
        "resource_type": kind,
        "language": language,
        "config": {"materialized": materialized},
        "depends_on": {"nodes": list(parents)},
    }


def test_the_trivial_project_has_each_model_seed_and_test_and_builds(tmp_path):
    nodes = {
        "seed.attrition.raw": node("seed"),
        "model.attrition.staged": node(
            "model", materialized="view", parents=["seed.attrition.raw"]
        ),
        "model.attrition.state": node(
            "model", materialized="incremental", parents=["model.attrition.staged"]
        ),
        "model.attrition.fitted": node("model", "python", parents=["model.attrition.state"]),
        "test.attrition.rules_hold_state.0123": node("test", parents=["model.attrition.state"]),
        "analysis.attrition.other": node("analysis"),
    }
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"nodes": nodes}))
    folder = tmp_path / "trivial"
    assert write_trivial(manifest, folder) == {"seed": 1, "model": 3, "test": 1}
    done = run_dbt(folder, {"DBT_PROFILES_DIR": str(folder)}, ["build"])
    assert done.returncode == 0, done.stdout
    assert len(done.results) == 5
