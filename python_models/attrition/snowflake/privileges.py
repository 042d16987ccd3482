"""The privileges that the building role needs, read from the grants of `sql/up.sql`, and its own.

Nothing else lists them: what `attrition snowflake up` grants is what `attrition doctor` looks for.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from attrition.errors import AttritionError
from attrition.snowflake.names import AccountNames, folded
from attrition.snowflake.package_source import PYPI
from attrition.snowflake.templates import filled

_GRANT = re.compile(
    r"grant (?P<privilege>[a-z ]+?) on (?P<kind>(?:all|future) (?:tables|views) in schema|[a-z ]+?)"
    r"(?: (?P<name>[\w$.]+))? to role [\w$]+;"
    r"|grant database role (?P<database_role>[\w.]+) to role [\w$]+;"
)


_OF_A_DATABASE = frozenset(
    {"database", "schema_parameters", "build", "procedure", "schedule", "features", "job_service"}
)

# Runs a statement and returns its rows, names of columns in lower case.
Rows = Callable[[str], list[dict[str, Any]]]


@dataclass(frozen=True)
class Privilege:
    """One grant of `sql/up.sql`.

    Attributes:
        section: The section that it stands in, which says what needs it.
        privilege: In lower case, such as `create table`.
        kind: Kind of object, such as `schema`.
        name: The object; empty for the account.
        why: The comment above it.
    """

    section: str
    privilege: str
    kind: str
    name: str
    why: str

    @property
    def object(self) -> str:
        """The object as a grant names it."""
        return f"{self.kind} {self.name}".strip()

    def grant(self, role: str) -> str:
        """Return the statement that grants it."""
        if self.kind == "database role":
            return f"grant {self.object} to role {role};"
        return f"grant {self.privilege} on {self.object} to role {role};"


@dataclass(frozen=True)
class Granted:
    """One privilege that a role has, as `show grants` says, in upper case and without quotes."""

    privilege: str
    kind: str
    name: str


def render(names: AccountNames, section: str, **more: str) -> Iterator[str]:
    """Yield a section of `sql/up.sql` once for each database or raw schema that it is about."""
    values = {**names.values, **more}
    if section in {"raw", "raw_schema"}:
        places = names.raw_schemas if section == "raw" else names.own_raw_schemas
        for database, schema in places:
            yield filled("up.sql", section, {**values, "raw_database": database,
                                             "raw_schema": schema})  # fmt: skip
    elif section in _OF_A_DATABASE:
        for database in names.databases:
            yield filled("up.sql", section, {**values, "database": database})
    else:
        yield filled("up.sql", section, values)


def privileges(names: AccountNames, feature_store: bool = False) -> tuple[Privilege, ...]:
    """Return the privileges that the building role needs, by sections of `sql/up.sql`.

    Args:
        names: What the objects are called.
        feature_store: Whether features are to be registered, which a build can do without.
    """
    wanted = ["account", "build", "schedule", "raw"]
    if names.package_source == PYPI:
        wanted.append("procedure")
    if names.needs_pypi:
        wanted.append("pypi")
    if names.compute_pool:
        wanted += ["jobs", "job_service"]
    if feature_store:
        wanted.append("features")
    found = (
        privilege
        for section in wanted
        for text in render(names, section, made_by="")
        for privilege in _in_text(section, text)
    )
    # one of the account comes once for each database
    return tuple(dict.fromkeys(found))


def _in_text(section: str, text: str) -> Iterator[Privilege]:
    """Yield the grants of objects; a comment counts for what follows it up to an empty line."""
    for block in text.split("\n\n"):
        why = " ".join(
            line.removeprefix("-- ") for line in block.splitlines() if line.startswith("-- ")
        )
        for found in _GRANT.finditer(block):
            if found["database_role"]:
                yield Privilege(section, "usage", "database role", found["database_role"], why)
            else:
                name = found["name"] or ""
                yield Privilege(section, found["privilege"], found["kind"], name, why)


def granted_to(role: str, rows: Rows) -> frozenset[Granted]:
    """Return what a role has by itself, by the roles granted to it, and as everybody.

    `rows` raises AttritionError where a role cannot be looked at; that of an inherited role is
    not an error, and its privileges count as missing.
    """
    found: set[Granted] = set(_granted("role", role, rows))
    waiting = [("role", "PUBLIC"), *_roles_in(found)]
    seen = {("role", folded(role))}
    while waiting:
        kind, name = waiting.pop()
        if (kind, name) in seen:
            continue
        seen.add((kind, name))
        try:
            more = _granted(kind, name, rows)
        except AttritionError:
            continue
        found.update(more)
        waiting += _roles_in(more)
    return frozenset(found)


def _granted(kind: str, name: str, rows: Rows) -> list[Granted]:
    return [
        Granted(
            str(row["privilege"]).upper(),
            str(row["granted_on"]).upper().replace("_", " "),
            folded(str(row["name"])),
        )
        for row in rows(f"show grants to {kind} {name}")
    ]


def _roles_in(granted: Iterable[Granted]) -> list[tuple[str, str]]:
    """Return the roles that are granted, hence inherited; a role that is only owned is not."""
    return [
        (one.kind.lower(), one.name)
        for one in granted
        if one.kind in {"ROLE", "DATABASE ROLE"} and one.privilege == "USAGE"
    ]


def has(granted: Iterable[Granted], wanted: Privilege) -> bool:
    """Say whether a privilege is among those that are granted; an owner has all on its object."""
    kind, name = wanted.kind.upper(), folded(wanted.name)
    names = {name}
    if kind == "DATABASE ROLE":
        # shown with its database or without
        names.add(name.rpartition(".")[2])
    return any(
        one.kind == kind
        and (one.name in names or kind == "ACCOUNT")
        and one.privilege in {wanted.privilege.upper(), "OWNERSHIP", "ALL", "ALL PRIVILEGES"}
        for one in granted
    )


def missing(granted: frozenset[Granted], wanted: Iterable[Privilege]) -> tuple[Privilege, ...]:
    """Return the privileges that are not granted, in their order."""
    return tuple(privilege for privilege in wanted if not has(granted, privilege))
