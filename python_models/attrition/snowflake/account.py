"""Set up an account for the project, and remove all of it again."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attrition.errors import AttritionError
from attrition.snowflake.connection import MissingObjectError
from attrition.snowflake.names import AccountNames, folded, identifier
from attrition.snowflake.package_source import PYPI
from attrition.snowflake.privileges import Rows, render
from attrition.snowflake.templates import filled, sections, statements

# The comment of what `up` makes: `down` drops what carries it, and nothing that was there before.
MADE_BY = "Made by attrition snowflake up."
ADMIN = "SNOWFLAKE_ADMIN"
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


@dataclass(frozen=True)
class AccountObject:
    """Something that `up` makes.

    Attributes:
        kind: As in `drop <kind>`.
        name: With its database and schema.
    """

    kind: str
    name: str

    @property
    def show(self) -> str:
        """The statement that lists it; the underscores of its name match any character there."""
        *place, name = self.name.split(".")
        scope = {1: f" in database {place[0]}", 2: f" in schema {'.'.join(place)}"} if place else {}
        return f"show {self.kind}s like '{name}'{scope.get(len(place), '')}"

    @property
    def drop(self) -> str:
        """The statement that removes it."""
        return f"drop {self.kind} if exists {self.name}"

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def admin_output(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return, like an output of a profile, how an administrator logs in.

    Raises:
        AttritionError: A variable is not set.
    """
    given = os.environ if environment is None else environment
    key = f"DBT_ENV_SECRET_{ADMIN}_PRIVATE_KEY"
    for variable in ("SNOWFLAKE_ACCOUNT", f"{ADMIN}_USER", key):
        if not given.get(variable):
            raise AttritionError(
                f"{variable} is not set, and an administrator's login needs it: export "
                f"{variable}=..., or use --print and run the SQL in Snowsight."
            )
    role = identifier(given.get(f"{ADMIN}_ROLE") or "accountadmin", f"{ADMIN}_ROLE")
    return {
        "account": given["SNOWFLAKE_ACCOUNT"],
        "user": given[f"{ADMIN}_USER"],
        "role": role,
        "private_key": given[key],
        "private_key_passphrase": given.get(f"{key}_PASSPHRASE", ""),
    }


def public_key(path: Path) -> str:
    """Return the text of a public key in PEM as `create user` takes it, on one line.

    Raises:
        AttritionError: The file cannot be read, or is no public key.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise AttritionError(f"The public key {path} cannot be read: {error}.") from error
    text = "".join(line.strip() for line in lines if not line.startswith("-----"))
    if lines[0].strip() != "-----BEGIN PUBLIC KEY-----" or not _BASE64.fullmatch(text):
        raise AttritionError(
            f"{path} is no public key in PEM (-----BEGIN PUBLIC KEY-----); make one from the "
            f"private key: openssl rsa -in rsa_key.p8 -pubout -out {path.name}"
        )
    return text


def up_sql(names: AccountNames, key: str | None = None, credit_quota: int | None = None) -> str:
    """Return the SQL that sets an account of any edition up, with its comments.

    Args:
        names: What the objects are called.
        key: Public key of the user; with it the user is made, without it must be there.
        credit_quota: Credits a month for both warehouses; None for no limit.

    Raises:
        AttritionError: A key without the name of its user.
    """
    if key and not names.user:
        raise AttritionError(
            "There is a public key and no user: export SNOWFLAKE_USER=... names whom to make."
        )
    wanted = {
        "account": True,
        "credit_quota": credit_quota is not None,
        "database": True,
        "schema_parameters": True,
        "build": True,
        "procedure": names.package_source == PYPI,
        "pypi": names.needs_pypi,
        "schedule": True,
        "jobs": names.compute_pool is not None,
        "job_service": names.compute_pool is not None,
        "raw_schema": True,
        "raw": True,
        "service_user": key is not None,
        "user": names.user is not None,
    }
    more = {"made_by": MADE_BY, "public_key": key or "", "credit_quota": str(credit_quota)}
    parts = [sections("up.sql")["head"]]
    for section, is_wanted in wanted.items():
        if is_wanted:
            parts += render(names, section, **more)
    return "\n\n".join(parts) + "\n"


def enterprise_sql(names: AccountNames, feature_store: bool = False) -> str:
    """Return the SQL of what only Enterprise Edition has, which a build can do without.

    Args:
        names: What the objects are called.
        feature_store: Whether features are to be registered, for which tags are needed.
    """
    wanted = ["acceleration", *(["features"] if feature_store else [])]
    return "\n\n".join(part for one in wanted for part in render(names, one)) + "\n"


def up(rows: Rows, sql: str) -> Iterator[str]:
    """Run the SQL of `up_sql`; yield the first line of each statement once it has run.

    Raises:
        AttritionError: Snowflake refused a statement; those before it have run and may run again.
    """
    for statement in statements(sql):
        rows(statement)
        yield statement.splitlines()[0]


def up_where_allowed(rows: Rows, sql: str) -> Iterator[str]:
    """Run the SQL of `enterprise_sql`; yield a line per statement, also for one that is refused."""
    for statement in statements(sql):
        try:
            yield from up(rows, statement)
        except AttritionError as error:
            yield (
                f"Left out, and a build can do without: {error} Enterprise Edition has it, "
                "Standard Edition may not."
            )


def down_sql(names: AccountNames) -> str:
    """Return the SQL that removes all that `up_sql` makes, with its comments."""
    values = names.values
    parts = [sections("down.sql")["head"]]
    for database, schema in names.own_raw_schemas:
        raw = {"raw_database": database, "raw_schema": schema}
        parts.append(filled("down.sql", "raw_schema", {**values, **raw}))
    for database in names.databases:
        parts.append(filled("down.sql", "database", {**values, "database": database}))
    if names.compute_pool:
        parts.append(filled("down.sql", "jobs", values))
    parts.append(filled("down.sql", "account", values))
    if names.user:
        parts.append(filled("down.sql", "user", values))
    parts.append(filled("down.sql", "role", values))
    return "\n\n".join(parts) + "\n"


def objects(names: AccountNames) -> tuple[AccountObject, ...]:
    """Return what `down_sql` drops, in its order."""
    found = (
        re.fullmatch(r"drop (?P<kind>[a-z ]+) if exists (?P<name>[\w$.]+)", statement)
        for statement in statements(down_sql(names))
    )
    return tuple(AccountObject(one["kind"], one["name"]) for one in found if one)


def refuse_down(names: AccountNames) -> None:
    """Say what `down` would drop.

    Raises:
        AttritionError: Always: it is called where nobody has agreed yet.
    """
    listed = "".join(f"\n  - {one}" for one in objects(names))
    raise AttritionError(
        "Nothing was dropped. With --yes this drops what `attrition snowflake up` made of these, "
        "and with a database or schema all that lies in it: raw tables, scores with their history, "
        f"and model versions.{listed}"
    )


def down(rows: Rows, names: AccountNames) -> Iterator[str]:
    """Drop what `up` made, then look whether anything of it remains.

    Yields:
        A line per object dropped, not dropped or left alone; a last one that says what was looked
        for. A refusal stops nothing that comes after it.

    Raises:
        AttritionError: Something remains.
    """
    wanted = objects(names)
    schemas = {("schema", f"{database}.{names.schema}") for database in names.databases}
    for one in wanted:
        row = _found(rows, one)
        if row is None:
            continue
        if not _is_ours(one, row):
            yield f"Left alone: {one}, which `attrition snowflake up` did not make."
            if (one.kind, one.name) in schemas:
                yield (
                    f"It keeps what `up` has set; take that back with: alter {one} unset "
                    "default_python_artifact_repository, log_level;"
                )
            continue
        try:
            if one.kind == "compute pool":
                rows(f"alter compute pool if exists {one.name} stop all")
            rows(one.drop)
        except AttritionError as error:
            yield f"Not dropped: {one}. {error}"
        else:
            yield f"Dropped: {one}"
    remaining = [one for one in wanted if (row := _found(rows, one)) and _is_ours(one, row)]
    if remaining:
        fixes = " ".join(f"{one.drop};" for one in remaining)
        raise AttritionError(
            f"Still there after `down`: {', '.join(map(str, remaining))}. Run as a role that owns "
            f"them: {fixes}"
        )
    looked_for = ", ".join(map(str, wanted))
    yield f"Nothing that `attrition snowflake up` made remains; looked for {looked_for}."


def _found(rows: Rows, one: AccountObject) -> dict[str, Any] | None:
    """Return the row of an object in `show`, None where it is not there."""
    try:
        shown = rows(one.show)
    except MissingObjectError:
        # the database or schema that it lies in is gone
        return None
    name = folded(one.name.split(".")[-1])
    return next((row for row in shown if folded(str(row["name"])) == name), None)


def _is_ours(one: AccountObject, row: Mapping[str, Any]) -> bool:
    """Say whether `up` made an object: by its comment, a resource monitor by its name alone."""
    return one.kind == "resource monitor" or row.get("comment") == MADE_BY
