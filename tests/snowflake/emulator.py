"""A Snowflake account on DuckDB: fakesnow, with what the dbt-snowflake adapter needs beside it.

Run as `python emulator.py PORT`; it listens on loopback only and holds everything in memory. It is
permissive: it knows nothing of privileges, and much SQL that only DuckDB understands gets through.
That is what the other gates of this folder are for.
"""

import asyncio
import contextlib
import logging
import re
import sys

import duckdb
import fakesnow.cursor
import fakesnow.server
import snowflake.connector.errors
import uvicorn
from procedures import CALLED, CREATED, DROPPED, PROCEDURE, handle
from sqlglot import exp
from starlette.routing import request_response

QUERIES = "/queries/v1/query-request"
KEPT_ANSWERS = 20
# a build's statements come again with the next one; a long one takes a second to translate
LONG = 2_000
PARSED, TRANSLATED = {}, {}
_START = r"^\s*(?:/\*.*?\*/)?\s*"
# What fakesnow does not get right, or not in time, and what this server answers for it: of comments
# it keeps those that say what a table was made from.
COMMENTS = re.compile(
    _START
    + r"(?:comment\s+on\s+(?!table\s+\S+\s+is\s+')"
    + r"|alter\s+\S*\s*(?:table|view)\s+\S+\s+alter\s+\"[^\"]+\"\s+comment\b)",
    re.S | re.I,
)
TABLE_COMMENT = re.compile(_START + r"comment\s+on\s+table\s+\S+\s+is\s+'", re.S | re.I)
WAREHOUSES = re.compile(
    _START + r"(?:select\s+current_warehouse\(\)|use\s+warehouse\s)", re.S | re.I
)
SEEDED_ROWS = re.compile(
    _START + r"insert\s+(?P<anew>overwrite\s+)?into\s+(?P<table>\S+)\s*\([^)]*\)\s*values\b",
    re.S | re.I,
)

Cursor = fakesnow.cursor.FakeSnowflakeCursor
_transform = Cursor._transform
_transform_explode = Cursor._transform_explode
_execute_transformed = Cursor._execute
_execute = Cursor.execute
_parse_one = fakesnow.server.parse_one


def transform(self, expression, params):
    """Translate a statement, and the long ones that come again not once more."""
    # where one is taken apart, that is of its first part
    sql, self.command = self.command, ""
    if params or len(sql) < LONG:
        return translate(self, expression, params)
    if sql not in TRANSLATED:
        TRANSLATED[sql] = translate(self, expression, params)
    return TRANSLATED[sql].copy()


def translate(self, expression, params):
    """Make temporary relations ordinary: DuckDB keeps its own in a catalog of their own."""
    if isinstance(expression, exp.Create) and (properties := expression.args.get("properties")):
        table = expression.find(exp.Table)
        if table is not None and table.db:
            kept = [
                one for one in properties.expressions if not isinstance(one, exp.TemporaryProperty)
            ]
            properties.set("expressions", kept)
    return _transform(self, expression, params)


def transform_explode(self, expression):
    """Leave MERGE to DuckDB, whose own one runs within a transaction of dbt's."""
    if not isinstance(expression, exp.Merge):
        return _transform_explode(self, expression)
    source = expression.args["using"].alias_or_name
    for when in expression.args["whens"].expressions:
        inserted = when.args.get("then")
        if isinstance(inserted, exp.Insert):
            # there, an unqualified column means the source's
            for column in inserted.expression.find_all(exp.Column):
                if not column.table:
                    column.set("table", exp.to_identifier(source))
    return [expression]


def execute_transformed(self, transformed, params=None):
    """Answer every failure as a SQL error: the connector retries any other for minutes."""
    try:
        if isinstance(transformed, exp.Merge):
            sql = transformed.sql(dialect="duckdb")
            count = self._duck_conn.execute(sql, params).fetchall()[0][0]
            number = exp.alias_(exp.Literal.number(count), "number of rows inserted", quoted=True)
            transformed, params = exp.select(number), None
        return _execute_transformed(self, transformed, params)
    except snowflake.connector.errors.Error:
        _rollback(self)
        raise
    except Exception as error:
        _rollback(self)
        raise sql_error(f"{type(error).__name__}: {error}") from error


def _rollback(cursor):
    with contextlib.suppress(duckdb.Error):
        cursor._duck_conn.rollback()


def sql_error(text, number=9999):
    return snowflake.connector.errors.ProgrammingError(msg=text, errno=number, sqlstate="P0000")


def parse_one(sql):
    """Spare the parser what this server handles itself, and what it has parsed."""
    handled = (PROCEDURE, CREATED, CALLED, DROPPED, COMMENTS, WAREHOUSES, SEEDED_ROWS)
    if any(pattern.match(sql) for pattern in handled):
        return _parse_one("select 'OK' as result")
    if len(sql) < LONG:
        return _parse_one(sql)
    if sql not in PARSED:
        PARSED[sql] = _parse_one(sql)
    return PARSED[sql].copy()


def execute(self, command, *arguments, **options):
    """Run the procedure of a dbt Python model, and hand most other statements on."""
    if TABLE_COMMENT.match(command):
        # fakesnow writes the text into a statement of its own as it stands
        command = re.sub(r"(?<!is )''", "''''", command)
    if COMMENTS.match(command):
        return _execute(self, "select 'OK' as result", server=True)
    if WAREHOUSES.match(command):
        return _execute(self, "select 'ATTRITION' as name", server=True)
    if seeded := SEEDED_ROWS.match(command):
        # ten thousand rows of literals, which mean the same to DuckDB
        if seeded["anew"]:
            self._duck_conn.execute(f"delete from {seeded['table']}")
            command = command[: seeded.start("anew")] + command[seeded.end("anew") :]
        self._duck_conn.execute(command)
        return _execute(self, "select 'OK' as result", server=True)
    try:
        told = handle(self, command)
    except Exception as error:
        logging.getLogger("uvicorn").exception("a procedure failed")
        text = f"Python Interpreter Error: {type(error).__name__}: {error}"
        raise sql_error(text, 100357) from error
    if told is None:
        self.command = command
        return _execute(self, command, *arguments, **options)
    return _execute(self, f"select '{told}' as result", server=True)


def answered_once(endpoint):
    """Let a request that is sent again wait for the answer of the first, as Snowflake does.

    The connector sends one again that had no answer for a minute: on a slow machine a second
    training would run beside the first, in the same session.
    """
    answers = {}

    async def answer(request):
        number = request.query_params["requestId"]
        if number not in answers:
            answers[number] = asyncio.ensure_future(endpoint(request))
            if len(answers) > KEPT_ANSWERS:
                del answers[next(iter(answers))]
        return await asyncio.shield(answers[number])

    return answer


def patch():
    [queries] = [route for route in fakesnow.server.routes if route.path == QUERIES]
    queries.app = request_response(answered_once(queries.endpoint))
    Cursor._transform = transform
    Cursor._transform_explode = transform_explode
    Cursor._execute = execute_transformed
    Cursor.execute = execute
    Cursor.command = ""
    fakesnow.server.parse_one = fakesnow.cursor.parse_one = parse_one


if __name__ == "__main__":
    patch()
    uvicorn.run(fakesnow.server.app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
