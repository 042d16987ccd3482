"""The commands of `attrition snowflake`: the account, and what lies in it beside the tables."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from attrition.command_line.messages import one_clear_message

snowflake_app = typer.Typer(
    help="Set up a Snowflake account, and put there what dbt does not.", no_args_is_help=True
)

_ProjectDir = Annotated[
    Path, typer.Option("--project-dir", help="Folder of dbt_project.yml.", show_default=False)
]
_Target = Annotated[
    str, typer.Option("--target", "-t", help="Output of the profile, one of Snowflake's.")
]
_Print = Annotated[bool, typer.Option("--print", help="Print the SQL instead of running it.")]


@snowflake_app.command()
@one_clear_message
def up(
    only_print: _Print = False,
    public_key: Annotated[
        Path | None,
        typer.Option(help="Public key (PEM); SNOWFLAKE_USER is made as a service user with it."),
    ] = None,
    credit_quota: Annotated[
        int | None, typer.Option(min=1, help="Credits a month at which the warehouses stop.")
    ] = None,
    feature_store: Annotated[
        bool,
        typer.Option(
            "--feature-store", help="Grant what `snowflake features` needs (Enterprise Edition)."
        ),
    ] = False,
) -> None:
    """Make role, warehouses, databases, schemas and stage, and grant what a build needs."""
    from attrition.snowflake import account
    from attrition.snowflake.connection import open_connection, rows_of
    from attrition.snowflake.names import names_from_environment

    names = names_from_environment()
    key = account.public_key(public_key) if public_key else None
    sql = account.up_sql(names, key, credit_quota)
    more = account.enterprise_sql(names, feature_store)
    if only_print:
        typer.echo(f"{sql}\n{more}", nl=False)
        return
    with closing(open_connection(account.admin_output(), account.ADMIN)) as connection:
        rows = rows_of(connection)
        _say(account.up(rows, sql))
        _say(account.up_where_allowed(rows, more))
    typer.echo("Next: attrition snowflake upload, then attrition doctor --target prod")


@snowflake_app.command()
@one_clear_message
def down(
    yes: Annotated[bool, typer.Option("--yes", help="Drop it: tables and history too.")] = False,
    only_print: _Print = False,
) -> None:
    """Drop all that `up` made, with the tables in it, and check that nothing remains."""
    from attrition.snowflake import account
    from attrition.snowflake.connection import open_connection, rows_of
    from attrition.snowflake.names import names_from_environment

    names = names_from_environment()
    if only_print:
        typer.echo(account.down_sql(names), nl=False)
        return
    if not yes:
        account.refuse_down(names)
    with closing(open_connection(account.admin_output(), account.ADMIN)) as connection:
        _say(account.down(rows_of(connection), names))


@one_clear_message
def ddl(
    project_dir: _ProjectDir = Path(),
    target: _Target = "prod",
    reader_role: Annotated[
        str | None, typer.Option(help="Role that may read the public tables.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="dbt's manifest of this target, instead of parsing.")
    ] = None,
) -> None:
    """Print the public tables and the grants on them, for administrators who make objects."""
    from attrition.command_line.snowflake_project import tables_and_grants

    typer.echo(tables_and_grants(project_dir, target, reader_role, manifest), nl=False)


@snowflake_app.command()
@one_clear_message
def upload(project_dir: _ProjectDir = Path(), target: _Target = "prod") -> None:
    """Put the library that the Python models import on its stage."""
    from attrition.command_line.snowflake_project import upload_library

    _say(upload_library(project_dir, target))


@snowflake_app.command()
@one_clear_message
def features(project_dir: _ProjectDir = Path(), target: _Target = "prod") -> None:
    """Register the features with their descriptions in Snowflake's Feature Store."""
    from attrition.command_line.snowflake_project import register_features

    _say(register_features(project_dir, target))


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)
