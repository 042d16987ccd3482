"""How much memory a build of these data will hold."""

from __future__ import annotations

import os

from attrition.doctor.finding import Finding
from attrition.project.profile import Connection, rendered
from attrition.warehouse.memory_limit import read_memory_limit

GB = 10**9
BASE_BYTES = 650_000_000
"""Python with dbt, DuckDB and XGBoost, before a row is read."""
BYTES_A_CELL = 16
"""Of training, for each row and feature: `python -m benchmarks.speed.training` measures it."""


def memory_finding(rows: int, features: int, limit: int, installed: int) -> Finding:
    """Say what training will hold and what DuckDB may, and whether the machine has it.

    Args:
        rows: Labelled rows that training reads.
        features: How many are selected; a category counts as one, though it becomes more columns.
        limit: DuckDB's `memory_limit` in bytes.
        installed: Memory of the machine in bytes.
    """
    training = BASE_BYTES + rows * features * BYTES_A_CELL
    text = (
        f"Training will hold about {training / GB:.1f} GB ({rows:,} rows of {features} features), "
        f"and DuckDB up to {limit / GB:.1f} GB, of the {installed / GB:.1f} GB of this machine."
    )
    if training + limit > installed:
        fix = "Lower ATTRITION_MEMORY_LIMIT (DuckDB then writes to disk more), or max_rows."
        return Finding("warning", "Memory", text, fix)
    return Finding("ok", "Memory", text)


def installed_memory() -> int:
    """Return the memory of this machine in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def memory_limit(connection: Connection) -> int:
    """Return what DuckDB may hold under a profile, in bytes; its own default where none is set.

    Raises:
        AttritionError: The limit is written in a way that DuckDB does not read.
    """
    settings = connection.output.get("settings") or {}
    return read_memory_limit(rendered(str(settings.get("memory_limit", ""))))
