"""For every setting: changing it changes a named table in the expected way.

Settings that SQL reads are compiled and run over the sample; settings that training reads run the
candidate's training on a small dataset; settings of the state run dbt on a copy of a built project.
"""

import datetime as dt
import functools
import json
import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import training_fixture as fixture
from attrition.settings.model import Settings
from compiled_project import Built, compile_project, sample_month, sample_tables
from dbt_project import Project

pytestmark = pytest.mark.xdist_group("settings")

COVERED: set[str] = set()


def changes(*names):
    """Mark a test as the one that shows what some settings change."""
    COVERED.update(names)
    return lambda test: test


@functools.cache
def tables(settings: str = "{}") -> Built:
    """Return the tables up to the modeling dataset under some settings (JSON)."""
    with tempfile.TemporaryDirectory() as folder:
        project = compile_project(Path(folder), json.loads(settings))
    return project.run(sample_tables())


def under(**settings) -> Built:
    return tables(json.dumps(settings, sort_keys=True))


def values(built: Built, sql: str) -> list:
    return [next(iter(row.values())) for row in built.rows(sql)]


def column_names(built: Built) -> set[str]:
    return set(built.query("select * from modeling_dataset limit 0").column_names)


def from_file(folder: Path, sales: pa.Table, **settings) -> Built:
    folder.mkdir()
    pq.write_table(sales, folder / "sales.parquet")
    source = {"raw_data": "source", "raw_location": str(folder), "feature_domains": ["sales"]}
    return compile_project(folder, source | settings).run(until="int_records__sales")


@changes("raw_data", "raw_location", "raw_columns")
def test_records_come_from_the_files_and_columns_that_are_named(tmp_path):
    sales = sample_tables()["sales"].select(["customer_id", "sold_on", "quantity", "amount"])
    few = sales.filter(pc.less(sales["sold_on"], dt.date(2024, 1, 1))).slice(0, 500)
    plain = from_file(tmp_path / "plain", few)
    assert plain.rows("select count(*) as n from stg_sales__sales") == [{"n": 500}]
    renamed = few.slice(0, 300).rename_columns(["client", "day", "quantity", "amount"])
    mapped = from_file(
        tmp_path / "mapped",
        renamed,
        raw_columns={"sales": {"customer_id": "client", "sold_on": "day"}},
    )
    found = values(mapped, "select distinct customer_id from stg_sales__sales order by 1")
    assert found == sorted(set(renamed["client"].to_pylist()))
    assert mapped.rows("select count(*) as n from stg_sales__sales") == [{"n": 300}]


@changes("feature_domains")
def test_domains_that_are_off_have_no_features():
    built = under(feature_domains=["sales", "warranty"])
    domains = values(built, "select distinct domain from attrition_feature_catalog order by 1")
    assert domains == ["sales", "warranty"]
    assert "note_score_12m" not in column_names(built)
    assert "is_warranty_active" in column_names(built)


@changes("time_grain")
def test_weekly_snapshots_are_mondays():
    days = values(under(time_grain="week"), "select distinct as_of_date from modeling_dataset")
    assert {day.weekday() for day in days} == {0}
    assert {day.day for day in values(under(), "select as_of_date from modeling_dataset")} == {1}


@changes("attrition_horizon")
def test_a_shorter_horizon_matures_sooner_and_sees_more_attrition():
    lengths = {}
    shares = {}
    for horizon in (3, 6):
        built = under(attrition_horizon=horizon, population="ever")
        lengths[horizon] = values(
            built,
            "select distinct datediff('month', as_of_date, label_matures_on)"
            " from int_population__labels",
        )
        shares[horizon] = values(built, "select avg(is_attrition_c) from int_population__labels")
    assert lengths == {3: [3], 6: [6]}
    assert shares[3] > shares[6]


@changes("lookback_windows")
def test_windowed_features_have_the_lengths_that_are_named():
    names = column_names(under(lookback_windows=[2, 9]))
    assert {"consumable_order_count_2m", "consumable_order_count_9m"} <= names
    assert "consumable_order_count_3m" not in names


@changes("supply_days_per_unit")
def test_supplies_that_last_longer_leave_more_at_home():
    mean = "select avg(consumable_residual_days) from int_features__sales"
    assert values(under(supply_days_per_unit=6), mean) > values(under(), mean)


@changes("population")
def test_ever_adds_customers_who_are_silent_already():
    keys = "select customer_id || as_of_date from int_population__spine"
    active, ever = set(values(under(), keys)), set(values(under(population="ever"), keys))
    assert active < ever


@changes("target")
@pytest.mark.parametrize("target", ["is_attrition_s", "is_attrition_cs"])
def test_the_label_is_the_target(target):
    built = under(target=target)
    assert values(
        built,
        f"select count(*) from modeling_dataset where is_attrition is distinct from {target}",
    ) == [0]
    other = values(
        built, "select count(*) from modeling_dataset where is_attrition <> is_attrition_c"
    )
    assert other[0] > 0


@changes("min_history_months")
def test_customers_with_a_shorter_history_are_not_in_the_spine():
    shortest = "select min(active_months) from modeling_dataset"
    assert values(under(min_history_months=12), shortest)[0] >= 11
    assert values(under(), shortest)[0] < 11


@changes("start_month", "max_month")
def test_snapshots_lie_between_the_two_months():
    start, end = sample_month(8), sample_month(-6)
    built = under(start_month=start, max_month=end)
    [row] = built.rows("select min(as_of_date) as f, max(as_of_date) as l from modeling_dataset")
    assert (f"{row['f']:%Y-%m}", f"{row['l']:%Y-%m}") == (start, end)


@changes("features")
def test_core_selects_the_core_features():
    differ = "select count(*) from attrition_feature_catalog where is_selected <> is_core"
    assert values(under(features="core"), differ) == [0]
    assert values(under(), differ)[0] > 0
    named = under(features=["order_count", "overdue_ratio"])
    selected = "select feature from attrition_feature_catalog where is_selected order by 1"
    assert values(named, selected) == ["order_count", "overdue_ratio"]


@changes("drop")
def test_dropped_features_are_not_selected():
    built = under(drop=["order_count", "sensitive"])
    left_out = set(
        values(built, "select feature from attrition_feature_catalog where not is_selected")
    )
    sensitive = set(
        values(built, "select feature from attrition_feature_catalog where is_sensitive")
    )
    assert left_out == {"order_count"} | sensitive


@changes("rename_cols", "dummy_cols", "impute")
def test_columns_of_the_design_matrix_are_named_encoded_and_filled_as_set():
    built = under(
        rename_cols={"note_score_12m": "service_notes"},
        dummy_cols=["region", "order_count"],
        impute={"age_years": "median", "all": "zero"},
    )
    key = "order by customer_id, as_of_date"
    assert values(built, f"select service_notes from modeling_dataset {key}") == values(
        under(), f"select note_score_12m from modeling_dataset {key}"
    )
    assert "note_score_12m" not in column_names(built)
    catalog = {
        row["original_name"]: row for row in built.rows("select * from attrition_feature_catalog")
    }
    assert catalog["note_score_12m"]["feature"] == "service_notes"
    dummies = {name for name, row in catalog.items() if row["is_dummy"]}
    assert dummies == {"region", "order_count"}
    found = {name: catalog[name]["imputation"] for name in ("age_years", "order_count", "region")}
    assert found == {"age_years": "median", "order_count": "zero", "region": "most_frequent"}
    assert {row["imputation"] for row in under().rows("from attrition_feature_catalog")} == {"none"}


@changes("split")
def test_the_test_is_the_months_or_the_customers_that_are_set_apart():
    dates = "select distinct as_of_date from int_population__splits where split = 'test'"
    assert len(values(under(), dates)) == 3
    assert len(values(under(split={"mode": "last_n_months", "months": 5}), dates)) == 5
    built = under(split={"mode": "randomized", "perc_test": 0.4})
    [share] = values(
        built,
        "select avg(is_test::int) from (select customer_id, bool_or(split = 'test') as is_test"
        " from int_population__splits where split <> 'unlabelled' group by all)",
    )
    assert 0.3 < share < 0.5
    [both] = values(
        built,
        "select count(*) from (select customer_id from int_population__splits"
        " where split in ('train', 'validation', 'test', 'calibration') group by all"
        " having count(distinct split = 'test') > 1)",
    )
    assert both == 0


@changes("validation")
def test_grouped_validation_holds_out_customers_and_a_later_block_holds_out_months():
    customers = (
        "select count(*) from (select customer_id from int_population__splits"
        " where split in ('train', 'validation') group by all having count(distinct split) > 1)"
    )
    assert values(under(validation="grouped"), customers) == [0]
    later = under(validation="last_n_months")
    assert values(later, customers)[0] > 0
    bounds = (
        "select max(as_of_date) filter (split = 'train')"
        " < min(as_of_date) filter (split = 'validation') from int_population__splits"
    )
    assert values(later, bounds) == [True]


@changes("refit")
def test_without_a_refit_the_judged_booster_serves():
    assert fixture.trained()["serving_booster"] != fixture.trained()["judged_booster"]
    row = fixture.train(refit="none")
    assert row["serving_booster"] == row["judged_booster"]


@changes("sampling")
@pytest.mark.parametrize("sampling", ["up", "down", "weight"])
def test_sampling_changes_the_boosters_and_not_the_rows_that_are_counted(sampling):
    row = fixture.train(sampling=sampling)
    for name in ("search_booster", "judged_booster", "serving_booster"):
        assert row[name] != fixture.trained()[name]
    assert row["fit_row_count"] == fixture.trained()["fit_row_count"]


@changes("hyperparameters")
def test_fixed_hyperparameters_are_those_of_the_version():
    row = fixture.train(hyperparameters={"max_depth": 2, "eta": 0.2, "num_round": 17})
    found = json.loads(row["hyperparameters"])
    assert (found["max_depth"], found["eta"], row["num_round"]) == (2, 0.2, 17)


@changes("optimize")
@pytest.mark.parametrize("metric", ["average_precision", "log_loss", "f1", "accuracy"])
def test_trials_are_valued_by_the_metric_that_is_optimised(metric):
    for trial in json.loads(fixture.train(optimize=metric, num_tuning_rounds=2)["trials"]):
        assert abs(trial["value"]) == pytest.approx(trial["metrics"][metric], abs=1e-5)


@changes("num_tuning_rounds", "max_tuning_minutes")
def test_trials_are_as_many_as_asked_for_while_time_lasts():
    assert len(json.loads(fixture.train(num_tuning_rounds=3)["trials"])) == 3
    row = fixture.train(num_tuning_rounds=50, max_tuning_minutes=1e-9)
    assert len(json.loads(row["trials"])) == 1
    assert (row["is_reproducible"], fixture.trained()["is_reproducible"]) == (False, True)


@changes("max_rows")
def test_fewer_rows_are_fitted():
    assert fixture.train(max_rows=4000)["fit_row_count"] < 4000
    assert fixture.trained()["fit_row_count"] > 4000


@changes("random_seed")
def test_another_seed_is_another_booster():
    assert fixture.train(random_seed=7)["judged_booster"] != fixture.trained()["judged_booster"]


@changes("engine", "compute_pool", "target_instances")
def test_a_job_trains_on_the_pool_and_the_nodes_that_are_named(monkeypatch):
    import job_fixture
    from attrition.dbt_models import ml_candidate

    job_fixture.container_runtime(monkeypatch)
    spy = job_fixture.running_jobs(monkeypatch)
    versions = {}
    for engine, nodes in (("local", 1), ("snowflake_ml_job", 1), ("snowflake_ml_job", 2)):
        settings = {"engine": engine, "compute_pool": "a_pool", "target_instances": nodes}
        session = job_fixture.session_on_duckdb(monkeypatch, **settings)
        [row] = ml_candidate(*session.tables(), session).to_pylist()
        versions[engine, nodes] = row["version_id"]
    asked = [(call.args[1], call.kwargs["target_instances"]) for call in spy.call_args_list]
    assert asked == [("a_pool", 1), ("a_pool", 2)]
    assert len(set(versions.values())) == 3


@changes("calibration")
@pytest.mark.parametrize("method", ["none", "sigmoid", "isotonic", "seasonal"])
def test_the_version_is_calibrated_as_set(method):
    assert json.loads(fixture.train(calibration=method)["judged_calibration"])["method"] == method


@changes("threshold")
def test_the_decision_threshold_follows_its_mode():
    assert fixture.train(threshold={"mode": "fixed", "value": 0.37})["decision_threshold"] == 0.37
    money = {"cost_of_contact": 5, "value_of_customer": 100, "success_rate": 0.2}
    assert fixture.train(threshold={"mode": "cost", **money})["decision_threshold"] == 0.25
    few, many = (
        fixture.train(threshold={"mode": "capacity", "n": n})["decision_threshold"]
        for n in (20, 400)
    )
    assert few > many


@changes("version_label")
def test_the_label_stands_in_the_version():
    assert fixture.train(version_label="autumn")["version_label"] == "autumn"


def run(project: Project, select: str, **settings) -> None:
    text = json.dumps({"num_tuning_rounds": 3, **settings})
    done = project.dbt("run", "--vars", text, "--select", *select.split())
    assert done.returncode == 0, done.stdout[-4000:]


def forget(project: Project, *names: str) -> None:
    with duckdb.connect(str(project.build_path)) as connection:
        for name in names:
            connection.execute(f"delete from {name}")


@changes("retrain")
def test_the_plan_says_whether_training_is_due(copy):
    for value, expected in (("always", True), ("never", False), ("when_due", False)):
        run(copy, "training_plan", retrain=value)
        assert copy.query("select is_due from training_plan") == [(expected,)]


@changes("champion_version")
def test_a_pinned_version_is_the_champion(copy):
    [(version,)] = copy.query("select version_id from attrition_champion")
    forget(copy, "attrition_promotions")
    run(copy, "attrition_champion")
    assert copy.query("select count(*) from attrition_champion") == [(0,)]
    run(copy, "attrition_champion", champion_version=version)
    assert copy.query("select version_id from attrition_champion") == [(version,)]


@changes("shadow_versions")
def test_shadows_are_scored_beside_the_champion(copy):
    [(version,)] = copy.query("select version_id from attrition_champion")
    assert copy.query("select count(*) from attrition_shadow_scores") == [(0,)]
    run(
        copy,
        "training_plan ml_shadow_predictions attrition_shadow_scores",
        shadow_versions=[version],
    )
    assert copy.query("select count(*) from attrition_shadow_scores") == copy.query(
        "select count(*) from attrition_scores"
    )


@changes("promotion")
def test_a_gate_that_asks_for_more_rows_keeps_the_version_waiting(copy):
    judged = (
        "training_plan int_evaluation__contenders ml_test_predictions int_evaluation__pair"
        " int_evaluation__fair_rows int_evaluation__fair_metrics int_evaluation__fair_replicates"
        " int_evaluation__best_baselines int_evaluation__comparison attrition_promotions"
    )
    forget(copy, "attrition_promotions")
    # what one gate kept is judged again when the gate asks for less
    for rows, expected in ((10**6, ["kept"]), (200, ["kept", "promoted"])):
        run(copy, judged, promotion={"min_rows": rows, "beat_baselines": False})
        decisions = copy.query("select decision from attrition_promotions order by decided_at")
        assert [decision for (decision,) in decisions] == expected


@changes("backtest_quarters")
def test_as_many_quarters_are_backtested_as_asked_for(copy):
    judged = "training_plan int_evaluation__contenders int_evaluation__backtest_origins"
    for quarters in (0, 2):
        forget(copy, "attrition_promotions", "attrition_backtest")
        run(copy, judged, backtest_quarters=quarters)
        assert copy.query("select count(*) from int_evaluation__backtest_origins") == [(quarters,)]


def test_no_setting_is_without_such_a_test():
    assert set(Settings.model_fields) == COVERED
