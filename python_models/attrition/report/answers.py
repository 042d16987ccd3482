"""The answers at the top of the page, each with the section that shows it."""

from dataclasses import dataclass

from attrition.report import words
from attrition.report.sections import forecast, trust
from attrition.report.sections.data import absent_records
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
    rows = source.read("contacts").rows or source.read("most_at_risk").rows
    if not rows:
        why = nobody_scored(source.read("last_decision"), source.read("plan"))
        return Answer(question, "nobody yet", why, "risk")
    top, reason = rows[0], rows[0]["reason_1_text"]
    gain = top["expected_gain"]
    return Answer(
        question,
        str(top["customer_id"]),
        f"{words.percent(top['attrition_probability'])} likely to leave"
        + (
            f", {words.gain(top.get('gain_basis'))} {words.amount(gain)}"
            if gain is not None
            else ""
        )
        + (f". {reason}." if reason else "."),
        "risk",
    )


def _how_many(source: Source) -> Answer | None:
    found, version = source.read("forecast"), source.read("version").first
    near = forecast.soon(found)
    if not near.get("expected_cumulative_attrition_count"):
        return None
    count = words.counted(near["buckets_ahead"], words.grain(version))
    return Answer(
        f"How many leave in the next {count}?",
        words.number(near["expected_cumulative_attrition_count"]),
        forecast.how_sure(found, source.read("forecast_summary")),
        "forecast",
    )


def _better(source: Source) -> Answer | None:
    rows = source.read("metrics").rows
    systems = {row["system"] for row in rows}
    if not {"model", "recency"} <= systems:
        return None
    text = trust.versus(rows, "recency")
    figure = "yes" if "no better" not in text else "no"
    says = f"It is {text}. Recency is the time since the last order."
    return Answer("Is it better than recency alone?", figure, says, "trust")


def _what_is_missing(source: Source) -> Answer:
    gaps, rejected = source.read("gaps").rows, source.read("rejected").rows
    count = sum(row["record_count"] for row in rejected)
    return Answer(
        "What data is missing?",
        words.counted(len(gaps), "feature"),
        (
            "(things the model looks at) are not known of everyone. "
            if gaps
            else "(thing the model looks at) has gaps. "
        )
        + (f"{words.counted(count, 'record')} rejected." if count else "No record was rejected.")
        + absent_records(source.read("features")),
        "data",
    )
