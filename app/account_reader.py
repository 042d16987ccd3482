"""A build in a Snowflake account, asked query by query over one connection."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
from attrition.errors import AttritionError
from attrition.report.source import NotInThisBuildError, Row, Source, account_run

from app.champion_copy import ChampionCopy
from app.what_if import CUSTOMER, Value, WhatIf

Stamp = tuple[Any, ...]
KEPT = 500
"""Most answers that are kept."""
KEPT_SECONDS = 600
"""Answers that are older are asked for again: a build in an account is not there all at once."""
STAMP_SECONDS = 60
"""How long a stamp counts as now, for all visitors together."""
STAMP = """
select
    (select max(run_id) from training_plan) as planned_by,
    (select max(run_id) from attrition_scores) as scored_by
"""
# the connection is closed, the session is gone, its token has expired
_ENDED = frozenset({250002, 390111, 390114, 390195})
_PARAMETER = re.compile(r"\$(\w+)")


class AccountReader:
    """Asks an account; one for all visitors. The methods are those of `app.reader.Reader`.

    A connection of Snowflake's connector may be shared by threads; the lock is for what is kept.
    """

    def __init__(
        self, connect: Callable[[], Any], where: str, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Make a reader.

        Args:
            connect: Opens a connection whose session stands in the schema of the build.
            where: That schema, for messages.
            now: Seconds, for ages.
        """
        self.where = where
        self._connect, self._now = connect, now
        self._lock = threading.RLock()
        self._scoring = threading.Lock()
        self._connection: Any = None
        self._stamp: Stamp | None = None
        self._stamped_at = self._kept_since = now()
        self._answers: dict[Any, Any] = {}

    def stamp(self) -> Stamp:
        """Return which runs planned and scored last, asked at most each `STAMP_SECONDS`."""
        with self._lock:
            age = self._now() - self._stamped_at
            if self._stamp is None or age >= STAMP_SECONDS:
                found = tuple(self._asked_stamp().values())
                self._stamped_at = self._now()
                if found != self._stamp:
                    self._forget()
                self._stamp = found
            return self._stamp

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Return what a query finds; numbers with decimals as floats."""
        return self._kept((sql, repr(values)), lambda: self._asked(sql, values))

    def source(self, version: str | None = None) -> Source:
        """Return where parts of the report read."""
        return self._kept(("source", version), lambda: Source(self.rows, self.where, version))

    def table(self, sql: str, values: Mapping[str, Any] | None = None) -> pa.Table:
        """Return what a query finds as Arrow."""
        return pa.Table.from_pylist(self._asked(sql, values))

    def what_if(self, customer_id: str, changes: Mapping[str, Value]) -> WhatIf:
        """Return what the champion says, by its rows that are copied once into memory."""
        rows = self.rows(CUSTOMER, {"customer_id": customer_id})
        champion = self._kept("champion", lambda: ChampionCopy(self._asked))
        with self._scoring:
            return champion.what_if(rows, customer_id, changes)

    def _asked_stamp(self) -> Row:
        try:
            return self._asked(STAMP)[0]
        except NotInThisBuildError as error:
            raise AttritionError(
                f"{self.where} has no training_plan or no attrition_scores that the role may see: "
                "build there with `attrition build --target`, or name another output with --target."
            ) from error

    def _kept(self, key: Any, ask: Callable[[], Any]) -> Any:
        self.stamp()
        with self._lock:
            if self._now() - self._kept_since >= KEPT_SECONDS or len(self._answers) >= KEPT:
                self._forget()
            answers = self._answers
        if key not in answers:
            answers[key] = ask()
        return answers[key]

    def _forget(self) -> None:
        # whoever is asking now puts the answer into the old ones
        self._answers, self._kept_since = {}, self._now()

    def _asked(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        text = with_values(sql, values or {})
        try:
            rows = account_run(self._open())(text)
        except AttritionError as error:
            if getattr(error.__cause__, "errno", None) not in _ENDED:
                raise
            rows = account_run(self._open(anew=True))(text)
        return [
            {name: float(one) if isinstance(one, Decimal) else one for name, one in row.items()}
            for row in rows
        ]

    def _open(self, anew: bool = False) -> Any:
        with self._lock:
            if self._connection is None or anew:
                self._connection = self._connect()
            return self._connection


def with_values(sql: str, values: Mapping[str, Any]) -> str:
    """Return a query with each `$name` as a literal, which Snowflake's connector escapes.

    The connector's own parameters have another style in Streamlit in Snowflake than elsewhere.
    """
    from snowflake.connector.converter import SnowflakeConverter

    converter = SnowflakeConverter()

    def literal(found: re.Match[str]) -> str:
        value = converter.to_snowflake(values[found[1]])
        return str(converter.quote(converter.escape(value)))

    return _PARAMETER.sub(literal, sql) if values else sql
