"""A small Snowflake account: objects, roles, grants, stages, packages, and what a role may see.

It knows the statements of setting up and of looking, and refuses all others, so that a test fails
where the library says something new. Names are kept in upper case, as Snowflake does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from packaging.requirements import Requirement
from snowflake.connector.errors import ProgrammingError

KINDS = (
    "resource monitor", "compute pool", "warehouse", "database", "schema", "stage", "role",
    "user", "table",
)  # fmt: skip
_KIND = "|".join(KINDS)
FORMATS = {
    "BINARY_INPUT_FORMAT": "HEX",
    "BINARY_OUTPUT_FORMAT": "HEX",
    "DATE_INPUT_FORMAT": "AUTO",
    "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
    "GEOGRAPHY_OUTPUT_FORMAT": "GeoJSON",
    "TIME_OUTPUT_FORMAT": "HH24:MI:SS",
    "TIMESTAMP_INPUT_FORMAT": "AUTO",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT": "",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3",
    "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
}
NOT_THERE = 2003
NOT_ALLOWED = 3001
UNSUPPORTED = 2
PYPI = "snowflake.snowpark.pypi_shared_repository"
CONDA = "snowflake.snowpark.anaconda_shared_repository"


def refused(text: str, number: int = NOT_THERE) -> ProgrammingError:
    return ProgrammingError(msg=f"SQL compilation error:\n{text}", errno=number)


@dataclass
class FakeAccount:
    objects: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    grants: list[tuple[str, str, str, str]] = field(default_factory=list)
    members: list[tuple[str, str, str]] = field(default_factory=list)
    files: dict[str, list[str]] = field(default_factory=dict)
    packages: list[tuple[str, str, str]] = field(default_factory=list)
    on_pypi: list[tuple[str, str]] = field(default_factory=list)
    # of the account, as those have it that were made since June 2026; None as before
    repository: str | None = PYPI
    edition: str = "enterprise"
    formats: dict[str, str] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)
    # the beginning of statements that are refused
    refuses: str | None = None
    undroppable: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        for role in ("ACCOUNTADMIN", "SYSADMIN", "PUBLIC"):
            self.objects["role", role] = {"comment": ""}
        self.objects["database role", "SNOWFLAKE.PYPI_REPOSITORY_USER"] = {"comment": ""}

    def repository_of(self, schema: str) -> str | None:
        """Return where procedures of a schema take packages from; None for nothing said."""
        said = self.objects.get(("schema", schema.upper()), {}).get("sql", "")
        found = re.findall(r"default_python_artifact_repository = (\S+)", said)
        return found[-1] if found else self.repository

    def connect(self, role: str) -> "FakeConnection":
        return FakeConnection(self, role.upper())

    def add(self, kind: str, name: str, comment: str = "") -> None:
        self.objects[kind, name.upper()] = {"comment": comment, "sql": ""}

    def names(self, kind: str) -> set[str]:
        return {name for one, name in self.objects if one == kind}

    def require(self, kind: str, name: str) -> None:
        if kind != "account" and (kind, name.upper()) not in self.objects:
            raise refused(f"{kind.title()} '{name.upper()}' does not exist or not authorized.")

    def roles_of(self, role: str) -> set[str]:
        found, waiting = {"PUBLIC"}, [role]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += [
                    inner for kind, inner, to in self.members if (kind, to) == ("role", one)
                ]
        return found

    def may(self, role: str, privilege: str, kind: str, name: str) -> bool:
        if role == "ACCOUNTADMIN":
            return True
        return any(
            (privilege, kind, name.upper(), one) in self.grants
            or ("ownership", kind, name.upper(), one) in self.grants
            for one in self.roles_of(role)
        )

    def may_enter(self, role: str, schema: str) -> bool:
        database = schema.partition(".")[0]
        return self.may(role, "usage", "database", database) and self.may(
            role, "usage", "schema", schema
        )


@dataclass
class FakeConnection:
    account: FakeAccount
    role: str
    is_open: bool = True

    def cursor(self) -> "FakeCursor":
        assert self.is_open
        return FakeCursor(self.account, self.role)

    def close(self) -> None:
        self.is_open = False


class FakeCursor:
    def __init__(self, account: FakeAccount, role: str) -> None:
        self.account, self.role = account, role
        self.description, self.rows = [], []

    def close(self) -> None:
        pass

    def fetchall(self) -> list[tuple]:
        return self.rows

    def execute(self, sql: str) -> None:
        self.account.statements.append(sql)
        text = " ".join(sql.split())
        if self.account.refuses and text.startswith(self.account.refuses):
            raise refused("Insufficient privileges.", NOT_ALLOWED)
        for pattern, method in STATEMENTS:
            if found := re.fullmatch(pattern, text, re.IGNORECASE):
                result = list(method(self, **found.groupdict()))
                columns, self.rows = result[0] if result else (("status",), [("done",)])
                self.description = [(name,) for name in columns]
                return
        raise refused(f"syntax error: {text}", 1003)

    def create(self, kind, name, rest) -> Iterator:
        kind, name = kind.lower(), name.upper()
        for parent in ({2: "database", 3: "schema"}.get(len(name.split("."))),):
            if parent:
                self.account.require(parent, name.rpartition(".")[0])
        comment = re.search(r"comment = '([^']*)'", rest or "")
        made = {"comment": comment[1] if comment else "", "sql": rest or ""}
        self.account.objects.setdefault((kind, name), made)
        yield from ()

    def drop(self, kind, name) -> Iterator:
        kind, name = kind.lower(), name.upper()
        if (kind, name) in self.account.undroppable:
            return
        if kind == "compute pool" and "stop all" not in self.account.objects[kind, name]["sql"]:
            raise refused(f"Compute pool {name} is not stopped.", NOT_ALLOWED)
        gone = {(kind, name)}
        if kind in {"database", "schema"}:
            gone |= {key for key in self.account.objects if key[1].startswith(f"{name}.")
                     and key[0] in {"schema", "stage", "table"}}  # fmt: skip
        for key in gone:
            self.account.objects.pop(key, None)
        self.account.grants = [
            one for one in self.account.grants
            if (one[1], one[2]) not in gone and not (kind == "role" and one[3] == name)
        ]  # fmt: skip
        yield from ()

    def grant(self, privilege, kind, name, role) -> Iterator:
        if privilege == "create tag" and self.account.edition == "standard":
            raise refused("Unsupported feature 'TAG'.", UNSUPPORTED)
        self.account.require("role", role)
        self.account.require(kind.lower(), name or "")
        one = (privilege.lower(), kind.lower(), (name or "").upper(), role.upper())
        if one not in self.account.grants:
            self.account.grants.append(one)
        yield from ()

    def grant_on_all(self, privilege, when, what, schema, role) -> Iterator:
        self.account.require("schema", schema)
        for kind, name in list(self.account.objects):
            if when == "all" and kind == what[:-1] and name.startswith(f"{schema.upper()}."):
                self.account.grants.append((privilege, kind, name, role.upper()))
        one = (privilege, f"{when} {what} in schema", schema.upper(), role.upper())
        if one not in self.account.grants:
            self.account.grants.append(one)
        yield from ()

    def grant_role(self, role, kind, to) -> Iterator:
        self.account.require("role", role)
        self.account.require(kind.lower(), to)
        self.account.members.append((kind.lower(), role.upper(), to.upper()))
        yield from ()

    def grant_database_role(self, name, role) -> Iterator:
        yield from self.grant("usage", "database role", name, role)

    def alter(self, kind, name, rest) -> Iterator:
        if "query_acceleration" in rest and self.account.edition == "standard":
            raise refused(
                "invalid property 'ENABLE_QUERY_ACCELERATION'; feature 'Query Acceleration "
                "Service' not enabled.",
                1423,
            )
        self.account.require(kind.lower(), name)
        self.account.objects[kind.lower(), name.upper()]["sql"] += f" {rest}"
        yield from ()

    def show(self, kind, pattern, place) -> Iterator:
        kind, account = kind.lower(), self.account
        if place:
            account.require(*{1: ("database", place), 2: ("schema", place)}[place.count(".") + 1])
            if not account.may(self.role, "usage", "database", place.partition(".")[0]):
                raise refused(f"Database '{place}' does not exist or not authorized.")
        like = re.compile(re.escape(pattern).replace("_", "."), re.IGNORECASE)
        prefix = f"{place.upper()}." if place else ""
        yield (
            ("created_on", "name", "state", "comment", "max_nodes"),
            [
                (
                    "2026-01-01",
                    name.removeprefix(prefix),
                    "SUSPENDED",
                    values["comment"],
                    [None, *re.findall(r"max_nodes = (\d+)", values["sql"])][-1],
                )
                for (one, name), values in account.objects.items()
                if one == kind
                and name.startswith(prefix)
                and like.fullmatch(name.removeprefix(prefix))
                and (kind != "compute pool" or account.may(self.role, "usage", kind, name))
            ],
        )

    def show_grants(self, kind, role) -> Iterator:
        if kind == "role":
            self.account.require("role", role)
        privileges = [
            (privilege.upper(), kind.upper().replace(" ", "_"), name or "MY_ACCOUNT", to)
            for privilege, kind, name, to in self.account.grants
            if to == role.upper() and "in schema" not in kind
        ]
        roles = [
            ("USAGE", "ROLE", inner, to)
            for kind, inner, to in self.account.members
            if kind == "role" and to == role.upper()
        ]
        yield ("privilege", "granted_on", "name", "grantee_name"), privileges + roles

    def show_formats(self) -> Iterator:
        yield (
            ("key", "value", "default"),
            [
                (name, self.account.formats.get(name, usual), usual)
                for name, usual in FORMATS.items()
            ],
        )

    def list_stage(self, stage) -> Iterator:
        schema = stage.rpartition(".")[0]
        seen = self.account.may_enter(self.role, schema)
        if not seen or not self.account.may(self.role, "read", "stage", stage):
            raise refused(f"Stage '{stage.upper()}' does not exist or not authorized.")
        self.account.require("stage", stage)
        name = stage.rpartition(".")[2].lower()
        files = self.account.files.get(stage.upper(), [])
        yield ("name", "size"), [(f"{name}/{file}", 1) for file in files]

    def tables(self, database, schema) -> Iterator:
        if not self.account.may(self.role, "usage", "database", database):
            raise refused(f"Database '{database.upper()}' does not exist or not authorized.")
        place = f"{database.upper()}.{schema}"
        yield (
            ("TABLE_NAME",),
            [
                (name.rpartition(".")[2],)
                for kind, name in self.account.objects
                if kind == "table"
                and name.rpartition(".")[0] == place
                and self.account.may_enter(self.role, place)
                and self.account.may(self.role, "select", "table", name)
            ],
        )

    def default_repository(self, kind, name) -> Iterator:
        places = [one for (what, one) in self.account.objects if what == kind]
        [place] = [one for one in places if one.rpartition(".")[2] == name]
        yield ("REPOSITORY",), [(self.account.repository_of(place),)]

    def use_warehouse(self, name) -> Iterator:
        if not self.account.may(self.role, "usage", "warehouse", name):
            raise refused(f"Warehouse '{name.upper()}' does not exist or not authorized.")
        yield from ()

    def create_procedure(self, name, header) -> Iterator:
        schema = name.rpartition(".")[0].upper()
        if not self.account.may(self.role, "create procedure", "schema", schema):
            text = f"Insufficient privileges to operate on schema '{schema}'."
            raise refused(text, NOT_ALLOWED)
        self._resolve(self.account.repository_of(schema) or CONDA, header)
        self.account.add("procedure", name)
        yield from ()

    def call(self, name) -> Iterator:
        self.account.require("procedure", name)
        yield ("CALLED",), [("3.2.0",)]

    def drop_procedure(self, name) -> Iterator:
        self.account.objects.pop(("procedure", name.upper()), None)
        yield from ()

    def call_anonymous(self, header) -> Iterator:
        schema = re.search(r"@(\S+)\.\w+/", header)[1]
        repository = self.account.repository_of(schema) or CONDA
        if repository == PYPI:
            raise refused("Artifact repository is not supported in anonymous procedures.", 2)
        self._resolve(repository, header)
        yield ("CALLED",), [("3.2.0",)]

    def _resolve(self, repository, header) -> None:
        """Refuse packages that the repository has not, and an import that is not on the stage."""
        python = re.search(r"runtime_version = '([\d.]+)'", header)[1]
        there = {
            PYPI: self.account.on_pypi,
            CONDA: [one[:2] for one in self.account.packages if one[2] == python],
        }[repository]
        listed = re.search(r"packages = \(([^)]*)\)", header)[1]
        for text in re.findall(r"'([^']+)'", listed):
            wanted = Requirement(text)
            if not any(wanted.name == name and version in wanted.specifier
                       for name, version in there):  # fmt: skip
                raise refused(
                    "Cannot create a Python function with the specified packages. Please check "
                    f"your packages specification and try again. '{text}' is not available.",
                    391546,
                )
        stage, file = re.search(r"imports = \('@([\w$.]+)/([^']+)'\)", header).groups()
        if file not in self.account.files.get(stage.upper(), []):
            raise refused(f"Cannot find remote file: @{stage}/{file}.", 2003)

    def list_packages(self, database, names, runtime=None) -> Iterator:
        wanted = set(re.findall(r"'([^']+)'", names))
        yield (
            ("PACKAGE_NAME", "VERSION"),
            [
                (name, version)
                for name, version, python in self.account.packages
                if name in wanted and runtime in {None, python}
            ],
        )


STATEMENTS = (
    (rf"create (?P<kind>{_KIND}) if not exists (?P<name>[\w$.]+)(?: (?P<rest>.*))?",
     FakeCursor.create),
    (rf"drop (?P<kind>{_KIND}) if exists (?P<name>[\w$.]+)", FakeCursor.drop),
    (r"grant database role (?P<name>[\w.]+) to role (?P<role>[\w$]+)",
     FakeCursor.grant_database_role),
    (r"grant role (?P<role>[\w$]+) to (?P<kind>role|user) (?P<to>[\w$]+)", FakeCursor.grant_role),
    (r"grant (?P<privilege>select) on (?P<when>all|future) (?P<what>tables|views) in schema "
     r"(?P<schema>[\w$.]+) to role (?P<role>[\w$]+)", FakeCursor.grant_on_all),
    (rf"grant (?P<privilege>[a-z ]+?) on (?P<kind>account|{_KIND})(?: (?P<name>[\w$.]+))? "
     r"to role (?P<role>[\w$]+)", FakeCursor.grant),
    (rf"alter (?P<kind>{_KIND}) (?:if exists )?(?P<name>[\w$.]+) (?P<rest>.*)", FakeCursor.alter),
    (rf"show (?P<kind>{_KIND})s like '(?P<pattern>[^']+)'"
     r"(?: in (?:database|schema) (?P<place>[\w$.]+))?", FakeCursor.show),
    (r"show grants to (?P<kind>role|database role) (?P<role>[\w$.]+)", FakeCursor.show_grants),
    (r"show parameters like '%PUT_FORMAT' in session", FakeCursor.show_formats),
    (r"select system\$get_default_python_artifact_repository\('3\.11', "
     r"'(?P<kind>schema|database)', '\"(?P<name>[\w$]+)\"'\) as repository",
     FakeCursor.default_repository),
    (r"use warehouse (?P<name>[\w$]+)", FakeCursor.use_warehouse),
    (r"create or replace procedure (?P<name>[\w$.]+) \(\) (?P<header>returns string .*) as "
     r"\$\$.*\$\$", FakeCursor.create_procedure),
    (r"call (?P<name>[\w$.]+)\(\)", FakeCursor.call),
    (r"drop procedure if exists (?P<name>[\w$.]+)\(\)", FakeCursor.drop_procedure),
    (r"with (?P<name>\w+) as procedure \(\) (?P<header>returns string .*) as "
     r"\$\$.*\$\$ call (?P=name)\(\)",
     lambda self, header, name: self.call_anonymous(header)),
    (r"list @(?P<stage>[\w$.]+)", FakeCursor.list_stage),
    (r"select table_name from (?P<database>[\w$]+)\.information_schema\.tables "
     r"where table_schema = '(?P<schema>[\w$]+)'", FakeCursor.tables),
    (r"select package_name, version from (?P<database>[\w$]+)\.information_schema\.packages "
     r"where language = 'python' and package_name in \((?P<names>[^)]*)\)"
     r"(?: and \(runtime_version = '(?P<runtime>[\d.]+)' or runtime_version is null\))?",
     FakeCursor.list_packages),
)  # fmt: skip
