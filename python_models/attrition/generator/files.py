"""Write what a simulation left behind as files."""

import logging
from pathlib import Path

import duckdb

from attrition.generator.simulation import TABLES

logger = logging.getLogger(__name__)

FORMATS = {"parquet": "format parquet, compression zstd", "csv": "format csv, header true"}


def write_tables(
    connection: duckdb.DuckDBPyConnection, out: Path, file_format: str, prefix: str = ""
) -> tuple[Path, ...]:
    """Write the six raw tables, one file each, and return their paths."""
    paths = []
    for table in TABLES:
        path = out / f"{prefix}{table}.{file_format}"
        write_file(connection, f"from store.{table}", path, file_format)
        paths.append(path)
    return tuple(paths)


def write_file(
    connection: duckdb.DuckDBPyConnection, query: str, path: Path, file_format: str
) -> None:
    """Write a query's rows in their order; the file appears only once it is complete."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    target = str(unfinished).replace("'", "''")
    connection.execute(f"copy ({query}) to '{target}' ({FORMATS[file_format]})")
    unfinished.replace(path)
    logger.info("wrote %s (%.1f MB)", path.name, path.stat().st_size / 1e6)
