"""One line of the doctor's report."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """What was looked at and found.

    Attributes:
        status: `ok`; `warning` where something works less well than it could; `problem` where
            something does not work.
        subject: What was looked at, in one or two words.
        text: What was found, in one sentence.
        fix: What to do about it; empty where nothing needs to be done.
    """

    status: Status
    subject: str
    text: str
    fix: str = ""


def has_problems(findings: Iterable[Finding]) -> bool:
    """Say whether anything does not work."""
    return any(finding.status == "problem" for finding in findings)
