"""The files of the report: the page, the judgement for programs, the model card."""

from pathlib import Path

from attrition.errors import AttritionError
from attrition.report import CARD, EVALUATION, PAGE
from attrition.report.evaluation import evaluation_json, model_card
from attrition.report.page import page
from attrition.report.source import Source


def write_report(source: Source, folder: Path) -> list[Path]:
    """Write the files into a folder, which is made where it is missing.

    Raises:
        AttritionError: The folder cannot be written.
    """
    made = {PAGE: page(source), EVALUATION: evaluation_json(source), CARD: model_card(source)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise AttritionError(
            f"The report could not be written to {folder}: {error}. Name another with --out."
        ) from error
    return [folder / name for name in made]
