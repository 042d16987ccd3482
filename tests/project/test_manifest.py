"""What the docs site shows: every model and column described, every public table typed."""

import json

import pytest
from dbt_here import READ_WHEN_PARSED
from dbt_project import new_project

pytestmark = pytest.mark.xdist_group("built")


@pytest.fixture(scope="session")
def manifest(built) -> dict:
    return json.loads((built.folder / "target" / "manifest.json").read_text())


@pytest.fixture(scope="session")
def models(manifest) -> list[dict]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


@pytest.fixture(scope="session")
def columns(built) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, column in built.query(
        "select table_name, column_name from duckdb_columns() where schema_name = 'main'"
    ):
        found.setdefault(table, set()).add(column)
    return found


def test_every_model_and_column_is_described(models, columns):
    bare = []
    [dataset] = [model for model in models if model["name"] == "modeling_dataset"]
    for model in models:
        if not model["description"].strip():
            bare.append(model["name"])
        described = {n for n, c in model["columns"].items() if c["description"].strip()}
        if model["name"] == "attrition_scored_features":
            # the dataset's own, described there
            described |= set(dataset["columns"])
        bare += [f"{model['name']}.{c}" for c in columns[model["name"]] - described]
    assert bare == []


def test_no_description_is_of_a_column_that_is_not_there(models, columns):
    gone = [
        f"{model['name']}.{column}"
        for model in models
        for column in model["columns"].keys() - columns[model["name"]]
    ]
    assert gone == []


def test_public_models_have_an_enforced_contract_and_an_example_query(models):
    for model in models:
        public = model["name"].startswith("attrition_") or model["name"] == "training_plan"
        # their columns depend on the settings
        is_wide = model["name"] in ("modeling_dataset", "attrition_scored_features")
        assert (model["access"] == "public") == (public or is_wide)
        if public and not is_wide:
            assert model["contract"]["enforced"], model["name"]
            assert "```sql" in model["description"], model["name"]


def test_the_rules_of_every_table_are_tested_and_its_key_is_among_them(manifest, models):
    tests = {
        node["attached_node"]: node["test_metadata"]["kwargs"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") == "rules_hold"
    }
    rules = {
        key: [
            rule for column in node["columns"].values() for rule in column["meta"].get("rules", [])
        ]
        for key, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    }
    assert {key for key, said in rules.items() if said} <= tests.keys()
    untested = {
        model["name"]
        for model in models
        if "unique" not in rules[model["unique_id"]]
        and not tests.get(model["unique_id"], {}).get("key")
    }
    one_row = {
        "int_population__split_bounds",
        "int_evaluation__best_baselines",
        "training_plan",
        "attrition_champion",
        "ml_candidate",
    }
    assert untested - one_row == {"attrition_rejected_records"}


def test_no_model_reads_staged_records_without_asking_which_rule_they_break(models):
    readers = [
        model
        for model in models
        if any("__records" in one and ".stg_" in one for one in model["depends_on"]["nodes"])
    ]
    assert len(readers) >= 7
    for model in readers:
        text = model["raw_code"]
        wanted = text.count("ref('stg_")
        assert (
            text.count("broken_rule is null") + text.count("broken_rule is not null") >= wanted
        ), model["name"]


def test_the_catalog_lists_exactly_the_features_of_the_vector(built, columns):
    listed = {name for (name,) in built.query("select feature from attrition_feature_catalog")}
    assert listed == columns["int_features__vector"] - {"customer_id", "as_of_date"}


def test_every_macro_is_described(manifest):
    bare = [
        macro["name"]
        for macro in manifest["macros"].values()
        if macro["package_name"] == "attrition" and not macro["description"].strip()
    ]
    assert bare == []


def test_what_reads_the_domain_beside_the_dataset_is_known(manifest):
    """A dataset of one's own brings the dataset, the catalog and what these read."""
    domain = ("staging/", "intermediate/records/", "intermediate/events/",
              "intermediate/population/", "intermediate/features/", "marts/records/")  # fmt: skip
    models = {
        key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }
    own = {key for key, node in models.items() if node["path"].startswith(domain)}
    own |= {key for key in manifest["nodes"] if key.startswith("seed.")}
    assert len(own) > 20
    crossings = {
        node["name"]: {parent.split(".")[-1] for parent in manifest["parent_map"][key]} & names
        for key, node in models.items()
        if key not in own
        for names in [{parent.split(".")[-1] for parent in own}]
    }
    for entrance in ("modeling_dataset", "attrition_feature_catalog"):
        assert crossings.pop(entrance)
    assert {name: parents for name, parents in crossings.items() if parents} == {
        "attrition_drivers": {"int_features__vector", "int_population__buckets"},
        "int_evaluation__backtest_origins": {"int_population__buckets", "int_population__splits"},
        "int_evaluation__segments": {"int_features__vector"},
        "int_forecast__segments": {"int_features__vector"},
        "int_forecast__spells": {"int_population__buckets", "int_records__sales"},
        "int_forecast__exposure": {"int_population__buckets"},
        "int_forecast__months_left": {"int_population__buckets", "int_population__spine"},
        "attrition_rate": {"int_population__buckets", "int_population__labels"},
        "int_scoring__customers": {"int_records__sales"},
        "int_profile__rows": {"int_population__buckets", "int_population__splits"},
        "training_plan": {"int_population__buckets", "int_population__split_bounds"},
    }


def test_a_project_is_parsed_alike_whatever_the_settings_that_only_compiling_reads(tmp_path):
    other = {
        "population": "ever",
        "time_grain": "week",
        "attrition_horizon": 13,
        "lookback_windows": [4, 13],
        "target": "is_attrition_s",
        "features": "core",
        "drop": ["sensitive"],
        "rename_cols": {"note_score_52w": "service_notes"},
        "dummy_cols": ["region"],
        "impute": {"all": "zero"},
        "split": {"mode": "randomized", "perc_test": 0.25},
        "validation": "grouped",
        "threshold": {"mode": "capacity", "n": 40},
        "promotion": {"metric": "log_loss", "beat_baselines": False},
        "retrain": "always",
        "backtest_quarters": 0,
    }
    assert not other.keys() & set(READ_WHEN_PARSED)
    parsed = []
    for name, settings in (("plain", {}), ("other", other)):
        project = new_project(tmp_path / name)
        done = project.dbt("parse", "--no-partial-parse", "--vars", json.dumps(settings))
        assert done.returncode == 0, done.stdout[-4000:]
        manifest = json.loads((project.folder / "target" / "manifest.json").read_text())
        parsed.append({
            key: (node["config"], node.get("raw_code"), node.get("depends_on", {}).get("nodes"))
            for kind in ("nodes", "sources", "unit_tests", "exposures")
            for key, node in manifest[kind].items()
        })  # fmt: skip
    assert parsed[0] == parsed[1]
