"""The queries of the report are Snowflake's SQL too."""

import importlib.resources

import pytest
from attrition.report.source import query_text
from dialect import refused

QUERIES = sorted(
    path.name.removesuffix(".sql")
    for path in importlib.resources.files("attrition.report").joinpath("sql").iterdir()
)


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_of_the_report_is_snowflakes(name):
    assert refused(query_text(name)) == []
