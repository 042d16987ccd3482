"""A person promotes, rolls back and pins: what scores then, and what the next builds do."""

from dataclasses import dataclass

import pytest
from dbt_project import NO_TESTS, Project, copied_build, new_project

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("built")]

OTHER = "num_tuning_rounds: 2, backtest_quarters: 0"
THIRD = "num_tuning_rounds: 1, backtest_quarters: 0"
MONEY = "threshold: {cost_of_contact: 8, value_of_customer: 150, success_rate: 0.4}"


@dataclass(frozen=True)
class Seen:
    """What stands in the tables after a build."""

    champion: tuple[str, str, str | None]
    scored_by: list[tuple[str]]
    trained: int
    promotions: list[tuple]


def build(project: Project, settings: str) -> Seen:
    project.build("--vars", f"{{{settings}}}", *NO_TESTS)
    [champion] = project.query(
        "select version_id, promotion_reason, decided_by from attrition_champion"
    )
    return Seen(
        champion=champion,
        scored_by=project.query("select distinct model_version from attrition_scores"),
        trained=project.query("select count(*) from ml_candidate")[0][0],
        promotions=project.query(
            "select challenger_version, incumbent_version, decision, decided_by, reason,"
            " newest_label_date from attrition_promotions order by promotion_number"
        ),
    )


def promote(project: Project, version: str | None, reason: str | None = None) -> str:
    """Run the operation and return what it said, whether or not it failed."""
    given = {"version": version, "reason": reason}
    arguments = ", ".join(f'{name}: "{value}"' for name, value in given.items() if value)
    done = project.dbt("run-operation", "promote_model", "--args", f"{{{arguments}}}")
    return done.stdout + done.stderr


@dataclass(frozen=True)
class Story:
    """A project after a rollback, and what was seen on the way there.

    Attributes:
        first: The version of the shared build.
        second: The version of the settings `OTHER`.
    """

    project: Project
    first: str
    second: str
    pinned: Seen
    shadows: list[tuple]
    unpinned: Seen
    said: str
    rolled_back: Seen
    built_again: Seen


@pytest.fixture(scope="module")
def story(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Story:
    project = copied_build(built, tmp_path_factory.mktemp("promotion"))
    newest = "select version_id from attrition_model_artefacts order by version_number desc limit 1"
    [(first,)] = project.query(newest)
    project.build("--vars", f"{{{OTHER}, {MONEY}}}", *NO_TESTS)
    [(second,)] = project.query(newest)
    if project.query("select version_id from attrition_champion") != [(second,)]:
        promote(project, second, "begin with the second")
    settings = f"{OTHER}, {MONEY}"
    pinned = build(project, f"{settings}, champion_version: {first}, shadow_versions: [{second}]")
    shadows = project.query(
        "select model_version, champion_version, count(*), count(distinct customer_id),"
        " max(abs(attrition_probability - champion_probability - probability_difference))"
        " from attrition_shadow_scores group by all"
    )
    unpinned = build(project, settings)
    said = promote(project, first, "the second's figures are off in the north")
    return Story(
        project=project,
        first=first,
        second=second,
        pinned=pinned,
        shadows=shadows,
        unpinned=unpinned,
        said=said,
        rolled_back=build(project, settings),
        built_again=build(project, settings),
    )


def test_a_pinned_version_scores_for_one_run(story):
    pinned = "pinned by the setting champion_version"
    assert story.pinned.champion[:2] == (story.first, pinned)
    assert story.pinned.scored_by == [(story.first,)]
    assert story.unpinned.champion[0] == story.second
    assert story.unpinned.scored_by == [(story.second,)]
    assert story.unpinned.promotions == story.pinned.promotions


def test_a_shadow_scores_everybody_beside_the_champion_and_is_remembered(story):
    [(customers,)] = story.project.query("select count(*) from attrition_scores")
    [(model, champion, rows, distinct, gap)] = story.shadows
    assert (model, champion) == (story.second, story.first)
    assert rows == distinct == customers > 1000
    assert gap == 0
    roles = dict(
        story.project.query("select distinct model_version, role from attrition_score_history")
    )
    assert roles[story.second] in ("shadow", "champion")
    assert roles[story.first] == "champion"
    # the setting is gone, and so are the rows of the run
    assert story.project.query("select count(*) from attrition_shadow_scores") == [(0,)]


def test_a_rollback_scores_with_the_older_version(story):
    assert f"{story.first} is promoted in place of {story.second}" in story.said
    assert "the next `dbt build` scores with it" in story.said
    reason = "the second's figures are off in the north"
    assert story.rolled_back.champion == (story.first, reason, "operator")
    assert story.rolled_back.scored_by == [(story.first,)]
    *_, last = story.rolled_back.promotions
    assert last[:5] == (story.first, story.second, "promoted", "operator", reason)
    [(labels,)] = story.project.query(
        "select newest_label_date from attrition_model_artefacts"
        f" where version_id = '{story.first}'"
    )
    assert last[5] == labels


def test_a_rollback_is_not_turned_back_by_what_there_was(story):
    assert story.rolled_back.trained == 0
    assert story.built_again == story.rolled_back


def test_a_promoted_version_is_read_at_a_glance(story):
    rows = story.project.query(
        "select version_id, is_champion, last_decision, trial_count, feature_count > 20,"
        " test_row_count > 1000, test_roc_auc between test_roc_auc_lower and test_roc_auc_upper,"
        " best_baseline_roc_auc > 0.5, description like 'Predicts which active customers buy no%'"
        " from attrition_model_versions"
    )
    read = {row[0]: row[1:] for row in rows}
    assert read[story.first] == (True, "promoted", 3, *[True] * 5)
    assert read[story.second][0] is False
    assert read[story.second][2:] == (2, *[True] * 5)
    tried = story.project.query(
        "select version_id, count(*), count(*) filter (is_best) from attrition_tuning_trials"
        " group by all"
    )
    assert sorted(tried) == sorted([(story.first, 3, 1), (story.second, 2, 1)])


def test_profit_is_counted_where_the_settings_say_what_a_contact_costs(story):
    query = story.project.query
    assert query("select distinct version_id from attrition_profit_curve") == [(story.second,)]
    # the row of the decision threshold holds exactly the rows that were flagged
    [(contacted, gone, profit)] = query(
        "select contacted_count, contacted_attrition_count, expected_profit"
        " from attrition_profit_curve where is_decision_threshold and scenario = 'as set'"
    )
    cells = query(
        "select actual, row_count from attrition_confusion_matrix"
        f" where version_id = '{story.second}' and split = 'test' and predicted = 1"
    )
    assert (contacted, gone) == (sum(rows for _, rows in cells), dict(cells)[1])
    assert profit == pytest.approx(gone * 0.4 * 150 - contacted * 8)


def test_new_settings_challenge_a_version_that_a_person_chose(story, tmp_path):
    project = copied_build(story.project, tmp_path)
    seen = build(project, THIRD)
    assert seen.trained == 1
    *_, last = seen.promotions
    assert last[0] not in (story.first, story.second)
    assert last[1] == story.first
    assert last[3] == "gate"


def test_a_promotion_that_cannot_be_recorded_says_why_and_changes_nothing(story):
    before = story.built_again.promotions
    mistakes = {
        (story.second[:-1] + "_", "why not"): "is not a version.",
        (story.first, "again"): f"version: {story.first} is the champion already",
    }
    for given, message in mistakes.items():
        assert message in promote(story.project, *given)
    after = story.project.query("select count(*) from attrition_promotions")
    assert after == [(len(before),)]


def test_without_a_version_there_is_nothing_to_promote(tmp_path):
    project = new_project(tmp_path)
    assert "There is no version yet: run `dbt build` first." in promote(project, "v1", "why not")
