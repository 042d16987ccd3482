"""All SQL that dbt compiles for Snowflake is Snowflake's: functions, types, names, exact division.

The emulator runs much that only DuckDB understands, so what is sent is read here once more.
"""

import csv
import json

import pytest
from account import DATABASE, SCHEMA
from compiled_project import sample_month
from dbt_project import QUICK, ROOT
from dialect import PYTHON_MODELS, Warehouse, problems_of, refused

pytestmark = pytest.mark.xdist_group("snowflake")

RENAMED = {"customer_id": "client", "sold_on": "day"}
SETTINGS = {
    "default": QUICK,
    "ever": json.dumps({
        "population": "ever",
        "target": "is_attrition_s",
        "attrition_horizon": 3,
        "lookback_windows": [2, 9],
        "start_month": sample_month(8),
        "max_month": sample_month(-2),
        "features": ["order_count", "overdue_ratio", "age_years", "region", "note_score_12m"],
        "rename_cols": {"note_score_12m": "service_notes"},
        "dummy_cols": ["region"],
        "impute": {"age_years": "median", "all": "zero"},
        "threshold": {
            "mode": "cost", "cost_of_contact": 5, "value_of_customer": 60, "success_rate": 0.3,
        },
    }),
    # the company's own records under other names; last, as the test of the hooks goes on from it
    "weekly": json.dumps({
        "raw_data": "source",
        "raw_columns": {"sales": RENAMED},
        "time_grain": "week",
        "attrition_horizon": 13,
        "lookback_windows": [4, 13, 52],
        "min_history_months": 2,
        "split": {"mode": "randomized", "perc_test": 0.25},
        "validation": "grouped",
    }),
}  # fmt: skip
# The two other settings change models alone.
MODELS = ("--select", "resource_type:model", "--indirect-selection", "empty")
SELECTED = {"default": (), "ever": MODELS, "weekly": MODELS}


def seeds(kind="*"):
    """Return the columns of the seeds, by name."""
    for path in sorted(ROOT.glob(f"seeds/{kind}.csv")):
        with path.open(newline="") as file:
            yield path.stem, next(csv.reader(file))


def sources():
    """Return relations like the raw seeds, sales under other names and without an identifier."""
    raw = {name.removeprefix("raw_"): columns for name, columns in seeds("raw_*")}
    raw["sales"] = [RENAMED.get(name, name) for name in raw["sales"] if name != "sale_id"]
    return {
        f"{DATABASE}.raw.{name}": dict.fromkeys(columns, "varchar") for name, columns in raw.items()
    }


@pytest.fixture(scope="module")
def raw_account(account):
    for relation, columns in sources().items():
        account.create(relation, columns)
    # accepted, and long enough for the hooks that look before anything is built
    days = ("2022-01-03", "2024-07-01")
    values = ", ".join(f"('one', '{day}', '1', 'consumable')" for day in days)
    columns = "client, day, quantity, product_type"
    account.query(f"insert into {DATABASE}.raw.sales ({columns}) values {values}")
    return account


@pytest.mark.parametrize("settings", SETTINGS)
def test_every_compiled_statement_is_snowflakes(raw_account, settings):
    manifest = raw_account.compiled(SETTINGS[settings], *SELECTED[settings])
    count, problems = problems_of(manifest, sources(), ROOT)
    assert not problems, "\n".join(problems)
    # models in each, and by default data tests and analyses, too
    assert count > (120 if settings == "default" else 55)


def test_hooks_and_the_statements_around_a_model_are_snowflakes(raw_account):
    sent = raw_account.sent(
        "run", "--select", "+int_population__buckets", "--vars", SETTINGS["weekly"]
    )
    # what looks into the raw records, how far the sales reach, and the view itself
    for part in ("as readable", "as first_snapshot", "limit 0", "create or replace"):
        assert any(part in sql for sql in sent), part
    assert not problems_in(sent)


@pytest.mark.slow
def test_statements_around_all_models_and_unit_tests_are_snowflakes(raw_account):
    for seed, names in seeds():
        kinds = {name: "boolean" if name.startswith("is_") else "varchar" for name in names}
        raw_account.create(f"{DATABASE}.{SCHEMA}.{seed}", kinds)
    for name, columns in PYTHON_MODELS.items():
        raw_account.create(f"{DATABASE}.{SCHEMA}.{name}", columns)
    kinds = ("--resource-type", "model", "--resource-type", "unit_test")
    # some unit tests may find other digits in the emulator; here it is their SQL that counts
    asked = ("build", "--empty", *kinds, "--exclude", "ml_*", "--vars", SETTINGS["default"])
    sent = raw_account.sent(*asked)
    assert sum('"actual_or_expected"' in sql for sql in sent) > 50
    assert not problems_in(sent)


def problems_in(statements):
    return [f"{one}: {sql[:200]}" for sql in statements for one in refused(sql)]


PLANTED = {
    "select list_transform(names) from customers": "line 1: list_transform() is no function",
    "select\n    strptime(day, '%Y')\nfrom sales": "line 2: strptime() is no function",
    "select epoch(day) from sales": "line 1: epoch() is no function",
    "select * from read_csv('sales.csv')": "line 1: read_csv() is no function",
    "select json_extract_string(a, '$.b') from sales": "json_extract_string() is no function",
    "select struct_pack(a) from sales": "struct_pack() is no function",
    "select a from unnest(names)": "unnest() is no function",
    'select\n    sales."sold_on"\nfrom sales': 'line 2: "sold_on" is not the name in upper case',
    'select 1 as "Share"': '"Share" is not the name in upper case',
    "select\n    cast(a as hugeint)\nfrom sales": "line 2: hugeint is no type",
    "select cast(a as ubigint) from sales": "cannot be parsed",
    "select try_cast(a as blob) from sales": "blob is no type",
    "select a::hugeint from sales": "hugeint is no type",
    "create table x (a varchar, b blob)": "blob is no type",
    "from sales select a": "a query begins with FROM",
    "select a from (from sales)": "a query begins with FROM",
    "select [1, 2] as a": "no list literal",
    "select transform(a, b -> b + 1) from sales": "no lambda",
    "select count(*) filter (where a > 1) from sales": "no FILTER clause",
    "select distinct on (a) b from sales": "no DISTINCT ON",
    "select a ** 2 from sales": "cannot be parsed",
    "select a ^ 2 from sales": "no operator ^",
    "select sum(a) over w from sales window w as (order by b)": "cannot be parsed",
    "select a as rows from sales": "rows is reserved",
    "select a from (select 1 as a": "cannot be parsed",
    "select a, exists (select 1 from b where b.a = sales.a) as is_b from sales": (
        "a correlated subquery that is no conjunct of WHERE"
    ),
    "select a from sales where exists (select 1 from b where b.a > sales.a)": (
        "a correlated subquery that is not linked by equality: b.a > sales.a"
    ),
}


@pytest.mark.parametrize("sql", PLANTED)
def test_what_only_duckdb_understands_is_refused(sql):
    assert PLANTED[sql] in "\n".join(refused(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "select * exclude (a) rename (b as c) from sales",
        "select * replace (a + 1 as a) from sales",
        "select a, count(*) from sales group by all qualify row_number() over (order by a) = 1",
        "select a from sales inner join others using (a) where a is distinct from 1",
        "select b.value from sales, lateral flatten(input => parse_json(a)) as b",
        "select a from sales where not exists (select 1 from b where b.a = sales.a and b.c > 0)",
        "with a as (select 1 as b) select sum(b) over (order by b rows 2 preceding) from a",
        "insert into marts.sales (a, b) select a, dateadd(day, 1, b) from others",
        "create or replace table marts.sales (a varchar(10), b number(38, 0)) as (select 1, 2)",
    ],
)
def test_what_snowflake_understands_is_not_refused(sql):
    assert refused(sql) == []


@pytest.fixture
def warehouse():
    known = Warehouse()
    columns = {
        "n": "bigint",
        "d": "date",
        "x": "double",
        "amount": "decimal(18, 4)",
        "is_a": "boolean",
    }
    known.add("db.marts.sales", columns)
    assert not known.refused(
        "select n as whole, cast(n as double) as part from db.marts.sales", "db.marts.shares"
    )
    return known


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        ("select datediff(day, d, d) / 365.25 as a from db.marts.sales", "cut to six digits"),
        ("select amount / n as a from db.marts.sales", "DECIMAL(18, 4), BIGINT"),
        ("select whole / 7 as a from db.marts.shares", "cut to six digits"),
        ("select try_cast(n as decimal(18, 4)) as a from db.marts.sales", "takes only text"),
        ("select cast(is_a as double) as a from db.marts.sales", "a boolean cannot become"),
        ('select s."n" as a from db.marts.sales as s', "not found under the name"),
        ("select nobody as a from db.marts.sales", "not found under the name"),
    ],
)
def test_what_snowflake_would_not_find_or_not_compute_exactly_is_refused(warehouse, sql, refusal):
    [found] = warehouse.refused(sql)
    assert refusal in found


@pytest.mark.parametrize(
    "division",
    [
        "cast(whole as double) / 7", "whole / part", "part / 7", "ln(whole) / ln(10)",
        "whole / 10.0", "floor(whole / 7)", "whole / nullif(cast(whole as double), 0)",
        "(whole * part) / whole", "case when whole > 0 then part end / whole",
    ],
)  # fmt: skip
def test_a_division_of_doubles_or_by_ten_is_not_refused(warehouse, division):
    assert warehouse.refused(f"select {division} as a from db.marts.shares") == []


def test_only_functions_of_snowflake_are_on_the_list():
    from dialect import FUNCTIONS

    only_duckdbs = (
        "LIST_TRANSFORM STRUCT_PACK UNNEST EPOCH STRPTIME TRY_STRPTIME READ_CSV READ_PARQUET "
        "JSON_EXTRACT_STRING REGEXP_MATCHES LIST_AGG STRING_AGG QUANTILE_CONT ARG_MAX STRFTIME "
        "GENERATE_SERIES LIST_VALUE MD5_NUMBER ISODOW LIST_SUM STRUCT_EXTRACT"
    )
    assert not FUNCTIONS & set(only_duckdbs.split())
