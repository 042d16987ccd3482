"""Column lineage: the tool of `make lineage` follows columns through the SQL of this project."""

import json
import subprocess
from pathlib import Path

import pytest
from dbt_project import ROOT

pytestmark = pytest.mark.xdist_group("built")

COLIBRI = ROOT / ".venv" / "lineage" / "bin" / "colibri"
# They read what they held before, and the tool does not see where that began.
STATE = {"model.attrition.attrition_model_artefacts", "model.attrition.attrition_promotions"}


@pytest.mark.skipif(not COLIBRI.exists(), reason="not installed: make .venv/.lineage-installed")
def test_a_column_is_traced_from_the_score_table_to_the_raw_records(built, tmp_path):
    (tmp_path / "docs").mkdir()
    done = built.dbt("docs", "generate", "--target-path", str(tmp_path / "docs"))
    assert done.returncode == 0, done.stdout[-2000:]
    edges, failed = traced(tmp_path / "docs", tmp_path / "page")
    assert failed <= STATE
    reached = {("model.attrition.attrition_scored_features", "order_count")}
    while True:
        more = {source for source, target in edges if target in reached} - reached
        if not more:
            break
        reached |= more
    assert ("model.attrition.int_features__sales", "order_count") in reached
    assert any(model.endswith("stg_sales__records") for model, _ in reached)
    assert not any("int_population__labels" in model for model, _ in reached)


def traced(docs: Path, out: Path):
    """Return the edges between columns, and the models that could not be read."""
    done = subprocess.run(
        [COLIBRI, "generate", "--light", "--disable-telemetry",
         "--manifest", docs / "manifest.json", "--catalog", docs / "catalog.json",
         "--output-dir", out],
        capture_output=True, text=True, check=False, env={"DO_NOT_TRACK": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "telemetry is disabled" in (out / "index.html").read_text(encoding="utf-8")
    edges = json.loads((out / "colibri-manifest.json").read_text())["lineage"]["edges"]
    errors = out / "colibri-parsing-errors.json"
    failed = json.loads(errors.read_text()) if errors.exists() else []
    return [
        ((edge["source"], edge["sourceColumn"]), (edge["target"], edge["targetColumn"]))
        for edge in edges
    ], {one["node_id"] for one in failed}
