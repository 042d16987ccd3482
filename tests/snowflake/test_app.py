"""The queries of the dashboard are Snowflake's SQL too."""

import importlib
import importlib.util
import pkgutil

import pytest
from dialect import refused

import app
from app.account_reader import with_values
from app.contact_list import Budget, curve_sql, list_sql, totals_sql
from app.pushes import pushes_sql
from app.search import SORTS, Search, count_sql, file_sql, levels_sql, page_sql

COLUMNS = ("customer_id", "attrition_probability", "expected_gain", "reason_1_text")
EVERYTHING = Search(
    "it's", True, (1, 2), 0.1, 0.9, "100% \\ late", "payer_type", ("A", "B"), "Customer"
)
BUDGETS = (Budget(10, None, 1.5, 0.3), Budget(10, 250.0, 1.5, 0.3))


def written():
    """Yield the queries that stand in a module of the app as they are asked, by name."""
    for found in pkgutil.walk_packages(app.__path__, "app."):
        try:
            module = importlib.import_module(found.name)
        except ModuleNotFoundError as error:
            if error.name != "streamlit":
                raise
            continue
        for name, value in vars(module).items():
            if isinstance(value, str) and value.lstrip().startswith(("select", "with ")):
                yield f"{found.name}.{name}", value


def made():
    """Yield the queries that functions of the app make, with their values."""
    for search in (Search(), EVERYTHING, *(Search(sort=sort) for sort in SORTS)):
        yield count_sql(search)
        yield page_sql(search, COLUMNS, 2)
        yield file_sql(search, COLUMNS)
    for budget in BUDGETS:
        yield list_sql(budget, 200)
        yield totals_sql(budget)
        yield curve_sql(budget)
    yield levels_sql("payer_type"), {}
    yield pushes_sql(["C1", "C2"], ["region"])


@pytest.mark.parametrize(("name", "sql"), list(written()), ids=lambda value: value.split("\n")[0])
def test_every_query_that_is_written_down_is_snowflakes(name, sql):
    assert refused(sql) == [], name


def test_every_query_that_is_put_together_is_snowflakes():
    for sql, values in made():
        asked = with_values(sql, values)
        assert refused(asked) == [], asked
        assert "$" not in asked.replace("'", "")


@pytest.mark.skipif(
    importlib.util.find_spec("streamlit") is None,
    reason="streamlit is not installed: make .venv/.app-installed",
)
def test_the_pages_are_among_them():
    assert len({name.rpartition(".")[0] for name, _ in written()}) > 5
