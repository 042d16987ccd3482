"""Running the procedure that dbt-snowflake sends for a Python model.

Its text is run as it was sent, in a Snowpark local-testing session whose tables are read from the
emulator, with what its IMPORTS name taken from the emulated stage and nothing else of the project.
As Snowflake does, a package that the account has not is refused, and where packages come from PyPI
a procedure without a name.
"""

import contextlib
import itertools
import re
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
from attrition.snowflake.package_source import PYPI
from emulated_packages import RefusedError, package_source, resolve
from fakesnow.transforms import stage
from local_session import ARROW_TYPES, local_session, put_table
from registry_emulator import emulated_registry
from snowflake.snowpark import Session

PROCEDURE = re.compile(
    r"^\s*(?:/\*.*?\*/)?\s*WITH\s+(?P<name>\S+)\s+AS\s+PROCEDURE\s*\(\)(?P<header>.*?)\bAS\s*"
    r"\$\$(?P<body>.*)\$\$\s*CALL\s+(?P=name)\(\)",
    re.S | re.I,
)


# dbt writes its comment before or after a statement
_START, _END = r"^(?:\s|/\*.*?\*/)*", r"(?:\s|;|/\*.*?\*/)*$"
_NAME = r"(?P<name>[\w.]+)\s*\(\)"
CREATED = re.compile(
    rf"{_START}CREATE\s+OR\s+REPLACE\s+PROCEDURE\s+{_NAME}(?P<header>.*?)\bAS\s*"
    rf"\$\$(?P<body>.*)\$\${_END}",
    re.S | re.I,
)
CALLED = re.compile(rf"{_START}CALL\s+{_NAME}{_END}", re.S | re.I)
DROPPED = re.compile(rf"{_START}DROP\s+PROCEDURE\s+IF\s+EXISTS\s+{_NAME}{_END}", re.S | re.I)
PROCEDURES: dict[str, re.Match] = {}


def handle(cursor, command):
    """Make, call or drop a procedure, and return what it said; None where this is about none."""
    if found := PROCEDURE.match(command):
        if package_source() == PYPI:
            raise RefusedError("Artifact repository is not supported in anonymous procedures.")
        resolve(_listed(found["header"], "PACKAGES"))
        return run_procedure(cursor, found)
    if found := CREATED.match(command):
        resolve(_listed(found["header"], "PACKAGES"))
        PROCEDURES[found["name"].upper()] = found
        return "created"
    if found := CALLED.match(command):
        if found["name"].upper() not in PROCEDURES:
            raise RefusedError(f"Unknown user-defined function {found['name'].upper()}.")
        return run_procedure(cursor, PROCEDURES[found["name"].upper()])
    if found := DROPPED.match(command):
        PROCEDURES.pop(found["name"].upper(), None)
        return "dropped"
    return None


def run_procedure(cursor, found):
    """Run a procedure's handler, write what it saved into the emulator, return what it said."""
    imported = [_file_on_stage(cursor, path) for path in _listed(found["header"], "IMPORTS")]
    with _only(imported), emulated_registry(), _session(cursor) as session:
        names = {"__name__": "dbt_procedure"}
        exec(compile(found["body"], found["name"], "exec"), names)
        # a model's procedure has it, any other has not
        saved, materialize = [], names.get("materialize")

        def materialize_and_remember(session, frame, relation):
            materialize(session, frame, relation)
            saved.append(str(relation))

        names["materialize"] = materialize_and_remember
        told = names["main"](session)
        for name in saved:
            _write_to_emulator(session, cursor, name)
        _keep_log(session, cursor)
    return told


def _listed(header, clause):
    found = re.search(rf"\b{clause}\s*=\s*\((.*?)\)", header, re.S | re.I)
    return re.findall(r"'([^']+)'", found[1]) if found else []


def _file_on_stage(cursor, path):
    """Return the file that `@database.schema.stage/name` stands for.

    Raises:
        FileNotFoundError: The stage or the file is not there, in Snowflake's words.
    """
    place, _, name = path.removeprefix("@").partition("/")
    folder = Path(stage.LOCAL_BUCKET_PATH).joinpath(*place.upper().split("."))
    if not (folder / name).is_file():
        raise FileNotFoundError(f"SQL compilation error: Cannot find remote file: {path}")
    return folder / name


@contextlib.contextmanager
def _only(imported):
    """Let the imported files come first, and forget the library of the run before."""
    saved = list(sys.path)
    sys.path[:0] = [str(path) for path in imported]
    _forget_library()
    try:
        yield
    finally:
        sys.path[:] = saved
        _forget_library()


def _forget_library():
    for name in [name for name in sys.modules if name.split(".")[0] == "attrition"]:
        del sys.modules[name]


@contextlib.contextmanager
def _session(cursor):
    """Yield a session whose tables come from the emulator."""
    number = itertools.count()
    with local_session() as session:

        def table(name, *arguments, **options):
            read = cursor._duck_conn.sql(f"select * from {name}").to_arrow_table()
            put_table(session, name, read)
            return Session.table(session, name, *arguments, **options)

        def create_dataframe(data, schema=None, **options):
            if not isinstance(data, pd.DataFrame):
                return Session.create_dataframe(session, data, schema, **options)
            name = f"attrition.uploaded.temporary_{next(number)}"
            put_table(session, name, pa.Table.from_pandas(data, preserve_index=False))
            return Session.table(session, name)

        session.table = table
        session.create_dataframe = create_dataframe
        yield session


def _keep_log(session, cursor):
    """Append what the models of this procedure logged to the table of the emulator."""
    kept = list(session._conn.entity_registry.table_registry)
    for name in [name for name in kept if name.endswith('."ATTRITION_PYTHON_LOG"')]:
        result, connection = _saved(session, name), cursor._duck_conn
        connection.register("procedure_result", result)
        connection.execute(f"create table if not exists {name} as from procedure_result limit 0")
        connection.execute(f"insert into {name} from procedure_result")
        connection.unregister("procedure_result")


def _write_to_emulator(session, cursor, name):
    """Store what a procedure saved, with the names and types that Snowpark gives it."""
    result, connection = _saved(session, name), cursor._duck_conn
    connection.register("procedure_result", result)
    # unquoted names are kept in upper case, and dbt looks for them so
    connection.execute(f"create or replace table {name.upper()} as from procedure_result")
    connection.unregister("procedure_result")


def _saved(session, name):
    frame = Session.table(session, name)
    fields = [
        pa.field(field.name.strip('"'), ARROW_TYPES[type(field.datatype)])
        for field in frame.schema.fields
    ]
    rows = [row.as_dict() for row in frame.collect()]
    return pa.Table.from_pylist(rows, pa.schema(fields))
