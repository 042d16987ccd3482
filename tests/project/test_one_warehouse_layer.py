"""Nothing outside the warehouse layer asks which warehouse it runs on."""

import re
from pathlib import Path

import pytest
from attrition.warehouse.abilities import ABILITIES

PROJECT = Path(__file__).resolve().parents[2]
LIBRARY = PROJECT / "python_models" / "attrition"
SQL_ASKS = re.compile(
    r"target\.(type|adapter)|target\[|adapter\.type\(|adapter_type|\.__class__|is_snowflake"
)
NAMES = "|".join(ABILITIES)
PYTHON_ASKS = re.compile(
    r"is_snowflake|type\(\w+\)\.__module__|__module__|isinstance\([^)]*(Snowpark|DuckDB)"
    rf"|[!=]= *[\"']({NAMES})[\"']|[\"']({NAMES})[\"'] *(not )?(in|[!=]=) "
)
# What chooses, and what is Snowflake's own and refuses outputs and manifests of others.
LAYER = ("dbt_models.py", "warehouse/", "snowflake/", "command_line/snowflake")


def asking(paths, pattern, root):
    return [
        f"{path.relative_to(root)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize("folder", ["macros", "models", "tests/generic", "tests/singular"])
def test_no_sql_asks(folder):
    found = sorted((PROJECT / folder).rglob("*.sql"))
    files = [path for path in found if path.parent != PROJECT / "macros" / "warehouse"]
    assert files
    assert asking(files, SQL_ASKS, PROJECT) == []


def test_no_python_asks():
    files = [
        path
        for path in sorted(LIBRARY.rglob("*.py"))
        if not str(path.relative_to(LIBRARY)).startswith(LAYER)
    ]
    files += sorted((PROJECT / "python_models").glob("*/ml_*.py"))
    assert len(files) > 50
    assert asking(files, PYTHON_ASKS, PROJECT) == []
