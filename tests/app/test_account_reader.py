"""A build in an account is followed, asked no more than needed, and its texts cannot break out."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from attrition.errors import AttritionError
from attrition.report.source import NotInThisBuildError
from hypothesis import given, settings
from hypothesis import strategies as st
from snowflake.connector.errors import ProgrammingError
from sqlglot import exp, parse_one

from app.account_reader import KEPT_SECONDS, STAMP, STAMP_SECONDS, AccountReader, with_values

COUNT = "select count(*) as count from attrition_scores"


class Account:
    """Answers as a connection would, and remembers what was asked."""

    def __init__(self):
        self.run_id, self.asked, self.opened, self.at = "r1", [], 0, 0.0
        self.fails: list[int] = []
        self.rows = [(3, Decimal("0.25"))]

    def connect(self):
        self.opened += 1
        return SimpleNamespace(cursor=lambda: self)

    def execute(self, sql):
        self.asked.append(sql)
        if self.fails and sql != STAMP:
            raise ProgrammingError("refused", errno=self.fails.pop(0))
        self.description = [("PLANNED_BY",), ("SCORED_BY",)]
        self.found = [(self.run_id, self.run_id)]
        if sql != STAMP:
            self.description, self.found = [("COUNT",), ("SHARE",)], self.rows

    def fetchall(self):
        return self.found

    def close(self):
        pass

    @property
    def queries(self):
        return [sql for sql in self.asked if sql != STAMP]


@pytest.fixture
def account():
    return Account()


@pytest.fixture
def reader(account):
    return AccountReader(account.connect, "db.marts", lambda: account.at)


def test_names_come_in_lower_case_and_decimals_as_floats(reader):
    assert reader.rows(COUNT) == [{"count": 3, "share": 0.25}]
    assert reader.table(COUNT).to_pylist() == [{"count": 3, "share": 0.25}]
    assert reader.source().where == "db.marts"


def test_the_same_question_is_asked_once_until_the_next_build(reader, account):
    reader.rows(COUNT)
    reader.rows(COUNT)
    assert account.queries == [COUNT]
    before = reader.stamp()
    account.run_id = "r2"
    account.at += STAMP_SECONDS
    reader.rows(COUNT)
    assert account.queries == [COUNT, COUNT]
    assert reader.stamp() != before


def test_many_visitors_ask_once_a_minute_whether_there_is_a_build(reader, account):
    for _ in range(100):
        reader.stamp()
    assert account.asked == [STAMP]
    account.at += STAMP_SECONDS
    reader.stamp()
    assert account.asked == [STAMP, STAMP]


def test_what_was_asked_in_the_middle_of_a_build_is_asked_again(reader, account):
    reader.rows(COUNT)
    account.at += KEPT_SECONDS
    reader.rows(COUNT)
    assert account.queries == [COUNT, COUNT]


def test_a_session_that_has_ended_is_opened_anew_once(reader, account):
    account.fails = [390114]
    assert reader.rows(COUNT)
    assert account.opened == 2
    account.fails = [390114, 390114]
    with pytest.raises(AttritionError):
        reader.rows("select 2")
    assert account.opened == 3


def test_a_missing_table_and_any_other_refusal_are_told_apart(reader, account):
    account.fails = [2003]
    with pytest.raises(NotInThisBuildError):
        reader.rows("select * from attrition_forecast")
    account.fails = [606]
    with pytest.raises(AttritionError, match="refused"):
        reader.rows(COUNT)


def test_a_schema_without_a_build_is_named(account, monkeypatch):
    def execute(_sql):
        raise ProgrammingError("refused", errno=2003)

    monkeypatch.setattr(account, "execute", execute)
    with pytest.raises(AttritionError, match=r"db\.marts has no training_plan"):
        AccountReader(account.connect, "db.marts").stamp()


@settings(deadline=None)  # the first example imports the connector
@given(st.text())
def test_a_text_is_one_literal_whatever_is_in_it(text):
    tree = parse_one(with_values("select $text as given, $more as more",
                                 {"text": text, "more": 1}), read="snowflake")  # fmt: skip
    literal, number = (column.this for column in tree.expressions)
    assert isinstance(literal, exp.Literal)
    assert literal.this == text
    assert number.this == "1"


def test_other_values_are_literals_too():
    values = {"none": None, "yes": True, "share": 0.25}
    assert with_values("$none $yes $share", values).lower() == "null true 0.25"
