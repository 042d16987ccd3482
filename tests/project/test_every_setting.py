"""For every setting: changing it changes a named table in the expected way.

Settings that SQL reads are compiled and run over the sample; settings that training reads run the
candidate's training on a small dataset; settings of the state run dbt on a copy of a built project.
"""

import functools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import training_fixture as fixture
from attrition.settings.model import Settings
from attrition.training.calibration import CALIBRATIONS
from compiled_project import ENDS, Built, compile_project, sample_month, sample_tables
from dbt_project import Project

pytestmark = pytest.mark.xdist_group("settings")

COVERED: set[str] = set()


def changes(*names):
    """Mark a test as the one that shows what some settings change."""
    COVERED.update(names)
    return lambda test: test


# Settings that do not disturb one another share a compilation. Each of them has its own test, which
# compares with the defaults, or with what the setting says, on what that setting alone decides.
CUSTOMERS_WIDELY = {
    "attrition_horizon": 3,
    "num_month_forecast": 4,
    "population": "ever",
    "target": "is_attrition_cs",
    "supply_days_per_unit": 6,
    "feature_domains": ["sales", "demographics"],
    "lookback_windows": [2, 9],
    "features": "core",
    "drop": ["is_auto_reorder", "sensitive"],
    "split": {"mode": "last_n_buckets", "buckets": 5},
    "validation": "last_n_months",
}
PART_OF_THE_SAMPLE = {
    "target": "is_attrition_s",
    "start_month": sample_month(8),
    "max_month": sample_month(-6),
    "min_history_months": 6,
    "features": ["order_count", "overdue_ratio", "note_score_12m"],
    "rename_cols": {"note_score_12m": "service_notes"},
    "dummy_cols": ["region", "order_count"],
    "impute": {"age_years": "median", "all": "zero"},
    "words": {"event": "refill"},
    "split": {"mode": "randomized", "perc_test": 0.4},
}
FILES_BY_WEEK = {
    "raw_data": "source",
    "raw_csv": {"delimiter": ";", "encoding": "utf-16"},
    "raw_columns": {"sales": {"customer_id": "client", "sold_on": "day"}},
    "time_grain": "week",
    "validation": "grouped",
}


@functools.cache
def defaults() -> Built:
    """Return the tables up to the modeling dataset, of the sample under the defaults."""
    with tempfile.TemporaryDirectory() as folder:
        return compile_project(Path(folder), {}).run(sample_tables())


@functools.cache
def customers_widely() -> Built:
    with tempfile.TemporaryDirectory() as folder:
        ends = (*ENDS, "attrition_forecast")
        return compile_project(Path(folder), CUSTOMERS_WIDELY, ends).run(sample_tables())


@functools.cache
def part_of_the_sample() -> Built:
    with tempfile.TemporaryDirectory() as folder:
        return compile_project(Path(folder), PART_OF_THE_SAMPLE).run(sample_tables())


@functools.cache
def few_sales() -> pa.Table:
    """Return the sales of the sample's first customers, in columns with names of their own."""
    sales = sample_tables()["sales"]
    first = sorted(set(sales["customer_id"].to_pylist()))[:80]
    chosen = sales.filter(pc.is_in(sales["customer_id"], pa.array(first)))
    own_names = {"customer_id": "client", "sold_on": "day"}
    return chosen.rename_columns([own_names.get(name, name) for name in chosen.column_names])


@functools.cache
def files_by_week() -> Built:
    with tempfile.TemporaryDirectory() as folder:
        for table, rows in sample_tables().items():
            if table != "sales":
                pq.write_table(rows, Path(folder) / f"{table}.parquet")
        lines = [few_sales().schema.names, *(row.values() for row in few_sales().to_pylist())]
        text = "".join(";".join(map(str, line)) + "\n" for line in lines)
        (Path(folder) / "sales.csv").write_text(text, encoding="utf-16")
        settings = FILES_BY_WEEK | {"raw_location": folder}
        return compile_project(Path(folder), settings).run()


def values(built: Built, sql: str) -> list:
    return [next(iter(row.values())) for row in built.rows(sql)]


def column_names(built: Built) -> set[str]:
    return set(built.query("select * from modeling_dataset limit 0").column_names)


def of_each_snapshot(built: Built, table: str, column: str) -> dict:
    rows = built.rows(f"select customer_id, as_of_date, {column} as found from {table}")
    return {(row["customer_id"], row["as_of_date"]): row["found"] for row in rows}


@changes("raw_data", "raw_location", "raw_csv", "raw_columns")
def test_records_come_from_the_files_and_columns_that_are_named():
    found = values(files_by_week(), "select customer_id from stg_sales__records order by 1")
    assert found == sorted(few_sales()["client"].to_pylist())
    days = values(files_by_week(), "select sold_on from stg_sales__records order by 1")
    assert days == sorted(few_sales()["day"].to_pylist())
    # a table whose columns are not named otherwise
    [complaints] = values(files_by_week(), "select count(*) from stg_complaint__records")
    assert complaints == sample_tables()["complaint"].num_rows


@changes("feature_domains")
def test_domains_that_are_off_have_no_features():
    built = customers_widely()
    domains = values(built, "select distinct domain from attrition_feature_catalog order by 1")
    assert domains == ["demographics", "sales"]
    assert "note_score_12m" not in column_names(built)
    assert "region" in column_names(built)


@changes("time_grain")
def test_windows_are_as_long_in_weeks_as_in_months():
    months, weeks = (
        {name.rpartition("_")[2] for name in column_names(built) if "_order_count_" in name}
        for built in (defaults(), files_by_week())
    )
    assert {"3m", "6m", "12m"} <= months
    assert {"13w", "26w", "52w"} <= weeks
    assert not {"3w", "6w", "12w"} & weeks


@changes("time_grain")
def test_the_horizon_is_as_long_in_weeks_as_in_months():
    length = (
        "select distinct datediff('day', as_of_date, label_matures_on) from int_population__labels"
    )
    assert values(files_by_week(), length) == [26 * 7]


@changes("time_grain")
def test_no_text_of_a_window_speaks_of_months_where_snapshots_are_weekly():
    templates = "select reason_template from attrition_feature_catalog where original_name ~ '{}'"
    assert any("in 6 months" in text for text in values(defaults(), templates.format("_6m$")))
    by_week = values(files_by_week(), templates.format("_[0-9]+w$"))
    assert any("in 26 weeks" in text for text in by_week)
    assert not [text for text in by_week if "month" in text]


@changes("time_grain")
def test_weekly_snapshots_are_mondays():
    days = values(files_by_week(), "select distinct as_of_date from modeling_dataset")
    assert {day.weekday() for day in days} == {0}
    monthly = values(defaults(), "select as_of_date from modeling_dataset")
    assert {day.day for day in monthly} == {1}


@changes("attrition_horizon")
def test_a_shorter_horizon_matures_sooner_and_sees_more_attrition():
    horizons = {3: customers_widely(), 6: defaults()}
    length = (
        "select distinct datediff('month', as_of_date, label_matures_on)"
        " from int_population__labels"
    )
    assert {horizon: values(built, length) for horizon, built in horizons.items()} == {
        3: [3],
        6: [6],
    }
    sooner, later = (
        of_each_snapshot(built, "int_population__labels", "is_attrition_c")
        for built in horizons.values()
    )
    both = [key for key in later if sooner.get(key) is not None and later[key] is not None]
    assert all(sooner[key] >= later[key] for key in both)
    assert sum(sooner[key] for key in both) > sum(later[key] for key in both)


@changes("num_month_forecast")
def test_the_forecast_looks_as_many_months_ahead_as_set():
    ahead = "select distinct buckets_ahead from attrition_forecast order by buckets_ahead"
    assert values(customers_widely(), ahead) == [1, 2, 3, 4]


@changes("lookback_windows")
def test_windowed_features_have_the_lengths_that_are_named():
    names = column_names(customers_widely())
    assert {"consumable_order_count_2m", "consumable_order_count_9m"} <= names
    assert "consumable_order_count_3m" not in names


@changes("supply_days_per_unit")
def test_supplies_that_last_longer_leave_more_at_home():
    twice, once = (
        of_each_snapshot(built, "int_features__sales", "consumable_residual_days")
        for built in (customers_widely(), defaults())
    )
    both = [key for key in once if once[key] is not None and twice.get(key) is not None]
    assert all(twice[key] >= once[key] for key in both)
    assert sum(twice[key] for key in both) > sum(once[key] for key in both)


@changes("population")
def test_ever_adds_customers_who_are_silent_already():
    active, ever = (
        set(of_each_snapshot(built, "int_population__spine", "bucket"))
        for built in (defaults(), customers_widely())
    )
    assert active < ever


@changes("target")
@pytest.mark.parametrize(
    ("target", "tables"),
    [("is_attrition_s", part_of_the_sample), ("is_attrition_cs", customers_widely)],
)
def test_the_label_is_the_target(target, tables):
    built = tables()
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
    assert values(part_of_the_sample(), shortest)[0] >= 5
    assert values(defaults(), shortest)[0] < 5


@changes("start_month", "max_month")
def test_snapshots_lie_between_the_two_months():
    [row] = part_of_the_sample().rows(
        "select min(as_of_date) as f, max(as_of_date) as l from modeling_dataset"
    )
    months = (PART_OF_THE_SAMPLE["start_month"], PART_OF_THE_SAMPLE["max_month"])
    assert (f"{row['f']:%Y-%m}", f"{row['l']:%Y-%m}") == months


@changes("features", "drop")
def test_the_core_features_are_selected_but_for_those_that_are_dropped():
    catalog = customers_widely().rows("select * from attrition_feature_catalog")
    core = {row["feature"] for row in catalog if row["is_core"]}
    sensitive = {row["feature"] for row in catalog if row["is_sensitive"]}
    selected = {row["feature"] for row in catalog if row["is_selected"]}
    assert "is_auto_reorder" in core
    assert core & sensitive
    assert selected == core - sensitive - {"is_auto_reorder"}
    assert {row["is_selected"] for row in defaults().rows("from attrition_feature_catalog")} == {
        True
    }


@changes("features")
def test_the_features_that_are_named_are_selected():
    selected = "select original_name from attrition_feature_catalog where is_selected order by 1"
    assert values(part_of_the_sample(), selected) == [
        "note_score_12m",
        "order_count",
        "overdue_ratio",
    ]


@changes("rename_cols", "dummy_cols", "impute")
def test_columns_of_the_design_matrix_are_named_encoded_and_filled_as_set():
    built = part_of_the_sample()
    score = of_each_snapshot(built, "int_features__touchpoint", "note_score_12m")
    renamed = of_each_snapshot(built, "modeling_dataset", "service_notes")
    assert renamed == {key: score[key] for key in renamed}
    assert any(renamed.values())
    assert "note_score_12m" not in column_names(built)
    catalog = {
        row["original_name"]: row for row in built.rows("select * from attrition_feature_catalog")
    }
    assert catalog["note_score_12m"]["feature"] == "service_notes"
    dummies = {name for name, row in catalog.items() if row["is_dummy"]}
    assert dummies == {"region", "order_count"}
    found = {name: catalog[name]["imputation"] for name in ("age_years", "order_count", "region")}
    assert found == {"age_years": "median", "order_count": "zero", "region": "most_frequent"}
    assert {row["imputation"] for row in defaults().rows("from attrition_feature_catalog")} == {
        "none"
    }


@changes("words")
def test_sentences_speak_the_words_that_are_set():
    text = "select reason_template from attrition_feature_catalog where original_name = '{}'"
    [asked] = values(part_of_the_sample(), text.format("order_count"))
    assert asked == "{value} refills so far; customers like them usually have {usual}"
    assert "{value} orders so far" in values(defaults(), text.format("order_count"))[0]


@changes("split")
def test_the_test_is_the_months_or_the_customers_that_are_set_apart():
    dates = "select distinct as_of_date from int_population__splits where split = 'test'"
    assert len(values(defaults(), dates)) == 3
    assert len(values(files_by_week(), dates)) == 13
    assert len(values(customers_widely(), dates)) == 5
    built = part_of_the_sample()
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
    held_out = "select count(*) from int_population__splits where split = 'validation'"
    assert values(files_by_week(), customers) == [0]
    assert values(files_by_week(), held_out)[0] > 0
    later = customers_widely()
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


@changes("engine", "compute_pool", "num_workers")
def test_a_job_trains_on_the_pool_and_the_nodes_that_are_named(monkeypatch):
    import job_fixture
    from attrition.dbt_models import ml_candidate

    job_fixture.container_runtime(monkeypatch)
    spy = job_fixture.running_jobs(monkeypatch)
    versions = {}
    for engine, nodes in (("local", 1), ("snowflake_ml_job", 1), ("snowflake_ml_job", 2)):
        settings = {"engine": engine, "compute_pool": "a_pool", "num_workers": nodes}
        session = job_fixture.session_on_duckdb(monkeypatch, **settings)
        [row] = ml_candidate(*session.tables(), session).to_pylist()
        versions[engine, nodes] = row["version_id"]
    asked = [(call.args[1], call.kwargs["target_instances"]) for call in spy.call_args_list]
    assert asked == [("a_pool", 1), ("a_pool", 2)]
    assert len(set(versions.values())) == 3


@changes("ray_address", "ray_storage")
def test_ray_joins_the_cluster_and_keeps_its_checkpoints_where_that_is_named(monkeypatch):
    from attrition import ray_engine
    from attrition.dbt_models import ml_candidate

    class Asked(Exception):
        pass

    def cluster(*arguments):
        raise Asked(*arguments)

    monkeypatch.setattr(ray_engine, "cluster", cluster)
    asked = {"num_workers": 3, "ray_address": "auto", "ray_storage": "s3://bucket"}
    connection = fixture.connect(engine="ray", **asked)
    tables = ("training_plan", "attrition_feature_catalog", "modeling_dataset")
    with pytest.raises(Asked) as raised:
        ml_candidate(*(connection.table(name) for name in tables), connection)
    assert raised.value.args == tuple(asked.values())


@changes("device")
def test_a_graphics_card_that_is_not_there_is_asked_for(monkeypatch):
    from attrition.errors import AttritionError

    monkeypatch.setattr("attrition.settings.machine.has_gpu", lambda: False)
    with pytest.raises(AttritionError, match="XGBoost finds no graphics card"):
        fixture.train(device="cuda")


@changes("calibration")
@pytest.mark.parametrize("method", CALIBRATIONS)
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
    # a unit test that there is only with shadows
    named = ("test", "--select", "shadows_stand_beside_the_champion")
    told = copy.dbt(*named, "--vars", json.dumps({"shadow_versions": [version]})).stdout
    assert "PASS attrition_shadow_scores::shadows_stand_beside_the_champion" in told
    assert copy.query("select count(*) from attrition_shadow_scores") == copy.query(
        "select count(*) from attrition_scores"
    )


@changes("score_with")
def test_sql_scores_the_same_without_python_and_without_reasons(copy):
    ask = "select customer_id, attrition_probability from attrition_scores order by 1"
    by_library = dict(copy.query(ask))
    [(champion,)] = copy.query("select version_id from attrition_champion")
    in_sql = ("--vars", "score_with: sql")
    done = copy.dbt("build", "--selector", "score_in_sql", *in_sql)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "python" not in done.stdout.split("Concurrency")[-1]
    assert dict(copy.query(ask)) == pytest.approx(by_library, abs=1e-6)
    assert len(by_library) > 1000
    assert copy.query("select count(*) from attrition_reasons") == [(0,)]
    # the rows of another champion, of half a champion and of none, and a feature that is gone
    for change, said in (
        ("update attrition_champion_calibration set version_id = 'v0'", "hold v0"),
        (f"update attrition_champion_calibration set version_id = '{champion}'", None),
        ("delete from attrition_champion_trees where tree = 0", "expected"),
        ("delete from attrition_champion_calibration", "no rows for SQL to score with"),
    ):
        with duckdb.connect(str(copy.build_path)) as connection:
            connection.execute(change)
        done = copy.dbt("run", "--select", "int_scoring__predictions", *in_sql)
        assert (done.returncode == 0) == (said is None), done.stdout[-3000:]
        assert said is None or (said in done.stdout and champion in done.stdout)
    run(copy, "ml_champion+1")
    less = {"score_with": "sql", "feature_domains": ["sales"]}
    done = copy.dbt("run", "--select", "int_scoring__predictions", "--vars", json.dumps(less))
    assert "modeling_dataset lacks " in done.stdout


@changes("contacts")
def test_as_many_are_contacted_as_asked_for_and_nobody_twice_within_the_cooldown(copy):
    counted = "select count(*), count(distinct customer_id) from attrition_contact_list"
    forget(copy, "attrition_contact_list")
    for capacity in (20, 30):
        contacts = {"capacity": capacity, "cooldown_days": 60}
        run(copy, "attrition_contact_list", contacts=contacts)
        assert copy.query(counted) == [(capacity, capacity)]
    with duckdb.connect(str(copy.build_path)) as connection:
        connection.execute(
            "update attrition_contact_list set as_of_date = as_of_date - interval 50 day"
        )
    run(copy, "attrition_contact_list", contacts={"capacity": 30, "cooldown_days": 60})
    assert copy.query(counted) == [(60, 60)]
    newest = "select max(as_of_date) from attrition_contact_list"
    forget(copy, f"attrition_contact_list where as_of_date = ({newest})")
    run(copy, "attrition_contact_list", contacts={"capacity": 30, "cooldown_days": 40})
    assert copy.query(counted) == [(60, 30)]


@changes("publish")
def test_rejected_records_are_published_whole_where_the_setting_says_so(copy):
    forget(copy, "attrition_rejected_records")
    with duckdb.connect(str(copy.build_path)) as connection:
        connection.execute(
            "insert into attrition_rejected_records by name select 'sales' as table_name, 'k' as "
            "record_key, 'c' as customer_id, 'no_sold_on' as rule, '{}' as record_json"
        )
    for choice, expected in (("rules", (None, None)), ("records", ("k", "{}"))):
        values = json.dumps({"publish": {"rejected_records": choice}})
        command = [sys.executable, "-m", "attrition.cli", "publish", "--vars", values]
        subprocess.run(command, cwd=copy.root, env=copy.environment, check=True)
        with duckdb.connect(str(copy.published_path), read_only=True) as reader:
            found = reader.sql("select record_key, record_json from attrition_rejected_records")
            assert found.fetchall() == [expected]


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
        decisions = copy.query(
            "select decision from attrition_promotions order by promotion_number"
        )
        assert [decision for (decision,) in decisions] == expected


@changes("backtest_quarters")
def test_as_many_quarters_are_backtested_as_asked_for(copy):
    judged = "training_plan int_evaluation__contenders int_evaluation__backtest_origins"
    for quarters in (0, 2):
        forget(copy, "attrition_promotions", "attrition_backtest")
        run(copy, judged, backtest_quarters=quarters)
        assert copy.query("select count(*) from int_evaluation__backtest_origins") == [(quarters,)]


@changes("backtest_max_rows")
def test_a_backtest_fits_and_judges_fewer_customers(copy):
    judged = "training_plan int_evaluation__contenders int_evaluation__backtest_origins ml_backtest"
    forget(copy, "attrition_promotions", "attrition_backtest")
    run(copy, judged, backtest_quarters=1, backtest_max_rows=3000)
    counted = "select max(fit_row_count), count(distinct customer_id) from ml_backtest"
    [(fitted, customers)] = copy.query(counted)
    assert 0 < fitted < 3000
    run(copy, judged, backtest_quarters=1)
    [(all_fitted, all_customers)] = copy.query(counted)
    assert fitted < all_fitted
    assert customers <= all_customers


def test_no_setting_is_without_such_a_test():
    assert set(Settings.model_fields) == COVERED
