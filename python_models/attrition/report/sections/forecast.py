"""How many will leave: what the scores expect, and what was forecast before."""

from attrition.report import words
from attrition.report.part import part
from attrition.report.source import Found


@part("Expected by the scores", "scored", "version")
def expected(scored: Found, version: Found) -> str:
    """Say how many the probabilities expect to leave."""
    total, form = scored.first, version.first
    if not total["customer_count"]:
        return "Nobody is scored, so nothing is expected."
    return (
        f"{words.number(total['expected_attritions'])} of "
        f"{words.counted(total['customer_count'], 'customer')} "
        f"({words.percent(total['expected_attritions'] / total['customer_count'])}) are expected "
        "to buy nothing within "
        f"{words.horizon(form)} after "
        f"{words.day(total['as_of_date'])}: the sum of their probabilities."
    )


PARTS = (expected,)
