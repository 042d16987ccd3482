"""The answers at the top of the page, each with the section that shows it."""

from dataclasses import dataclass

from attrition.report import words
from attrition.report.sections import trust
from attrition.report.sections.risk import nobody_scored
from attrition.report.source import Source


@dataclass(frozen=True)
class Answer:
    """A question that a reader comes with.

    Attributes:
        question: In their words.
        figure: The number that answers, or a word.
        says: The sentence around it.
        anchor: Section that shows it.
    """

    question: str
    figure: str
    says: str
    anchor: str


def answers(source: Source) -> list[Answer]:
    """Return the answers in the order of the sections."""
    made = [_whom(source), _how_many(source), _better(source), _what_is_missing(source)]
    return [answer for answer in made if answer]


def _whom(source: Source) -> Answer:
    question = "Whom do we call first?"
    rows = source.read("most_at_risk").rows
    if not rows:
        return Answer(
            question,
            "nobody yet",
            nobody_scored(source.read("last_decision"), source.read("plan")),
            "risk",
        )
    top, total = rows[0], source.read("scored").first
    return Answer(
        question,
        str(top["customer_id"]),
        f"{words.percent(top['attrition_probability'])} likely to leave. "
        + (f"{top['reason_1_text']}. " if top["reason_1_text"] else "")
        + f"{words.counted(total['flagged_count'], 'customer')} are flagged as leaving.",
        "risk",
    )


def _how_many(source: Source) -> Answer | None:
    total, version = source.read("scored").first, source.read("version").first
    if not total.get("customer_count"):
        return None
    return Answer(
        "How many will leave?",
        words.number(total["expected_attritions"]),
        f"of {words.counted(total['customer_count'], 'customer')} within "
        f"{words.horizon(version)} after {words.day(total['as_of_date'])}.",
        "forecast",
    )


def _better(source: Source) -> Answer | None:
    rows = source.read("metrics").rows
    systems = {row["system"] for row in rows}
    if not {"model", "recency"} <= systems:
        return None
    text = trust.versus(rows, "recency")
    figure = "yes" if "no better" not in text else "no"
    return Answer("Is it better than recency alone?", figure, f"It is {text}.", "trust")


def _what_is_missing(source: Source) -> Answer:
    gaps, rejected = source.read("gaps").rows, source.read("rejected").rows
    count = sum(row["record_count"] for row in rejected)
    return Answer(
        "What data is missing?",
        words.counted(len(gaps), "feature"),
        ("not known of everyone. " if gaps else "has gaps. ")
        + (f"{words.counted(count, 'record')} rejected." if count else "No record was rejected."),
        "data",
    )
