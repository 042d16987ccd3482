"""The command `attrition`: check, build, look, query, and bring one's own data."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from attrition.command_line.look import explain, export, query, score
from attrition.command_line.messages import FAILED, MISTAKE, one_clear_message, terminal
from attrition.command_line.snowflake import ddl, snowflake_app
from attrition.errors import AttritionError
from attrition.report import PAGE_FILE
from attrition.report.command import report
from attrition.settings.yaml_text import read_yaml

app = typer.Typer(
    help="Churn prediction inside the warehouse.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
settings_app = typer.Typer(help="The settings and what is written from them.", no_args_is_help=True)
app.add_typer(settings_app, name="settings")
app.add_typer(snowflake_app, name="snowflake")

ProjectDir = Annotated[
    Path, typer.Option("--project-dir", help="Folder of dbt_project.yml.", show_default=False)
]
Target = Annotated[
    str | None, typer.Option("--target", "-t", help="Output of the profile; else its default.")
]
Vars = Annotated[
    str, typer.Option("--vars", help="Settings for this run, as YAML: '{retrain: always}'.")
]


def parse_vars(text: str) -> dict[str, Any]:
    """Return the mapping in the text of `--vars`; raise AttritionError when it is none."""
    values = read_yaml(text, "--vars") if text.strip() else {}
    if not isinstance(values, dict):
        raise AttritionError(
            f"--vars must be a mapping such as '{{attrition_horizon: 3}}', not {text!r}."
        )
    return values


@app.command()
@one_clear_message
def check(project_dir: ProjectDir = Path(), variables: Vars = "", target: Target = None) -> None:
    """Check the settings, then your own data with the project's SQL; touch no table of yours."""
    from attrition.project.profile import connection_of
    from attrition.project.scratch import REACH, read_reach, scratch_build
    from attrition.settings.loading import load_settings
    from attrition.warehouse.abilities import abilities_of

    connection = connection_of(project_dir, target)
    overrides, abilities = parse_vars(variables), abilities_of(connection.type)
    load_settings(project_dir, overrides, abilities)
    typer.echo("Settings: in order.")
    if not abilities.is_a_file:
        typer.echo("Raw data: `dbt build` looks at it, before it touches a state.")
        return
    with scratch_build(project_dir, overrides, connection, REACH) as scratch:
        typer.echo(f"Raw data: {read_reach(scratch)}.")


@app.command()
@one_clear_message
def doctor(
    project_dir: ProjectDir = Path(),
    variables: Vars = "",
    target: Target = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out the dataset; look at settings and sales.")
    ] = False,
) -> None:
    """Say what is in order, what is not, and what a build will be able to do."""
    from attrition.doctor.examination import examine
    from attrition.doctor.finding import has_problems

    found = examine(terminal(), project_dir, parse_vars(variables), target=target, is_quick=quick)
    if has_problems(found):
        raise typer.Exit(FAILED)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
@one_clear_message
def build(
    context: typer.Context,
    project_dir: ProjectDir = Path(),
    variables: Vars = "",
    verbose: Annotated[bool, typer.Option("--verbose", help="Show all that dbt prints.")] = False,
) -> None:
    """Check the settings, run `dbt build` without unit tests, and show the summary.

    More arguments go to dbt.
    """
    from attrition.project.dbt_process import NO_UNIT_TESTS, ensure_profiles, run_dbt
    from attrition.project.profile import connection_of, target_in
    from attrition.publish import ensure_free
    from attrition.settings.loading import load_settings
    from attrition.warehouse.abilities import abilities_of

    if ensure_profiles(project_dir):
        typer.echo("profiles.yml: copied from profiles.yml.example.")
    connection = connection_of(project_dir, target_in(context.args))
    connection.require_adapter()
    abilities = abilities_of(connection.type)
    load_settings(project_dir, parse_vars(variables), abilities)
    if abilities.is_a_file:
        ensure_free(connection.build_file(project_dir))
    sys.stdout.flush()
    arguments = ["build", *NO_UNIT_TESTS, *context.args]
    if variables.strip():
        arguments += ["--vars", variables]
    code = run_dbt(project_dir, arguments, verbose)
    if code != 0:
        typer.echo("dbt build failed; what is published is the last build that did not.", err=True)
        raise typer.Exit(code if code > MISTAKE else FAILED)
    if abilities.is_a_file:
        _summary(project_dir, connection.published_file(project_dir), variables)


@app.command()
@one_clear_message
def summary(project_dir: ProjectDir = Path(), variables: Vars = "", target: Target = None) -> None:
    """Show scores, champion, rejected records and the customers most at risk."""
    from attrition.project.profile import connection_of

    _summary(project_dir, connection_of(project_dir, target).published_file(project_dir), variables)


def _summary(project_dir: Path, published: Path, text: str) -> None:
    from attrition.command_line.next_steps import next_steps
    from attrition.command_line.summary import read_summary
    from attrition.command_line.summary_view import show_summary
    from attrition.settings.loading import load_settings

    content = read_summary(published)
    # as it was called: the environment need not be active
    called = Path(sys.argv[0])
    is_path = called.name == "attrition" and len(called.parts) > 1
    name = os.path.relpath(called) if is_path else "attrition"
    try:
        settings = load_settings(project_dir, parse_vars(text))
    except AttritionError:
        settings = None
    hints = list(next_steps(content, settings, name))
    console = terminal()
    show_summary(console, content, str(published), _pages(project_dir), hints)


def _pages(project_dir: Path) -> dict[str, str]:
    """Return where the pages about a build are, or how to make them."""
    pages = {"report": project_dir / PAGE_FILE, "docs": project_dir / "target/static_index.html"}
    return {
        name: str(path) if path.is_file() else f"not made yet: make {name}"
        for name, path in pages.items()
    }


@app.command()
@one_clear_message
def init(
    raw: Annotated[Path, typer.Option("--raw", help="Your file of sales.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for a copy of it.")] = Path("raw"),
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting that wins over the proposal."),
    ] = None,
    horizon: Annotated[
        str | None,
        typer.Option(
            "--horizon",
            metavar="LENGTH",
            help="Silence that makes an attrition: '28 days', '8 weeks', '6 months'.",
        ),
    ] = None,
    day_first: Annotated[
        bool | None,
        typer.Option("--day-first/--month-first", help="How to read dates such as 03/01/2024."),
    ] = None,
    guests: Annotated[
        list[str] | None,
        typer.Option("--guest", metavar="ID", help="An id that stands for guests, such as 0."),
    ] = None,
    undone: Annotated[
        list[str] | None,
        typer.Option(
            "--undone", metavar="COLUMN=VALUE,...", help="Which rows are returns, by their status."
        ),
    ] = None,
    project_dir: ProjectDir = Path(),
) -> None:
    """Look at a file of sales, propose how to read it and settings, and write them after asking."""
    from attrition.own_data.init_command import parse_undone, run_init
    from attrition.own_data.reading import Told

    run_init(
        terminal(),
        raw,
        out=out,
        yes=yes,
        changes=changes or [],
        project_dir=project_dir,
        horizon=horizon,
        told=Told(day_first=day_first, guests=guests or [], undone=parse_undone(undone or [])),
    )


@app.command()
@one_clear_message
def generate(
    *,
    customers: Annotated[int, typer.Option(min=1, help="How many customers.")] = 2000,
    months: Annotated[int, typer.Option(min=1, help="How many months of history.")] = 48,
    seed: Annotated[int, typer.Option(help="The same seed gives the same rows.")] = 42,
    out: Annotated[Path, typer.Option(help="Folder for the tables.")] = Path("raw"),
    file_format: Annotated[str, typer.Option("--format", help="parquet or csv.")] = "parquet",
    truth: Annotated[
        bool, typer.Option("--truth", help="Write true probabilities of attrition too.")
    ] = False,
    snapshots: Annotated[
        list[str] | None, typer.Option(help="Month (YYYY-MM) of true probabilities; repeatable.")
    ] = None,
    futures: Annotated[int, typer.Option(min=1, help="Simulated futures for each customer.")] = 200,
    drift: Annotated[
        float, typer.Option(min=0, max=1, help="How far behaviour drifts over the months.")
    ] = 0.0,
) -> None:
    """Write six raw tables of invented customers whose truth is known."""
    from attrition.generator import generate as write_tables

    for path in write_tables(
        customers, months, seed, out, file_format=file_format, truth=truth,
        snapshots=snapshots, futures=futures, drift=drift,
    ):  # fmt: skip
        typer.echo(str(path))


@app.command()
@one_clear_message
def publish(project_dir: ProjectDir = Path(), variables: Vars = "", target: Target = None) -> None:
    """Refresh the read-only copy from the last build, without building."""
    from attrition.project.profile import connection_of
    from attrition.publish import publish as copy_tables
    from attrition.settings.loading import load_settings

    connection = connection_of(project_dir, target)
    choice = load_settings(project_dir, parse_vars(variables)).publish.model_dump()
    published = connection.published_file(project_dir)
    tables = copy_tables(connection.build_file(project_dir), published, choice)
    typer.echo(f"{len(tables)} tables published to {published}.")


@app.command()
@one_clear_message
def erase(
    customer_id: Annotated[str, typer.Argument(help="Whom to take out.")],
    project_dir: ProjectDir = Path(),
    variables: Vars = "",
    target: Target = None,
) -> None:
    """Take a customer out of every table that was built, and out of the copy; not of raw data."""
    from attrition.command_line.erase import erase_customer
    from attrition.project.profile import connection_of
    from attrition.settings.loading import load_settings

    connection = connection_of(project_dir, target)
    connection.require_adapter()
    choice = load_settings(project_dir, parse_vars(variables)).publish.model_dump()
    erase_customer(project_dir, connection, customer_id, choice, variables, typer.echo)


@app.command()
@one_clear_message
def docs(project_dir: ProjectDir = Path()) -> None:
    """Write the documentation and lineage of all tables as one HTML file."""
    from attrition.project.dbt_process import ensure_profiles, run_dbt

    ensure_profiles(project_dir)
    code = run_dbt(project_dir, ["docs", "generate", "--static"])
    if code != 0:
        raise typer.Exit(FAILED)
    typer.echo(f"Open {project_dir / 'target' / 'static_index.html'} in a browser.")


@settings_app.command("write")
@one_clear_message
def settings_write(project_dir: ProjectDir = Path()) -> None:
    """Write docs/settings.md, the macros made from it, and the library's name for Snowflake."""
    from attrition.settings.docs import write_files
    from attrition.snowflake.library import pin

    written = write_files(project_dir)
    if pinned := pin(project_dir):
        written.append(pinned)
    for path in written:
        typer.echo(f"{path}: written.")
    if not written:
        typer.echo("All files are current.")


for looks in (query, explain, score, export, report, ddl):
    app.command()(looks)

if __name__ == "__main__":
    app()
