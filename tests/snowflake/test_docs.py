"""What docs/snowflake.md tells people to run is Snowflake's SQL, and its links within lead on."""

import re
from pathlib import Path

import pytest
import sqlglot

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "snowflake.md").read_text()
BLOCKS = re.findall(r"^ *```sql\n(.*?)^ *```", TEXT, re.S | re.M)


def test_there_is_sql_to_look_at():
    assert len(BLOCKS) > 8


@pytest.mark.parametrize("sql", BLOCKS, ids=[block.split("\n")[0].strip() for block in BLOCKS])
def test_every_block_of_sql_is_snowflakes(sql):
    statements = sqlglot.parse(sql, read="snowflake", error_level=sqlglot.ErrorLevel.RAISE)
    assert statements
    assert None not in statements


def test_links_within_the_page_lead_to_a_heading():
    headings = {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", TEXT, re.M)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= headings
