"""Whether a Snowflake account has what a build needs, before the first build."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attrition.doctor.finding import Finding
from attrition.doctor.packages import PYTHON, package_findings, wanted_packages
from attrition.doctor.procedure import procedure_findings
from attrition.errors import AttritionError
from attrition.project.profile import Connection
from attrition.settings.loading import read_project
from attrition.settings.model import Settings
from attrition.settings.raw_names import package_folder
from attrition.snowflake.connection import (
    MissingObjectError,
    missing_variables,
    open_connection,
    rendered_output,
    rows_of,
)
from attrition.snowflake.library import LIBRARY_STAGE, pinned_name
from attrition.snowflake.names import AccountNames, folded, names_of_output
from attrition.snowflake.privileges import (
    Granted,
    Privilege,
    Rows,
    granted_to,
    missing,
    privileges,
)

_SUBJECTS = (
    "Privileges", "Formats", "Library", "Raw tables", "Packages", "Compute pool", "Procedure",
)  # fmt: skip
_NOT_LOOKED_AT = "Not looked at: there is no connection."
_UP = "`attrition snowflake up` makes all that an account needs, docs/snowflake.md says how."
# Sections of up.sql that a build can do without, and what it is that needs them.
_OPTIONAL = {"schedule": "only a schedule inside Snowflake needs it"}
_ISO = "YYYY-MM-DD"


@dataclass(frozen=True)
class Account:
    """An open account and what is wanted of it.

    Attributes:
        rows: Runs a statement.
        names: What the objects are called.
        granted: What the building role may do.
        settings: The project's settings.
        project_dir: Folder of `dbt_project.yml`.
        target: Name of the output.
        user: Who is logged in.
    """

    rows: Rows
    names: AccountNames
    granted: frozenset[Granted]
    settings: Settings | None
    project_dir: Path
    target: str
    user: str


def snowflake_findings(
    connection: Connection,
    project_dir: Path,
    settings: Settings | None,
    connect: Callable[[Mapping[str, Any]], Any] = open_connection,
    *,
    is_quick: bool = False,
) -> list[Finding]:
    """Look at login, rights, formats, library, raw tables, packages and pool, then try a procedure.

    Nothing is changed, but for one procedure that is made, where it needs a name, and dropped.

    Args:
        connection: An output of the profile of type snowflake, not rendered.
        project_dir: Folder of `dbt_project.yml`.
        settings: The project's settings, None where they are wrong.
        connect: Opens a rendered output.
        is_quick: Leave the procedure out, for which the training warehouse has to start.
    """
    not_looked_at = [Finding("ok", subject, _NOT_LOOKED_AT) for subject in _SUBJECTS]
    variables = missing_variables(connection.output)
    if variables:
        return [*map(_variable_missing, variables), *not_looked_at]
    try:
        output = rendered_output(connection.output)
        pool = settings.compute_pool if settings and settings.engine != "local" else None
        names = names_of_output(output, compute_pool=pool)
        opened = connect(output)
    except AttritionError as error:
        fix = "docs/snowflake.md says how to log in; `dbt debug` tries the same."
        return [Finding("problem", "Connection", str(error), fix), *not_looked_at]
    with closing(opened):
        rows = rows_of(opened)
        try:
            granted = granted_to(names.role, rows)
        except AttritionError as error:
            fix = f"grant role {names.role} to user {output['user']};"
            return [Finding("problem", "Connection", str(error), fix), *not_looked_at]
        user = output["user"]
        account = Account(rows, names, granted, settings, project_dir, connection.target, user)
        text = f"{user} is logged in to {output['account']} with role {names.role}."
        found = _account_findings(account)
        found += _procedure_findings(account, found, is_quick=is_quick)
        return [Finding("ok", "Connection", text), *found]


def _variable_missing(name: str) -> Finding:
    text = f"{name} is not set, and profiles.yml needs it."
    return Finding("problem", "Connection", text, f"export {name}=...")


def _account_findings(account: Account) -> list[Finding]:
    """Return what every check finds; one that Snowflake refuses is a problem of its own."""
    checks: dict[str, Callable[[Account], Iterator[Finding]]] = {
        "Privileges": privilege_findings,
        "Formats": format_findings,
        "Library": library_findings,
        "Raw tables": raw_findings,
        "Packages": _package_findings,
        "Compute pool": pool_findings,
    }
    findings: list[Finding] = []
    for subject, check in checks.items():
        try:
            findings += check(account)
        except AttritionError as error:
            findings.append(Finding("problem", subject, str(error), _UP))
    return findings


def privilege_findings(account: Account) -> Iterator[Finding]:
    """Yield one finding for each privilege that the role has not, with the grant that gives it."""
    names = account.names
    wanted = [one for one in privileges(names) if one.section != "raw"]
    if _makes_the_schema(account):
        place = f"{names.databases[0]}.{names.schema}"
        text = f"Schema {place} is not there; the first build makes and owns it."
        yield Finding("ok", "Privileges", text)
        wanted = [one for one in wanted if not f"{one.name}.".startswith(f"{place}.")]
    lacking = missing(account.granted, wanted)
    for one in lacking:
        yield _privilege_missing(one, names.role)
    if not lacking:
        text = f"Role {names.role} has the {len(wanted)} privileges that it needs."
        yield Finding("ok", "Privileges", text)
    tags = [one for one in privileges(names, feature_store=True) if one.section == "features"]
    if missing(account.granted, tags):
        text = (
            f"Role {names.role} may make no tags, so `attrition snowflake features` is not "
            "possible; a build does not need it. attrition snowflake up --feature-store grants "
            "it; Standard Edition may have no tags."
        )
        yield Finding("ok", "Feature Store", text)


def _makes_the_schema(account: Account) -> bool:
    """Say whether the schema is missing and the role may make it."""
    names = account.names
    create = Privilege("", "create schema", "database", names.databases[0], "")
    return not missing(account.granted, [create]) and not _has_schema(account)


def _has_schema(account: Account) -> bool:
    """Say whether the schema of the tables is there; one in a hidden database counts as there."""
    names = account.names
    database = names.databases[0]
    try:
        shown = account.rows(f"show schemas like '{names.schema}' in database {database}")
    except MissingObjectError:
        return True
    return any(folded(row["name"]) == folded(names.schema) for row in shown)


def _privilege_missing(one: Privilege, role: str) -> Finding:
    what = f"{one.privilege.upper()} on {one.object}"
    unless = _OPTIONAL.get(one.section)
    text = f"Role {role} has no {what}. {one.why}"
    fix = one.grant(role)
    if one.kind not in {"account", "database role"}:
        fix += f" (if the {one.kind} is not there: attrition snowflake up)"
    if unless:
        return Finding(
            "warning", "Privileges", f"{text} For a build it may be missing: {unless}.", fix
        )
    return Finding("problem", "Privileges", text, fix)


def format_findings(account: Account) -> Iterator[Finding]:
    """Yield each format of dates in which the project's SQL would read or write no ISO date.

    Formats may be set for the account and for the user; what the session has got counts
    (https://docs.snowflake.com/user-guide/date-time-input-output).
    """
    wrong = []
    for row in account.rows("show parameters like '%PUT_FORMAT' in session"):
        name, value = str(row["key"]).lower(), str(row["value"] or "")
        if not name.startswith(("date_", "timestamp_")):
            continue
        if name.endswith("_input_format"):
            is_right, expected = value == "AUTO", "AUTO"
        else:
            # an empty format of a kind of timestamp is that of timestamps
            is_right, expected = not value or value.startswith(_ISO), f"one that begins with {_ISO}"
        if not is_right:
            text = f"{name.upper()} is '{value}', and must be {expected} for whoever builds."
            fix = f"alter user {account.user} set {name} = '{row['default']}';"
            wrong.append(Finding("problem", "Formats", text, fix))
    yield from wrong or [Finding("ok", "Formats", "Dates are read and written as ISO dates.")]


def library_findings(account: Account) -> Iterator[Finding]:
    """Yield whether the zip that dbt_project.yml imports lies on the stage."""
    wanted = _pinned(account)
    stage = f"{account.names.databases[0]}.{account.names.schema}.{LIBRARY_STAGE}"
    fix = f"attrition snowflake upload --target {account.target}"
    try:
        listed = account.rows(f"list @{stage}")
    except MissingObjectError:
        text = f"Stage {stage} is not there, or role {account.names.role} may not read it."
        yield Finding("problem", "Library", text, fix)
        return
    if wanted in {str(row["name"]).rpartition("/")[2] for row in listed}:
        yield Finding("ok", "Library", f"{wanted} is on stage {stage}.")
    else:
        text = f"{wanted}, which dbt_project.yml imports, is not on stage {stage}."
        yield Finding("problem", "Library", text, fix)


def _pinned(account: Account) -> str:
    """Return the zip that the Python models import."""
    folder = package_folder(account.project_dir)
    return pinned_name((folder / "dbt_project.yml").read_text(encoding="utf-8"))


def raw_findings(account: Account) -> Iterator[Finding]:
    """Yield whether the raw table of each domain is there and can be seen."""
    settings, names = account.settings, account.names
    if settings is None:
        yield Finding("ok", "Raw tables", "Not looked at: the settings come first.")
        return
    if settings.raw_data != "source":
        yield Finding("ok", "Raw tables", "The sample in seeds/ is used; no raw table is needed.")
        return
    [(database, schema)] = names.raw_schemas
    try:
        shown = account.rows(
            f"select table_name from {database}.information_schema.tables "
            f"where table_schema = '{folded(schema)}'"
        )
    except MissingObjectError:
        shown = []
    there = {folded(str(row["table_name"])) for row in shown}
    absent = [name for name in settings.feature_domains if folded(name) not in there]
    if not absent:
        text = f"{', '.join(settings.feature_domains)} are in {database}.{schema}."
        yield Finding("ok", "Raw tables", text)
    lacking = missing(
        account.granted,
        [one for one in privileges(names) if one.section == "raw" and one.privilege == "usage"],
    )
    for name in absent:
        yield _raw_table_missing(f"{database}.{schema}.{name}", lacking, names.role)


def _raw_table_missing(table: str, lacking: Sequence[Privilege], role: str) -> Finding:
    text = f"{table} is not there, or role {role} may not see it."
    grants = [one.grant(role) for one in lacking] + [
        f"grant select on table {table} to role {role};"
    ]
    fix = (
        f"If it is there: {' '.join(grants)} If it is not: load it, name its place in "
        "SNOWFLAKE_RAW_DATABASE and SNOWFLAKE_RAW_SCHEMA, or take its domain out of "
        "feature_domains."
    )
    return Finding("problem", "Raw tables", text, fix)


def _package_findings(account: Account) -> Iterator[Finding]:
    project = read_project(package_folder(account.project_dir))
    yield from package_findings(project, account.rows, account.names, _has_schema(account))


def _procedure_findings(
    account: Account, found: Sequence[Finding], *, is_quick: bool
) -> Iterator[Finding]:
    """Yield what comes of one procedure, which is tried once nothing else is in its way."""
    in_the_way = {"Privileges", "Library", "Packages"}
    if any(one.status == "problem" and one.subject in in_the_way for one in found):
        yield Finding("ok", "Procedure", "Not tried: the problems above come first.")
        return
    if is_quick:
        yield Finding("ok", "Procedure", "Not tried: left out by --quick.")
        return
    project = read_project(package_folder(account.project_dir))
    packages, python = wanted_packages(project, account.names.package_source)
    yield from procedure_findings(
        account.rows, account.names, packages, python or PYTHON, _pinned(account)
    )


def pool_findings(account: Account) -> Iterator[Finding]:
    """Yield whether training jobs, where there are any, have a compute pool with enough nodes."""
    pool, settings = account.names.compute_pool, account.settings
    if pool is None or settings is None:
        text = "Training runs in a warehouse; no compute pool is needed."
        yield Finding("ok", "Compute pool", text)
        return
    shown = account.rows(f"show compute pools like '{pool}'")
    row = next((row for row in shown if folded(str(row["name"])) == folded(pool)), None)
    if row is None:
        text = f"Compute pool {pool} is not there, or role {account.names.role} may not use it."
        fix = (
            f"If it is there: grant usage on compute pool {pool} to role {account.names.role}; "
            f"if it is not: SNOWFLAKE_COMPUTE_POOL={pool} attrition snowflake up"
        )
        yield Finding("problem", "Compute pool", text, fix)
    elif int(row["max_nodes"]) < settings.num_workers:
        text = (
            f"{pool} grows to max_nodes {row['max_nodes']}, and num_workers is "
            f"{settings.num_workers}: a job that wants more would wait in vain."
        )
        fix = f"alter compute pool {pool} set max_nodes = {settings.num_workers};"
        yield Finding("problem", "Compute pool", text, fix)
    else:
        yield Finding("ok", "Compute pool", f"{pool} is {str(row['state']).lower()}.")
