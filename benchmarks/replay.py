"""Twelve months in the life of a model: python -m benchmarks.replay

Customers are generated whose behaviour drifts. Each month the project is built as of that month, on
one database, and goes on from what the months before left behind. Nothing of the course is
prescribed but two things that people do: they roll back the first challenger that has replaced a
champion since May, and they ask for no training in October, when nothing may change.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.data_sets import DRIFT, generated
from benchmarks.records import RESULTS, keep_results
from benchmarks.scratch_project import ScratchProject

CUSTOMERS = 5_000
HISTORY_MONTHS = 60
MONTHS = tuple(f"2025-{number:02d}" for number in range(1, 13))
ROLLBACK_FROM = "2025-05"
FREEZE = "2025-10"
TRIALS = 2
QUICK = {"num_tuning_rounds": TRIALS, "backtest_quarters": 0}
PROMOTIONS_SQL = """
    select
        decided_at,
        challengers.version_label as challenger,
        incumbents.version_label as incumbent,
        promotions.* exclude (decided_at)
    from attrition_promotions as promotions
    left join attrition_model_artefacts as challengers
        on promotions.challenger_version = challengers.version_id
    left join attrition_model_artefacts as incumbents
        on promotions.incumbent_version = incumbents.version_id
    order by promotion_number
"""
STATE_SQL = """
    select
        plan.reason as plan_reason,
        trained.version_label as trained,
        judged.decision,
        judged.reason as decision_reason,
        champion.version_id as champion_version,
        champion.version_label as champion,
        champion.decided_by,
        (select count(*) from attrition_scores) as score_count,
        (select avg(attrition_probability) from attrition_scores) as mean_score,
        (select string_agg(distinct model_version) from attrition_scores) as scored_by
    from training_plan as plan
    left join attrition_model_artefacts as trained on trained.run_id = plan.run_id
    left join attrition_promotions as judged
        on judged.run_id = plan.run_id and judged.decided_by = 'gate'
    left join attrition_champion as champion on true
"""


@dataclass(frozen=True)
class Month:
    """What one build came to.

    Attributes:
        month: The month as of which it was built.
        action: What a person did before it; empty for nothing.
        plan: Why something was trained, or why not.
        trained: Label of the version that was trained, none for none.
        decision: `promoted` or `kept`; none where nothing was judged.
        reason: Why.
        champion: Label of the version that scores.
        decided_by: `gate` or `operator`: who made it champion.
        scores: How many customers were scored.
        mean_score: Their mean probability of attrition.
        is_scored_by_champion: Whether every score is the champion's.
    """

    month: str
    action: str
    plan: str
    trained: str | None
    decision: str | None
    reason: str | None
    champion: str | None
    decided_by: str | None
    scores: int
    mean_score: float | None
    is_scored_by_champion: bool


def replay(project: ScratchProject, months: Sequence[str]) -> Iterator[Month]:
    """Build month after month; yield what each build came to, and what followed a rollback."""
    is_rolled_back = False
    for month in months:
        is_frozen = month == FREEZE
        retrain = {"retrain": "never"} if is_frozen else {}
        action = "change freeze: no training asked for" if is_frozen else ""
        yield _built(project, month, action, **retrain)
        last = project.query(PROMOTIONS_SQL).tail(1)
        if not is_rolled_back and month >= ROLLBACK_FROM and _replaced(project, last):
            action = _roll_back(project, month, last)
            yield _built(project, month, action)
            is_rolled_back = True


def _built(project: ScratchProject, month: str, action: str, **settings: str) -> Month:
    project.build(max_month=month, version_label=month, **settings)
    state = project.query(STATE_SQL)
    row = state.astype(object).where(state.notna(), None).iloc[0]
    return Month(
        month=month,
        action=action,
        plan=row.plan_reason,
        trained=row.trained,
        decision=row.decision,
        reason=row.decision_reason,
        champion=row.champion,
        decided_by=row.decided_by,
        scores=int(row.score_count),
        mean_score=None if row.mean_score is None else round(float(row.mean_score), 4),
        is_scored_by_champion=row.champion_version == row.scored_by,
    )


def _replaced(project: ScratchProject, last: pd.DataFrame) -> bool:
    """Say whether the last decision put another version in a champion's place, in this build."""
    run_id = project.value("select run_id from training_plan")
    is_new = (last["run_id"] == run_id) & (last["decision"] == "promoted")
    return bool((is_new & last["incumbent_version"].notna()).any())


def _roll_back(project: ScratchProject, month: str, last: pd.DataFrame) -> str:
    """Give the champion's place back to the version that had it before."""
    former = last["incumbent_version"].iloc[0]
    reason = f"rolled back in {month}: the call centre cannot explain the new scores yet"
    project.promote(former, reason)
    return f"operator rolls back to {last['incumbent'].iloc[0]}"


def missing_events(months: Sequence[Month]) -> list[str]:
    """Return what a replay must show and this one did not."""
    events = {
        "a challenger that wins against a champion": any(
            one.decision == "promoted" and " against " in (one.reason or "") for one in months
        ),
        "a challenger that loses": any(one.decision == "kept" for one in months),
        "a rollback after which the former version scores": any(
            one.action.startswith("operator")
            and one.decided_by == "operator"
            and one.action.endswith(str(one.champion))
            and one.is_scored_by_champion
            for one in months
        ),
        "a month that trains nothing": any(
            one.trained is None and not one.action.startswith("operator") for one in months
        ),
    }
    return [event for event, has_happened in events.items() if not has_happened]


def tell(console: Console, one: Month) -> None:
    """Print what a build came to."""
    console.print(f"[bold]{one.month}[/bold] {one.action}")
    console.print(f"  {one.plan}")
    if one.decision:
        console.print(f"  {one.decision}: {one.reason}")
    mean = "" if one.mean_score is None else f", mean probability {one.mean_score:.3f}"
    console.print(
        f"  champion {one.champion} (by {one.decided_by}) scores {one.scores:,} customers{mean}"
    )


def promotion_log(project: ScratchProject) -> pd.DataFrame:
    """Return the promotion log, oldest first, with the versions' labels."""
    return project.query(PROMOTIONS_SQL)


def _plain(log: pd.DataFrame) -> list[dict[str, str | None]]:
    """Return what the log says, without ids that differ from run to run."""
    kept = log[["challenger", "incumbent", "decision", "decided_by", "reason"]]
    return kept.astype(object).where(kept.notna(), None).to_dict("records")


def show_log(console: Console, log: pd.DataFrame) -> None:
    table = Table(title="attrition_promotions", title_justify="left")
    for name in ("challenger", "incumbent", "decision", "decided by", "reason"):
        table.add_column(name, overflow="fold")
    for row in log.itertuples():
        incumbent = row.incumbent if isinstance(row.incumbent, str) else ""
        table.add_row(row.challenger, incumbent, row.decision, row.decided_by, row.reason)
    console.print(table)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--months", type=int, default=len(MONTHS), help="how many of the twelve")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    console = Console(width=140, highlight=False)
    months: list[Month] = []
    with tempfile.TemporaryDirectory(prefix="replay_") as name:
        folder = Path(name)
        source = generated(arguments.customers, HISTORY_MONTHS, DRIFT, truth=False)(folder / "raw")
        project = ScratchProject(folder, {**source.settings, **QUICK})
        for one in replay(project, MONTHS[: arguments.months]):
            months.append(one)
            tell(console, one)
        log = promotion_log(project)
    show_log(console, log)
    missing = missing_events(months)
    is_complete = arguments.customers == CUSTOMERS and arguments.months == len(MONTHS)
    content = {"months": [asdict(one) for one in months], "promotions": _plain(log)}
    keep_results(console, RESULTS / "replay.json" if is_complete else None, content)
    if missing:
        console.print("This course lacks " + "; ".join(missing) + ".")
        sys.exit(1)


if __name__ == "__main__":
    main()
