"""What Snowflake's documentation says: grants that a build needs, statements it understands."""

import logging
import re

import sqlglot
from sqlglot import exp

# By hand, from Snowflake's documentation of each command that a build runs.
GRANTS = {
    ("usage", "warehouse", "ATTRITION"),
    ("usage", "warehouse", "ATTRITION_TRAINING"),
    ("usage", "database", "SHOP"),
    ("usage", "schema", "SHOP.ATTRITION"),
    ("create table", "schema", "SHOP.ATTRITION"),
    ("create view", "schema", "SHOP.ATTRITION"),
    ("create stage", "schema", "SHOP.ATTRITION"),
    ("create file format", "schema", "SHOP.ATTRITION"),
    ("create model", "schema", "SHOP.ATTRITION"),
    ("create procedure", "schema", "SHOP.ATTRITION"),
    ("create task", "schema", "SHOP.ATTRITION"),
    ("create service", "schema", "SHOP.ATTRITION"),
    ("read", "stage", "SHOP.ATTRITION.ATTRITION_LIBRARY"),
    ("write", "stage", "SHOP.ATTRITION.ATTRITION_LIBRARY"),
    ("execute task", "account", ""),
    ("usage", "compute pool", "POOL"),
    ("usage", "database role", "SNOWFLAKE.PYPI_REPOSITORY_USER"),
    ("usage", "schema", "SHOP.RAW"),
    ("select", "all tables in schema", "SHOP.RAW"),
    ("select", "future tables in schema", "SHOP.RAW"),
    ("select", "all views in schema", "SHOP.RAW"),
    ("select", "future views in schema", "SHOP.RAW"),
}
# What sqlglot does not know of Snowflake, after its documentation.
UNKNOWN_TO_SQLGLOT = re.compile(
    r"create (role|user) if not exists \w+( \w+ = ('[^']*'|\w+))+"
    r"|grant role \w+ to (role|user) \w+"
    r"|grant database role \w+\.\w+ to role \w+"
    r"|grant select on (all|future) (tables|views) in schema \w+\.\w+ to role \w+"
    r"|create resource monitor if not exists \w+ with credit_quota = \d+ frequency = monthly "
    r"start_timestamp = immediately triggers( on \d+ percent do (notify|suspend))+"
    r"|create compute pool if not exists \w+( \w+ = ('[^']*'|\w+))+"
    r"|grant [a-z ]+ on compute pool \w+ to role \w+"
    r"|grant ownership on table \w+\.\w+\.\w+ to role \w+ copy current grants"
    r"|alter warehouse \w+ set resource_monitor = \w+"
    r"|alter schema \w+\.\w+ set default_python_artifact_repository = [\w.]+"
    r"|alter schema \w+\.\w+ set log_level = info"
    r"|alter warehouse \w+ set enable_query_acceleration = false"
    r"|grant create procedure on schema \w+\.\w+ to role \w+"
    r"|alter compute pool if exists \w+ stop all"
    r"|drop (resource monitor|compute pool|user) if exists \w+"
)


def parses(statement: str) -> bool:
    """Say whether Snowflake's grammar has a statement, as sqlglot or the list above knows it."""
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    try:
        [tree] = sqlglot.parse(statement, dialect="snowflake")
    except sqlglot.errors.ParseError:
        tree = None
    if tree is not None and not isinstance(tree, exp.Command):
        return True
    return bool(UNKNOWN_TO_SQLGLOT.fullmatch(" ".join(statement.split())))
