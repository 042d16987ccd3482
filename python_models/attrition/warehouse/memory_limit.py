"""How much memory DuckDB may hold, as a profile says it."""

import re

import duckdb

from attrition.errors import AttritionError

_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def read_memory_limit(written: str) -> int:
    """Return a limit in bytes, read by DuckDB itself; its default where nothing is written.

    Raises:
        AttritionError: DuckDB does not read it.
    """
    config = {"memory_limit": written} if written else {}
    try:
        with duckdb.connect(config=config) as asked:
            [(text,)] = asked.sql("select current_setting('memory_limit')").fetchall()
    except duckdb.Error as error:
        raise AttritionError(
            f"memory_limit of the profile is {written!r}, which DuckDB does not read. Set "
            "ATTRITION_MEMORY_LIMIT to a size such as 4GB, or to a share such as 50%."
        ) from error
    number, unit = re.fullmatch(r"([\d.]+) (\w+)", text).groups()
    return int(float(number) * _UNITS[unit])
