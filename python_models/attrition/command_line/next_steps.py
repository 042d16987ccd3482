"""What to do after a build, one line each."""

from collections.abc import Iterator

from attrition.command_line.summary import Summary
from attrition.settings.model import Settings


def next_steps(summary: Summary, settings: Settings | None, name: str) -> Iterator[str]:
    """Yield commands that suit what was built.

    Args:
        summary: What was built.
        settings: The settings, None where they are wrong.
        name: The command as it was called.
    """
    if summary.customer_count:
        yield f'{name} query "select * from attrition_scores order by attrition_probability desc"'
        if summary.contact_count:
            yield f"{name} export contacts --out contacts.xlsx    (whom to contact, and why)"
    else:
        yield f"{name} doctor    (what the data allows, and which settings would change it)"
        yield from _with_what_waits(summary, name)
    if settings is None:
        return
    reached = summary.results[0].metrics[0] if summary.results else None
    if reached is not None and reached < settings.promotion.min_roc_auc:
        yield (
            f"{name} doctor    (the champion tells customers apart only a little: ROC AUC "
            f"{reached:.2f}, and guessing has 0.5)"
        )
    if summary.rejected:
        if settings.publish.rejected_records != "records":
            yield f"{name} publish --vars '{{publish: {{rejected_records: records}}}}'"
        yield f'{name} query "select * from attrition_rejected_records"'
    if settings.raw_data == "sample":
        yield f"{name} init --raw YOUR_SALES_FILE    (your own data; docs/your-data.md)"


def _with_what_waits(summary: Summary, name: str) -> Iterator[str]:
    """Yield what can be done where a version was trained and is not champion."""
    waiting = summary.waiting_version
    if waiting is None:
        return
    yield f'{name} query "select * from attrition_baselines"    (peers of {waiting})'
    why = "to score with it all the same"
    if summary.found_no_signal:
        yield (
            f'{name} init --raw YOUR_SALES_FILE --horizon "90 days"    '
            "(another horizon, a longer history or tables beside sales may hold more to learn)"
        )
        why += ", hardly better than by guessing"
    yield (
        "dbt run-operation promote_model --args '{version: " + waiting
        + ", reason: YOUR_REASON}' && dbt build    (" + why + ")"
    )  # fmt: skip
