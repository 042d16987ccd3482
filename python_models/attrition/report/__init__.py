"""The report: one HTML page about a build, made from its public tables by the SQL of `sql/`."""

from pathlib import Path

FOLDER = Path("target") / "report"
"""Where it is written, from the project's folder."""
PAGE, EVALUATION, CARD = "report.html", "evaluation.json", "model_card.md"
PAGE_FILE = FOLDER / PAGE
