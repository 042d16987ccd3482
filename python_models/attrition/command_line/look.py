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
    "scores": "select * from attrition_scores order by attrition_probability desc, customer_id",
    "contacts": "select * from attrition_contact_list where as_of_date = "
    "(select max(as_of_date) from attrition_contact_list) order by contact_rank",
}
_ENDINGS = {".csv": "csv", ".parquet": "parquet", ".xlsx": "xlsx"}


@one_clear_message
def export(
    what: Annotated[
        str,
        typer.Argument(
            help="scores: customers, most at risk first, and why; contacts: the contact list."
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", help="File to write; .csv, .parquet or .xlsx says how.")
    ],
    limit: Annotated[int | None, typer.Option(min=1, help="Rows at most; else all.")] = None,
    project_dir: _ProjectDir = Path(),
    target: _Target = None,
) -> None:
    """Write the newest scores or the contact list, with reasons, for people or programs."""
    from attrition.command_line.table_files import write_file

    if what not in _EXPORTS:
        raise AttritionError(f"export: {what!r} is none of {', '.join(_EXPORTS)}.")
    chosen = _ending(out)
    count = write_file(
        _published(project_dir, target), _EXPORTS[what], out, chosen, limit, for_people=True
    )
    if not count:
        said = "Nobody is scored" if what == "scores" else "Nobody is on the contact list"
        typer.echo(f"{said}: `attrition summary` says why.", err=True)
    typer.echo(f"{_rows(count)} written to {out}.")


@one_clear_message
def score(
    given: Annotated[
        Path, typer.Option("--input", help="CSV, Parquet or JSON with the champion's features.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write: .csv, .parquet or .xlsx.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Features not in the file count as unknown.")
    ] = False,
    project_dir: _ProjectDir = Path(),
    target: _Target = None,
) -> None:
    """Score customers of a file with the champion of the published copy, without a build."""
    from attrition.command_line.query import Answer
    from attrition.command_line.query_view import show_answer
    from attrition.command_line.score import score_file
    from attrition.command_line.table_files import write_json, write_table

    chosen = _ending(out) if out else None
    scored = score_file(_published(project_dir, target), given, allow_missing)
    columns = tuple(scored.column_names)
    rows = (tuple(row.values()) for row in scored.to_pylist())
    if out and chosen:
        write_table(scored, out, chosen)
        typer.echo(f"{_rows(scored.num_rows)} written to {out}.")
    elif as_json:
        write_json(sys.stdout, columns, rows)
    else:
        show_answer(terminal(), Answer(columns, rows))


@one_clear_message
def explain(
    customer_id: Annotated[str, typer.Argument(help="Whom.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
    with_records: Annotated[
        bool, typer.Option("--records", help="Also their records, which the build file holds.")
    ] = False,
    project_dir: _ProjectDir = Path(),
    target: _Target = None,
) -> None:
    """Say how likely a customer is to leave, why, and how that moved."""
    from attrition.command_line.explain import explain as look_up
    from attrition.command_line.explain import show_explanation
    from attrition.command_line.timeline import records_of, show_records
    from attrition.project.profile import connection_of

    found = look_up(_published(project_dir, target), customer_id)
    records = None
    if with_records:
        build = connection_of(project_dir, target).build_file(project_dir)
        records = records_of(build, customer_id)
    if as_json:
        typer.echo(found.as_json(records))
        return
    show_explanation(terminal(), found, says_where=records is None)
    if records is not None:
        show_records(terminal(), records)


def _published(project_dir: Path, target: str | None) -> Path:
    from attrition.project.profile import connection_of

    return connection_of(project_dir, target).published_file(project_dir)


def _ending(out: Path) -> str:
    chosen = _ENDINGS.get(out.suffix.lower())
    if chosen is None:
        raise AttritionError(f"--out: {out} ends in none of {', '.join(_ENDINGS)}.")
    return chosen


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"
