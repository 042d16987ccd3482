"""A feature that knows the future stops the build; labels without sense promote nothing."""

import csv
import io

import duckdb
import pytest
from attrition.command_line.summary import read_summary
from attrition.command_line.summary_view import show_summary
from attrition.settings.docs import write_files
from dbt_project import NO_TESTS, QUICK, Project, copied_build, copied_project
from rich.console import Console

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("built")]

LEAK = "orders_to_come"
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
SCORES = "select * exclude (run_id, scored_at) from attrition_scores order by customer_id"


def replace_once(project: Project, file: str, written: str, planted: str) -> None:
    path = project.root / file
    text = path.read_text(encoding="utf-8")
    assert text.count(written) == 1, f"{file} is written differently now: plant it anew"
    path.write_text(text.replace(written, planted), encoding="utf-8")


def plant_leak(project: Project) -> None:
    """Add a feature that counts the orders of the label window, as a new feature is added."""
    model = "models/intermediate/features/int_features__sales.sql"
    score = "        {{ attrition.recency_score('return_count', 'return_weight', half_year) }}\n"
    window = "partition by customer_id order by bucket"
    later = f"lead(consumable_order_count, 6) over ({window})"
    to_come = f"        {later} - consumable_order_count as {LEAK},\n"
    replace_once(project, model, score, to_come + score)
    feature = "        {{ attrition.as_feature('order_count') }} as order_count,\n"
    leaking = feature.replace("order_count", LEAK)
    replace_once(project, model, feature, leaking + feature)
    definitions = project.root / "seeds" / "attrition_feature_definitions.csv"
    with definitions.open("a", encoding="utf-8", newline="") as file:
        text = "Orders of the months to come."
        row = [LEAK, "sales", "", "numeric", "orders", text, "false", "true", "false", 0]
        csv.writer(file, lineterminator="\n").writerow(
            [*row, "frequency", "", "", "", "{value} orders to come"]
        )
    write_files(project.root)


def text_of_summary(project: Project) -> str:
    console = Console(file=io.StringIO(), width=200, highlight=False)
    show_summary(console, read_summary(project.published_path), "published", {})
    return console.file.getvalue()


def published(project: Project, sql: str) -> list[tuple]:
    with duckdb.connect(str(project.published_path), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def test_a_leaking_feature_stops_the_build_before_training_and_the_champion_stays(built, tmp_path):
    project = Project(copied_build(built, tmp_path).folder, copied_project(tmp_path).root)
    versions = "select version_id from attrition_model_artefacts"
    before, scores = project.query(versions), project.query(SCORES)
    assert len(scores) > 1000
    plant_leak(project)

    due = f"{QUICK[:-1]}, retrain: always}}"
    done = project.dbt("build", "--vars", due, *NO_UNIT_TESTS)

    assert done.returncode == 1
    assert "no_feature_separates_the_label" in done.stdout
    assert f"{LEAK} alone separates those who left from those who stayed" in done.stdout
    assert f"drop: [{LEAK}]" in done.stdout
    assert "trial 1" not in done.stdout + done.stderr
    assert "Not published" in done.stdout
    # the new feature was built and profiled, and nothing was made of it
    [(separation,)] = project.query(
        "select separation from attrition_feature_profile"
        f" where feature = '{LEAK}' and split = 'train'"
    )
    assert separation == 1
    assert project.query(versions) == before
    assert project.query(SCORES) == scores
    assert published(project, SCORES) == scores

    # the advice of the message helps: without the feature, the champion scores again
    project.build("--vars", f"{QUICK[:-1]}, drop: [{LEAK}], retrain: never}}", *NO_UNIT_TESTS)
    assert project.query(versions) == before
    assert published(project, SCORES) == scores


def test_coin_tosses_promote_nothing_and_the_summary_says_why(tmp_path):
    project = copied_project(tmp_path)
    coin = "attrition.hash_text(\"spine.customer_id || cast(spine.as_of_date as varchar)\", 'coin')"
    bought = "ends.last_consumable_bucket >= spine.bucket"
    replace_once(
        project,
        "models/intermediate/population/int_population__labels.sql",
        f"when {bought} then 0\n            else 1\n        end as is_attrition_c,",
        f"when {{{{ {coin} }}}} < '80000000' then 0 else 1 end as is_attrition_c,",
    )
    # a year of test rows, so that luck alone stays well within the bounds
    quick = "num_tuning_rounds: 2, backtest_quarters: 0"
    settings = f"{{{quick}, split: {{mode: last_n_months, months: 12}}}}"
    project.build("--vars", settings, *NO_TESTS)

    [(area, count)] = project.query(
        "select roc_auc, row_count from attrition_model_metrics where split = 'test'"
    )
    assert count > 10_000
    assert area == pytest.approx(0.5, abs=0.02)
    [(decision, reason)] = project.query("select decision, reason from attrition_promotions")
    assert decision == "kept"
    assert reason.startswith("there is nothing to learn here: roc_auc 0.")
    assert published(project, "select count(*) from attrition_scores") == [(0,)]
    text = text_of_summary(project)
    assert "No customer is scored, because there is no champion." in text
    assert f"There is no champion: {reason}" in text

    # the unit test of labels knows better than these labels
    said = project.build("--vars", settings, *NO_UNIT_TESTS)

    assert "trial 1" not in said
    assert project.query("select count(*) from ml_candidate") == [(0,)]
    assert project.query("select count(*) from attrition_model_artefacts") == [(1,)]
    assert project.query("select count(*) from attrition_promotions") == [(1,)]
    assert f"There is no champion: {reason}" in text_of_summary(project)
