"""The answers at the top of the page, each with the section that shows it."""

from dataclasses import dataclass

from attrition.report import words
from attrition.report.sections import trust
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
    forecast, version = source.read("forecast"), source.read("version").first
    if not forecast.first.get("next_three"):
        return None
    grain = words.grain(version)
    return Answer(
        f"How many leave in the next {words.counted(min(3, len(forecast.rows)), grain)}?",
        words.number(forecast.first["next_three"]),
        _how_sure(source),
        "forecast",
    )


def _how_sure(source: Source) -> str:
    row = source.read("forecast").first
    whole = next((r for r in source.read("forecast_summary").rows if not r["buckets_ahead"]), {})
    if row["next_three_lower"] is None:
        return "No interval yet: too few past forecasts have met their truth."
    held = whole.get("coverage_80")
    return (
        f"{words.number(row['next_three_lower'])} to {words.number(row['next_three_upper'])} by "
        "the 80% intervals"
        + (f", which held {words.percent(held)} of the time." if held is not None else ".")
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
        + (f"{words.counted(count, 'record')} rejected." if count else "No record was rejected.")
        + absent_records(source.read("features")),
        "data",
    )
