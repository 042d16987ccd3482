"""The command `attrition report`."""

from pathlib import Path
from typing import Annotated

import typer

from attrition.command_line.messages import one_clear_message
from attrition.report import FOLDER, PAGE


@one_clear_message
def report(
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder to write into; else target/report.")
    ] = None,
    project_dir: Annotated[
        Path, typer.Option("--project-dir", help="Folder of dbt_project.yml.", show_default=False)
    ] = Path(),
    target: Annotated[
        str | None, typer.Option("--target", "-t", help="Output of the profile; else its default.")
    ] = None,
) -> None:
    """Write what a build found as one HTML page, with evaluation.json and model_card.md."""
    from attrition.report.files import write_report
    from attrition.report.source import source_of

    folder = out or project_dir / FOLDER
    with source_of(project_dir, target) as source:
        for path in write_report(source, folder):
            typer.echo(f"{path}: {_size(path.stat().st_size)}")
    typer.echo(f"Open {folder / PAGE} in a browser.")


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.0f} KB"
