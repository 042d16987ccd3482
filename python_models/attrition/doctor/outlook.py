"""What will and what will not work, said from the facts before anything is trained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrition.doctor.facts import Counts, DatasetFacts, RejectedFacts
from attrition.doctor.finding import Finding
from attrition.settings.model import CapacityThreshold, CostThreshold
from attrition.settings.time_grain import buckets_text
from attrition.training.calibration import MIN_PER_CLASS

if TYPE_CHECKING:
    from attrition.settings.model import Settings

MANY_REJECTED = 0.05
RARE, COMMON = 0.01, 0.9
_SHORTER = "a shorter attrition_horizon"
_WITH_ONE_OUTCOME = {
    True: "If customers do come back, take a longer attrition_horizon, and see that customer_id "
    "names customers and not orders.",
    False: f"If customers do leave, take {_SHORTER}, or bring more sales.",
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def outlook(facts: DatasetFacts, settings: Settings) -> list[Finding]:
    """Return what the facts mean under the settings, in the order of a build."""
    findings = [*rejected_findings(facts.rejected), *snapshot_findings(facts, settings)]
    if not facts.snapshots:
        return findings
    training = training_finding(facts, settings)
    findings.append(training)
    if training.status == "problem" or settings.retrain == "never":
        return findings
    return [
        *findings,
        *validation_findings(facts, settings),
        *search_findings(facts, settings),
        calibration_finding(facts, settings),
        promotion_finding(facts, settings),
        decision_finding(facts, settings),
    ]


def rejected_findings(tables: tuple[RejectedFacts, ...]) -> Iterator[Finding]:
    """Yield what share of the raw records takes no part."""
    few = []
    for table in tables:
        if table.rejected > MANY_REJECTED * table.records:
            text = (
                f"{table.rejected:,} of {table.records:,} records of {table.table} are rejected, "
                f"most by the rule {table.rule}."
            )
            fix = "attrition_rejected_records holds each of them with its rule, after a build."
            yield Finding("warning", "Records", text, fix)
        else:
            few.append(f"{table.records:,} of {table.table} ({table.rejected:,} rejected)")
    if few:
        yield Finding("ok", "Records", f"Read {', '.join(few)}.")


def snapshot_findings(facts: DatasetFacts, settings: Settings) -> Iterator[Finding]:
    """Yield how many snapshots there are, and whether their labels are balanced enough."""
    if not facts.snapshots:
        text = "No customer has a snapshot, so there is nothing to learn from and nobody to score."
        fix = "Check target, population, min_history_months and start_month; or bring more sales."
        yield Finding("problem", "Snapshots", text, fix)
        return
    labelled = facts.labelled
    text = (
        f"{facts.snapshots} snapshots from {facts.first_snapshot} to {facts.newest_snapshot} hold "
        f"{labelled.rows:,} labelled rows of {facts.labelled_customers:,} customers."
    )
    yield Finding("ok", "Snapshots", text)
    if not facts.to_score:
        text = f"Nobody is in the newest snapshot, {facts.newest_snapshot}, so nobody gets a score."
        fix = "Check max_month and the newest sales; population: ever scores all who ever bought."
        yield Finding("warning", "Scores", text, fix)
    share = labelled.attritions / labelled.rows if labelled.rows else 0.5
    # that all labels are the same is said where it stops the training
    if 0 < share < RARE or COMMON < share < 1:
        size = "short" if share > COMMON else "long"
        text = (
            f"{share:.1%} of the labels are attritions; a horizon of {_horizon(settings)} is "
            f"probably too {size} for these customers."
        )
        fix = "`attrition init --raw` proposes a horizon from the gaps between purchases."
        yield Finding("warning", "Labels", text, fix)


def training_finding(facts: DatasetFacts, settings: Settings) -> Finding:
    """Say whether a model can be trained, and why not."""
    if settings.retrain == "never":
        text = "Nothing will be trained, because retrain is never."
        return Finding("ok", "Training", f"{text} An earlier version scores, if there is one.")
    train, validation = facts.split("train").counts, facts.split("validation").counts
    if not facts.labelled.rows:
        text = f"no label window of {_horizon(settings)} has ended in the data yet"
        return _cannot_train(text, f"Take {_SHORTER}, or wait until the history is longer.")
    if not train.rows or not validation.rows:
        text = (
            f"{train.rows:,} training and {validation.rows:,} validation rows remain before the "
            "test"
        )
        other = "" if settings.validation == "grouped" else ", validation: grouped"
        return _cannot_train(text, f"Take a smaller test ({_test(settings)}), {_SHORTER}{other}.")
    for name, counts in (("training", train), ("validation", validation)):
        if 0 in (counts.attritions, counts.others):
            text = (
                f"of {counts.rows:,} {name} rows {counts.attritions:,} are attritions, and it "
                "takes customers who left and customers who stayed"
            )
            return _cannot_train(text, _WITH_ONE_OUTCOME[counts.attritions > 0])
    text = (
        f"{train.rows:,} rows train ({train.attritions:,} attritions), {validation.rows:,} "
        f"validate, {facts.split('calibration').counts.rows:,} calibrate and "
        f"{facts.split('test').counts.rows:,} judge."
    )
    return Finding("ok", "Training", text)


def _cannot_train(reason: str, fix: str) -> Finding:
    return Finding("problem", "Training", f"Nothing can be trained: {reason}.", fix)


def validation_findings(facts: DatasetFacts, settings: Settings) -> Iterator[Finding]:
    """Yield a warning where time could not be used to tune on."""
    if settings.validation == "auto" and facts.validation_mode == "grouped":
        text = (
            "The history is short, so tuning is validated on other customers and not on later "
            f"{settings.time_grain}s; it may choose what does not last."
        )
        fix = f"A longer history, a smaller test ({_test(settings)}) or {_SHORTER} would help."
        yield Finding("warning", "Validation", text, fix)


def search_findings(facts: DatasetFacts, settings: Settings) -> Iterator[Finding]:
    """Yield warnings about limits that will be met."""
    if facts.labelled.rows > settings.max_rows:
        text = (
            f"About {settings.max_rows:,} of {facts.labelled.rows:,} labelled rows are used; whole "
            "customers are left out."
        )
        yield Finding("warning", "Rows", text, "Raise max_rows where memory allows.")
    if settings.max_tuning_minutes is not None:
        text = (
            f"The search stops starting trials after {settings.max_tuning_minutes:g} minutes; a "
            "version that this cuts short cannot be made again byte by byte."
        )
        fix = "Limit num_tuning_rounds instead."
        yield Finding("warning", "Search", text, fix)


def calibration_finding(facts: DatasetFacts, settings: Settings) -> Finding:
    """Say whether probabilities can be calibrated."""
    counts = facts.split("calibration").counts
    if settings.calibration == "none":
        text = "Probabilities are not calibrated, because calibration is none."
        return Finding("ok", "Calibration", text)
    if min(counts.attritions, counts.others) < MIN_PER_CLASS:
        text = (
            f"The calibration customers have {counts.attritions:,} attritions and "
            f"{counts.others:,} others; it takes {MIN_PER_CLASS} of each, so probabilities will "
            "not be calibrated, and the threshold is chosen on validation rows."
        )
        fix = "More customers or a longer history would help; or set calibration: none."
        return Finding("warning", "Calibration", text, fix)
    missing = _months_without_season(facts) if settings.calibration == "seasonal" else []
    if missing:
        names = ", ".join(_MONTHS[month] for month in missing)
        text = (
            f"Seasonal calibration has too few calibration rows of the year before for {names}; "
            "these months of the test get the correction of all months together."
        )
        fix = "It takes a year of labels before the test; calibration: auto chooses what suits."
        return Finding("warning", "Calibration", text, fix)
    text = f"{counts.rows:,} rows of customers that no fit sees, {counts.attritions:,} attritions."
    return Finding("ok", "Calibration", text)


def _months_without_season(facts: DatasetFacts) -> list[int]:
    """Return the calendar months (January is 0) of the test without a season before them.

    A season is a month and its two neighbours, as in `attrition.training.calibration`.
    """
    known = set()
    for month in facts.calibration_months:
        season = [facts.calibration_months.get(month + step, Counts()) for step in (-1, 0, 1)]
        attritions = sum(counts.attritions for counts in season)
        others = sum(counts.others for counts in season)
        if min(attritions, others) >= MIN_PER_CLASS:
            known.add(month % 12)
    return sorted({month % 12 for month in facts.test_months} - known)


def promotion_finding(facts: DatasetFacts, settings: Settings) -> Finding:
    """Say whether the test is large enough for an automatic promotion."""
    test, gate = facts.split("test").counts, settings.promotion
    if test.rows >= gate.min_rows and 0 in (test.attritions, test.others):
        text = (
            f"Of {test.rows:,} test rows {test.attritions:,} are attritions, and a test takes both "
            "kinds: what is trained will not score by itself."
        )
        fix = f"Take another attrition_horizon or a larger test ({_test(settings)})."
        return Finding("warning", "Promotion", text, fix)
    if test.rows >= gate.min_rows and test.attritions >= gate.min_attritions:
        split = facts.split("test")
        text = (
            f"The test of {split.first_date} to {split.last_date} has {test.rows:,} rows with "
            f"{test.attritions:,} attritions, enough to promote on. Once one is promoted, the "
            f"{facts.to_score:,} customers of the newest snapshot get a probability."
        )
        return Finding("ok", "Promotion", text)
    text = (
        f"The test has {test.rows:,} rows with {test.attritions:,} attritions, and an automatic "
        f"promotion takes {gate.min_rows:,} with {gate.min_attritions:,}: what is trained will not "
        "score by itself."
    )
    fix = (
        f"Take a larger test ({_test(settings)}), lower promotion.min_rows or "
        "promotion.min_attritions, or promote by hand: dbt run-operation promote_model."
    )
    return Finding("warning", "Promotion", text, fix)


def decision_finding(facts: DatasetFacts, settings: Settings) -> Finding:
    """Say what the threshold will do."""
    threshold = settings.threshold
    if isinstance(threshold, CostThreshold):
        gain = threshold.success_rate * threshold.value_of_customer
        even = threshold.cost_of_contact / gain
        text = (
            f"A contact costs {threshold.cost_of_contact:g} and brings {gain:g} where a customer "
            f"would leave, so it pays from a probability of {even:.3g}"
        )
        if even > 1:
            fix = "Check cost_of_contact, value_of_customer and success_rate."
            return Finding("warning", "Decision", f"{text}: never.", fix)
        return Finding("ok", "Decision", f"{text}.")
    if isinstance(threshold, CapacityThreshold) and threshold.n >= facts.to_score:
        text = (
            f"{threshold.n:,} customers can be contacted and {facts.to_score:,} are scored, so "
            "every one of them is predicted to leave."
        )
        return Finding("warning", "Decision", text, "Lower threshold.n, or take another mode.")
    text = f"The threshold is chosen by mode {threshold.mode}"
    if threshold.cost_of_contact is None:
        text += "; without the keys about money attrition_profit_curve stays empty"
    return Finding("ok", "Decision", f"{text}.")


def _horizon(settings: Settings) -> str:
    return buckets_text(settings.attrition_horizon, settings.time_grain)


def _test(settings: Settings) -> str:
    """Return the key that says how large the test is."""
    [key] = settings.split.model_dump(exclude={"mode"})
    return f"split.{key}"
