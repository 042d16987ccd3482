"""The published copy as it is now: opened read-only, and opened anew when a build replaces it."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from attrition.command_line.summary import connect_published
from attrition.errors import AttritionError
from attrition.report.source import Row, Source, published_rows

from app.what_if import Value, WhatIf, what_if

Stamp = tuple[int, int]
KEPT = 500
"""Most answers that are kept until the next build."""


class CopyReader:
    """Asks the published copy; one for all visitors. The methods are those of `app.reader.Reader`.

    A build replaces the file by a rename. DuckDB gives every connection of a process the file that
    the first one opened, so the old one is closed before the new one is opened; a lock keeps
    queries out meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._stamp: Stamp | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._answers: dict[Any, Any] = {}

    def stamp(self) -> Stamp:
        """Return what tells one build's file from the next one's.

        Raises:
            AttritionError: There is no file.
        """
        try:
            found = self.path.stat()
        except OSError as error:
            raise AttritionError(
                f"There is no published file {self.path}; build it with `make build`."
            ) from error
        return found.st_ino, found.st_mtime_ns

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Return what a query finds, from memory where it was asked since the last build.

        Raises:
            NotInThisBuildError: This build lacks a table or a column of the query.
            AttritionError: The copy is missing or cannot be read.
        """
        key = sql, repr(values)
        return self._kept(key, lambda connection: published_rows(connection, sql, values))

    def source(self, version: str | None = None) -> Source:
        """Return where parts of the report read, about a version or the champion."""
        return self._kept(("source", version), lambda _: Source(self.rows, str(self.path), version))

    def table(self, sql: str, values: Mapping[str, Any] | None = None) -> pa.Table:
        """Return what a query finds as Arrow, for files to download."""
        with self._lock:
            return self._open().execute(sql, values).to_arrow_table()

    def what_if(self, customer_id: str, changes: Mapping[str, Value]) -> WhatIf:
        """Return what the champion says, by `score_customers` of the copy."""
        with self._lock:
            return what_if(self._open(), customer_id, changes)

    def _kept(self, key: Any, ask: Any) -> Any:
        with self._lock:
            connection = self._open()
            if key not in self._answers:
                if len(self._answers) >= KEPT:
                    self._answers.clear()
                self._answers[key] = ask(connection)
            return self._answers[key]

    def _open(self) -> duckdb.DuckDBPyConnection:
        stamp = self.stamp()
        if self._connection is None or stamp != self._stamp:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            self._answers.clear()
            self._connection = connect_published(self.path)
            self._stamp = stamp
        return self._connection
