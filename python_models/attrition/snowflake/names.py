"""Names of what the project uses in an account, from the variables that the profile reads."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attrition.errors import AttritionError
from attrition.snowflake.package_source import PYPI, REPOSITORIES, VARIABLE

# What profiles.yml.example says where a variable is not set; a test compares the two.
DEFAULTS = {
    "SNOWFLAKE_ROLE": "attrition",
    "SNOWFLAKE_WAREHOUSE": "attrition",
    "SNOWFLAKE_TRAINING_WAREHOUSE": "attrition_training",
    "SNOWFLAKE_SCHEMA": "attrition",
    "SNOWFLAKE_RAW_SCHEMA": "raw",
}
DATABASES = ("attrition", "attrition_dev")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_LONGEST = 255


@dataclass(frozen=True)
class AccountNames:
    """What the objects of an account are called; each name is an identifier without quotes.

    Attributes:
        role: The role that builds.
        warehouse: Where SQL runs.
        training_warehouse: Where the Python models run.
        databases: Databases with tables of ours, one per output of the profile.
        schema: Schema of the tables, in each database.
        raw_database: Database of the raw tables; None for the one with our tables.
        raw_schema: Schema of the raw tables.
        user: Who builds; None where it is not known.
        compute_pool: Where training jobs run; None where there are none.
        package_source: Where Python packages come from, `pypi` or `conda`.
    """

    role: str
    warehouse: str
    training_warehouse: str
    databases: tuple[str, ...]
    schema: str
    raw_database: str | None
    raw_schema: str
    user: str | None = None
    compute_pool: str | None = None
    package_source: str = PYPI

    @property
    def monitor(self) -> str:
        """Name of the resource monitor, which can carry no comment that says who made it."""
        return f"{self.role}_credits"

    @property
    def needs_pypi(self) -> bool:
        """Whether packages come from PyPI: those of procedures, or those of training jobs."""
        return self.package_source == PYPI or self.compute_pool is not None

    @property
    def values(self) -> dict[str, str]:
        """What the SQL files call the names that do not depend on a database."""
        return {
            "role": self.role,
            "warehouse": self.warehouse,
            "training_warehouse": self.training_warehouse,
            "monitor": self.monitor,
            "user": self.user or "",
            "compute_pool": self.compute_pool or "",
            "schema": self.schema,
            "package_repository": REPOSITORIES[self.package_source],
        }

    @property
    def own_raw_schemas(self) -> tuple[tuple[str, str], ...]:
        """Database and schema of raw tables that lie beside our tables, hence are ours to make."""
        if self.raw_database is None:
            return tuple((database, self.raw_schema) for database in self.databases)
        is_ours = folded(self.raw_database) in {folded(name) for name in self.databases}
        return ((self.raw_database, self.raw_schema),) if is_ours else ()

    @property
    def raw_schemas(self) -> tuple[tuple[str, str], ...]:
        """Database and schema of all raw tables."""
        if self.raw_database is None:
            return self.own_raw_schemas
        return ((self.raw_database, self.raw_schema),)


def names_from_environment(environment: Mapping[str, str] | None = None) -> AccountNames:
    """Return the names that `attrition snowflake up` makes; without SNOWFLAKE_DATABASE both.

    Raises:
        AttritionError: A variable is no identifier.
    """
    given = os.environ if environment is None else environment

    def name(variable: str) -> str:
        return identifier(given.get(variable) or DEFAULTS[variable], variable)

    def optional(variable: str) -> str | None:
        return identifier(given[variable], variable) if given.get(variable) else None

    database = optional("SNOWFLAKE_DATABASE")
    return AccountNames(
        role=name("SNOWFLAKE_ROLE"),
        warehouse=name("SNOWFLAKE_WAREHOUSE"),
        training_warehouse=name("SNOWFLAKE_TRAINING_WAREHOUSE"),
        databases=(database,) if database else DATABASES,
        schema=name("SNOWFLAKE_SCHEMA"),
        raw_database=optional("SNOWFLAKE_RAW_DATABASE"),
        raw_schema=name("SNOWFLAKE_RAW_SCHEMA"),
        user=optional("SNOWFLAKE_USER"),
        compute_pool=optional("SNOWFLAKE_COMPUTE_POOL"),
        package_source=package_source(given),
    )


def package_source(environment: Mapping[str, str]) -> str:
    """Return where Python packages come from.

    Raises:
        AttritionError: The variable names no source.
    """
    source = environment.get(VARIABLE) or PYPI
    if source not in REPOSITORIES:
        raise AttritionError(
            f"{VARIABLE} is {source!r}, and must be {' or '.join(REPOSITORIES)}: export "
            f"{VARIABLE}={PYPI}"
        )
    return source


def names_of_output(
    output: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
    compute_pool: str | None = None,
) -> AccountNames:
    """Return the names that a rendered output of the profile uses.

    What is not in a profile (training warehouse, raw tables, package source) comes from the
    environment, the compute pool from the settings.

    Raises:
        AttritionError: A name is missing or is no identifier.
    """
    given = os.environ if environment is None else environment
    in_profile = {
        f"SNOWFLAKE_{key.upper()}": named(output, key)
        for key in ("role", "warehouse", "database", "schema")
    }
    beside = {
        variable: given[variable]
        for variable in (
            "SNOWFLAKE_TRAINING_WAREHOUSE",
            "SNOWFLAKE_RAW_DATABASE",
            "SNOWFLAKE_RAW_SCHEMA",
            VARIABLE,
        )
        if given.get(variable)
    }
    pool = {"SNOWFLAKE_COMPUTE_POOL": compute_pool} if compute_pool else {}
    return names_from_environment(in_profile | beside | pool)


def named(output: Mapping[str, Any], key: str) -> str:
    """Return a name of an output, or raise AttritionError where it is missing or no identifier."""
    value = output.get(key)
    if value is None or value == "":
        raise AttritionError(
            f"The output has no `{key}`; profiles.yml.example shows what belongs in profiles.yml."
        )
    return identifier(str(value), f"`{key}` of the output")


def identifier(text: str, what: str) -> str:
    """Return a name that needs no quotes in SQL, or raise AttritionError."""
    if len(text) <= _LONGEST and _IDENTIFIER.fullmatch(text):
        return text
    raise AttritionError(
        f"{what} is {text!r}, and must be letters, digits, _ and $, beginning with a letter or _; "
        "set it to such a name."
    )


def folded(name: str) -> str:
    """Return a name as Snowflake keeps it where no quotes were used."""
    return name.replace('"', "").upper()
