"""The commands that read the published copy: a query, one customer, and files for programs."""

import sys
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from attrition.command_line.messages import one_clear_message, terminal
from attrition.errors import AttritionError

_ProjectDir = Annotated[
    Path, typer.Option("--project-dir", help="Folder of dbt_project.yml.", show_default=False)
]
_Target = Annotated[
    str | None, typer.Option("--target", "-t", help="Output of the profile; else its default.")
]
_FORMATS = ("table", "csv", "json", "parquet")


@one_clear_message
def query(
    sql: Annotated[str, typer.Argument(help="SQL to run on the published tables.")],
    file_format: Annotated[
        str, typer.Option("--format", help="table, csv, json or parquet.")
    ] = "table",
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write, else the terminal.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="The same as --format csv.")] = False,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Rows at most; else 50 of a table, and all of a file."),
    ] = None,
    project_dir: _ProjectDir = Path(),
    target: _Target = None,
) -> None:
    """Run SQL on the published copy, which can change nothing and read nothing else."""
    from attrition.command_line.query import answered
    from attrition.command_line.query_view import show_answer
    from attrition.command_line.table_files import write_csv, write_file, write_json

    chosen = "csv" if as_csv else file_format
    if chosen not in _FORMATS:
        raise AttritionError(f"--format: {chosen!r} is none of {', '.join(_FORMATS)}.")
    if chosen == "parquet" and out is None:
        raise AttritionError("--format parquet needs --out FILE: a terminal cannot show Parquet.")
    if chosen == "table" and out is not None:
        raise AttritionError("--out needs --format csv, json or parquet: a table is for reading.")
    published = _published(project_dir, target)
    if out is not None:
        count = write_file(published, sql, out, chosen, limit)
        typer.echo(f"{_rows(count)} written to {out}.", err=True)
        return
    with answered(published, sql) as answer:
        if chosen == "table":
            show_answer(terminal(), answer, limit)
        else:
            write = write_json if chosen == "json" else write_csv
            write(sys.stdout, answer.columns, islice(answer.rows, limit))


_EXPORTS = {
    "scores": "select * from attrition_scores order by attrition_probability desc, customer_id"
}
_ENDINGS = {".csv": "csv", ".parquet": "parquet", ".xlsx": "xlsx"}


@one_clear_message
def export(
    what: Annotated[str, typer.Argument(help="scores: customers, most at risk first, and why.")],
    out: Annotated[
        Path, typer.Option("--out", help="File to write; .csv, .parquet or .xlsx says how.")
    ],
    limit: Annotated[int | None, typer.Option(min=1, help="Rows at most; else all.")] = None,
    project_dir: _ProjectDir = Path(),
    target: _Target = None,
) -> None:
    """Write the newest scores, with their reasons, to a file for people or programs."""
    from attrition.command_line.table_files import write_file

    if what not in _EXPORTS:
        raise AttritionError(f"export: {what!r} is none of {', '.join(_EXPORTS)}.")
    chosen = _ENDINGS.get(out.suffix.lower())
    if chosen is None:
        raise AttritionError(f"--out: {out} ends in none of {', '.join(_ENDINGS)}.")
    count = write_file(
        _published(project_dir, target), _EXPORTS[what], out, chosen, limit, for_people=True
    )
    if not count:
        typer.echo("Nobody is scored: `attrition summary` says why.", err=True)
    typer.echo(f"{_rows(count)} written to {out}.")


@one_clear_message
def explain(
    customer_id: Annotated[str, typer.Argument(help="Whom.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
    project_dir: _ProjectDir = Path(),
    target: _Target = None,
) -> None:
    """Say how likely a customer is to leave, why, and how that moved."""
    from attrition.command_line.explain import explain as look_up
    from attrition.command_line.explain import show_explanation

    found = look_up(_published(project_dir, target), customer_id)
    if as_json:
        typer.echo(found.as_json())
    else:
        show_explanation(terminal(), found)


def _published(project_dir: Path, target: str | None) -> Path:
    from attrition.project.profile import connection_of

    return connection_of(project_dir, target).published_file(project_dir)


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"
