"""What the tests of models without a build share."""

from collections.abc import Iterator

import duckdb
import pytest


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse in memory, of one thread."""
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened
