"""What each selector of `selectors.yml` builds, and that it can be built."""

import json

import pytest
from attrition.project.dbt_process import NO_UNIT_TESTS
from dbt_project import new_project

pytestmark = pytest.mark.xdist_group("built")

# What a scoring run reads and leaves as the last whole build made it.
KEPT = {
    "attrition_baselines",
    "attrition_model_artefacts",
    "attrition_model_metrics",
    "attrition_promotions",
}


@pytest.fixture(scope="module")
def selected(tmp_path_factory):
    """Return the nodes of a selector: type and name to the names of what it reads."""
    project = new_project(tmp_path_factory.mktemp("selectors"))

    def ask(*arguments):
        listed = ("ls", "--quiet", "--output", "json")
        keys = ("--output-keys", "resource_type name depends_on")
        done = project.dbt(*listed, *keys, *arguments)
        assert done.returncode == 0, done.stdout
        nodes = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return {
            (node["resource_type"], node["name"]): {
                name.split(".")[2] for name in node.get("depends_on", {}).get("nodes", [])
            }
            for node in nodes
        }

    everything = ask()
    in_sql = ("--vars", "score_with: sql")
    return {
        "all": everything,
        "attrition build": ask(*NO_UNIT_TESTS),
        "all in SQL": ask(*in_sql),
        "score_in_sql": ask("--selector", "score_in_sql", *in_sql),
        "train in SQL": ask("--selector", "train", *in_sql),
    } | {
        name: ask("--selector", name) for name in ("score", "train", "production", "without_tests")
    }


def models(nodes):
    return {name: parents for (kind, name), parents in nodes.items() if kind in ("model", "seed")}


def test_a_scoring_run_scores_and_trains_nothing(selected):
    found = models(selected["score"])
    assert {"modeling_dataset", "ml_predictions", "attrition_scores", "attrition_reasons"} <= set(
        found
    )
    assert not {"ml_candidate", "ml_test_predictions", "ml_backtest"} & set(found)
    assert set().union(*found.values()) - set(found) == KEPT
    kinds = {kind for kind, _ in selected["score"]}
    assert "test" in kinds
    assert "unit_test" not in kinds


def test_scoring_in_sql_is_a_scoring_run_without_python(selected):
    found, by_library = models(selected["score_in_sql"]), models(selected["score"])
    assert set(by_library) - set(found) == {"ml_champion", "ml_contributions", "ml_predictions"}
    assert set(found) <= set(by_library)
    assert "ml_predictions" not in models(selected["all in SQL"])
    assert models(selected["train in SQL"]) == models(selected["train"])


def test_training_is_whole_and_scores_nobody(selected):
    found = models(selected["train"])
    assert {"ml_candidate", "attrition_promotions", "attrition_champion"} <= set(found)
    assert not {"ml_predictions", "attrition_scores", "attrition_score_history"} & set(found)
    assert set().union(*found.values()) <= set(found)


def test_training_and_scoring_are_all_there_is(selected):
    every = set(models(selected["all"]))
    assert set(models(selected["train"])) | set(models(selected["score"])) == every
    assert len(every) > 60


def test_a_production_build_has_all_but_the_unit_tests(selected):
    built = {key for key in selected["all"] if key[0] not in ("unit_test", "source")}
    assert selected["production"].keys() == built
    assert any(kind == "test" for kind, _ in built)
    assert models(selected["attrition build"]) == models(selected["production"])
    kinds = {kind for kind, _ in selected["attrition build"]}
    assert "test" in kinds
    assert "unit_test" not in kinds


def test_without_tests_every_table_is_built_and_nothing_is_tested(selected):
    assert models(selected["without_tests"]) == models(selected["all"])
    assert not {"test", "unit_test"} & {kind for kind, _ in selected["without_tests"]}
