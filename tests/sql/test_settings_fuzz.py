"""Settings that nobody should write, thousands of values long: both checkers answer alike.

A fixed seed draws them from a grammar of sound and odd values. What both accept is rendered into
the SQL that reads settings and run over a small company.
"""

import datetime as dt
import json
import random
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import duckdb
import pytest
import yaml
from attrition.cli import parse_vars
from attrition.errors import AttritionError
from attrition.settings.feature_names import find_definitions
from attrition.settings.loading import SettingsError, check_settings
from attrition.settings.model import settings_schema
from attrition.settings.raw_names import find_raw_columns
from macro_harness import CompilerError, Macros

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = find_definitions(ROOT)
RAW_COLUMNS = find_raw_columns(ROOT)
SCHEMA = settings_schema()
FEATURES = [
    "order_count", "overdue_ratio", "age_years", "payer_type", "consumable_amount_3m",
    "is_startright", "return_score_6m",
]  # fmt: skip

CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)
CIRCLE_OF_KEYS: dict[str, Any] = {}
CIRCLE_OF_KEYS["sales"] = CIRCLE_OF_KEYS
ODD = [
    None, True, False, 0, 1, -1, 2, 3, 7, 520, 521, 10**9, 10**9 + 1, 2**31, 2**63, 10**400,
    16**5000, 0.0, -0.0, 0.5, 1.0, 1e-300, 5e-324, 1e16, 1e308, float("inf"), float("-inf"),
    float("nan"), 0.1 + 0.2, "", " ", "null", "None", "NULL ", "~", "yes", "on", "6", "6.0", "0x10",
    "1e3", "nan", "all", "core", "sensitive", "month", "Month", "month\n", "\uff4donth", "MONTH",
    "2024-01", "2024-01\n", "2024-13", "0001-01", "9999-12", "1899-12", "2199-12", "2200-01",

    "\u0662\u0660\u0662\u0664-\u0660\u0661", "2024\u201301", "2024-1", "é", "\u200b",
    "\ud800", "\x00", "\x1b[31m", "\r\n", "a\tb",
    "x'; drop table sales; --", 'say "hi"', "{{ var('x') }}", "{% raw %}", "back\\slash", "%", "`",
    "a" * 251, "a" * 100_000, "ß", "İ", "../..", "s3://bucket/raw", "~/raw", "[link]", "{a:3}",
    dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, 2, 3), b"\x03\x06", {1, 2}, (3, 6), [], [[]],
    [[[[]]]], [None], [True], [1], [3, 6], [3, 3], [3, 3.0], [1, True], ["order_count"], ["a", "a"],
    ["x'; --"], ["all"], list(range(1, 26)), list(range(20_000)), ["a"] * 2_000, {}, {"": None},
    {None: None}, {1: 2}, {True: False}, {"mode": None}, {"mode": "f1"}, {"mode": ["f1"]},
    {"mode": {}}, {"mode": "fixed"}, {"mode": "last_n_months"}, {"mode": "randomized"},
    {"months:3": None}, {"all:median": None}, {"min": 1, "max": 2}, {"min": 2, "max": 1},
    {"min": 0, "max": 1, "log": True}, {"min": 0.1, "max": 0.2, "log": None}, {"min": 1},
    {"min": {}, "max": []}, {"all": "median"}, {"sales": {}}, {"sales": {"sold_on": "date"}},
    {"sales": {"sold_on": None, "amount": "x'; --"}}, {"sales": {"amount": ""}},
    {"order_count": "a"}, {"order_count": "select"},
    {dt.date(2024, 1, 1): 1}, {(1, 2): 3}, {"a": {"b": {"c": {}}}},
    CIRCLE, CIRCLE_OF_KEYS, {"drop": CIRCLE},
]  # fmt: skip


def sound(node: dict[str, Any], rng: random.Random) -> Any:
    """Return a value that a node allows, more often than not one on its bounds."""
    kinds = {
        "boolean": lambda: rng.choice([True, False]),
        "fields": lambda: sound_fields(node["fields"], rng),
        "modes": lambda: sound_mode(node["modes"], rng),
        "mapping": lambda: {},
        "list": lambda: sound_list(node, rng),
        "range": lambda: sound_range(node["number"], rng),
        "choice_or_list": lambda: (
            rng.choice(node["choices"]) if rng.random() < 0.5 else sound_list(node["list"], rng)
        ),
    }
    if node["type"] in kinds:
        return kinds[node["type"]]()
    if "choices" in node:
        return rng.choice(node["choices"])
    if node["type"] == "text":
        return rng.choice(["2019-02", "2021-06", "|", "v0123456789ab", "it's; -- \\", "Zoë"])
    return sound_number(node, rng)


def sound_number(node: dict[str, Any], rng: random.Random) -> float:
    least = node.get("minimum", node.get("above"))
    most = node.get("maximum", node.get("below"))
    if node["type"] == "integer":
        return rng.choice([least, most, rng.randint(least, most), least + 1])
    within = least + (most - least) * rng.choice([0.001, 0.1, 0.3, 0.9])
    return rng.choice([most, within, round(within, 3), least, max(least, 1) if most > 1 else most])


def sound_list(node: dict[str, Any], rng: random.Random) -> list[Any]:
    if node["item"].get("choices"):
        return sorted({"sales", *rng.sample(node["item"]["choices"], 2)})
    if node["item"]["type"] == "text":
        return rng.sample(FEATURES, rng.randint(1, 3))
    return sorted({sound_number(node["item"], rng) for _ in range(3)})


def sound_range(node: dict[str, Any], rng: random.Random) -> Any:
    low, high = sorted(sound_number(node, rng) for _ in range(2))
    log = {"log": low > 0} if rng.random() < 0.5 else {}
    return rng.choice([low, {"min": low, "max": high, **log}])


def sound_fields(nodes: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    needed = [name for name, node in nodes.items() if "default" not in node]
    return {
        name: sound(nodes[name], rng)
        for name in {*needed, *rng.sample(list(nodes), rng.randint(0, min(3, len(nodes))))}
    }


def sound_mode(modes: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    mode = rng.choice(list(modes))
    return {"mode": mode, **sound_fields(modes[mode], rng)}


def spoilt(value: Any, rng: random.Random) -> Any:
    """Return a value with something odd in its place, or somewhere within."""
    if isinstance(value, dict) and value and rng.random() < 0.7:
        key = rng.choice(list(value))
        changed = dict(value)
        if rng.random() < 0.3:
            odd = rng.choice(ODD)
            changed[odd if isinstance(odd, (str, int, float)) else None] = changed.pop(key)
        else:
            changed[key] = spoilt(value[key], rng)
        return changed
    if isinstance(value, list) and value and rng.random() < 0.5:
        place = rng.randrange(len(value))
        return [*value[:place], spoilt(value[place], rng), *value[place + 1 :]]
    return rng.choice(ODD)


def drawn(seed: int) -> dict[Any, Any]:
    """Return settings by a seed: sound ones of a few names, most with something odd."""
    rng = random.Random(seed)
    names = rng.sample(list(SCHEMA), rng.choice([1, 1, 2, 3]))
    values = {name: sound(SCHEMA[name], rng) for name in names}
    if rng.random() < 0.6:
        name = rng.choice(names)
        values[name] = spoilt(values[name], rng)
    if rng.random() < 0.05:
        name = rng.choice(names)
        key = rng.choice([name.upper(), f"{name}:3", name[:-1], 1, None, "x'; --", "a" * 300])
        values[key] = values.pop(name)
    return values


def refusal(values: dict[Any, Any]) -> list[str]:
    """Return what the library says against settings, nothing where it accepts them."""
    try:
        check_settings(values, DEFINITIONS, raw_columns=RAW_COLUMNS)
    except SettingsError as error:
        return list(error.problems)
    return []


def refusal_one_by_one(values: dict[Any, Any]) -> list[str]:
    with mock.patch("attrition.settings.loading.conflicts", return_value=()):
        return refusal(values)


def refusal_of_dbt(values: dict[Any, Any]) -> list[str]:
    try:
        Macros(command_line=values).check_settings()
    except CompilerError as error:
        return str(error).split("\n  - ")[1:]
    return []


def is_one_sentence(line: str, values: dict[Any, Any]) -> bool:
    """Say whether a terminal can show a line that names a setting and tells what to do."""
    line.encode()
    written = [str(name) for name in (*values, "null", "raw_location")]
    escaped = [name.encode("unicode_escape").decode() for name in written]
    names = {name[:12] for name in (*written, *escaped)}
    return (
        line.isprintable()
        and len(line) < 4000
        and line.endswith((".", "?"))
        and any(name in line for name in names)
    )


CASES = range(700)


def test_both_checkers_answer_alike_and_in_sentences():
    accepted = refused = 0
    for seed in CASES:
        values = drawn(seed)
        alone, by_dbt = refusal_one_by_one(values), refusal_of_dbt(values)
        assert bool(alone) == bool(by_dbt), (seed, alone, by_dbt)
        said = refusal(values)
        assert all(is_one_sentence(line, values) for line in (*said, *by_dbt)), (seed, said, by_dbt)
        accepted += not said
        refused += bool(said)
    assert accepted > 150
    assert refused > 250


TOKENS = [
    "!!int ", "!!float ", "!!timestamp ", "!!binary ", "!!set ", "!!python/name:os.system ", "!x ",
    "&a ", "*a", "<<: *a", "? ", ": ", ":", "- ", "-", ", ", ",", "{", "}", "[", "]", "'", '"', "#",
    "|", ">", "%", "@", "`", "\t", "\n", "\r\n", "\x00", "\ufeff", "\u2028", "é", "~", "null",
    "2024-02-30", "1:30:00", ".nan", ".inf", "1e400", "0o17", "0b2", "_", "1_000", "9" * 5000,
    "[" * 2000, "&a [*a]", "&a {sales: *a}", "&a [1, 1, *a]", '"\\ud800"', '"\\U00110000"',
]  # fmt: skip


def mistyped(seed: int) -> str:
    """Return a YAML text of settings with a few slips of the hand."""
    rng = random.Random(seed)
    names = rng.sample(list(SCHEMA), rng.choice([1, 2]))
    values = {name: sound(SCHEMA[name], rng) for name in names}
    text = yaml.safe_dump(values, default_flow_style=rng.choice([True, False, None]))
    for _ in range(rng.choice([1, 1, 2, 3])):
        place = rng.randrange(len(text))
        dropped = rng.choice([0, 0, 1, 3])
        text = text[:place] + rng.choice([*TOKENS, "", "", " "]) + text[place + dropped :]
    return text


def parsed(text: str) -> dict[Any, Any] | str:
    """Return the settings that `--vars` holds, or what is said against it."""
    try:
        return parse_vars(text)
    except AttritionError as error:
        return str(error)


def test_texts_of_yaml_are_read_or_refused_in_our_words():
    unreadable = read = 0
    for seed in range(600):
        text = mistyped(seed)
        values = parsed(text)
        if isinstance(values, str):
            values.encode()
            assert values.startswith("--vars "), (seed, values)
            unreadable += 1
            continue
        alone, by_dbt = refusal_one_by_one(values), refusal_of_dbt(values)
        assert bool(alone) == bool(by_dbt), (seed, text, alone, by_dbt)
        said = refusal(values)
        assert all(is_one_sentence(line, values) for line in (*said, *by_dbt)), (seed, said, by_dbt)
        read += 1
    assert unreadable > 150
    assert read > 150


def as_rendered(values: dict[str, Any]) -> Macros:
    """Return the macros, with of dbt what the models below ask for."""
    parts = {
        "type_string": lambda: "varchar",
        "type_timestamp": lambda: "timestamp",
        "hash": lambda expression: f"md5(cast({expression} as varchar))",
        "dateadd": lambda part, count, date: f"date_add({date}, interval ({count}) {part})",
        "datediff": lambda first, second, part: f"date_diff('{part}', {first}, {second})",
        "date_trunc": lambda part, date: f"date_trunc('{part}', {date})",
        "generate_series": lambda most: (
            f"select unnest(generate_series(1, {most})) as generated_number"
        ),
    }
    names = {
        "dbt": SimpleNamespace(**parts),
        "tojson": partial(json.dumps, ensure_ascii=True),
        "local_md5": lambda text: f"{hash(text):032x}"[-32:],
        "invocation_id": "run",
        "previous_state": lambda name, _: name,
    }
    return Macros(command_line=values, names=names)


# In the order of the graph; where only the sales are needed, no other table exists.
RUN = (
    "int_population__buckets", "int_events__sales",
    *(f"int_population__{name}" for name in ("customers", "spine")),
    *(f"int_population__{name}" for name in ("labels", "split_bounds", "splits")),
    "int_features__sales", "attrition_feature_catalog",
)  # fmt: skip
ONLY_READ = (
    "training_plan", "attrition_champion", "attrition_model_versions", "int_features__touchpoint",
    "int_evaluation__segments", "int_evaluation__backtest_origins",
)  # fmt: skip


@pytest.fixture(scope="module")
def company():
    """Two years of three customers, who buy every 29 days, and never complain or call."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(
            "create table int_records__sales as select i || 's' || c as sale_id, 'c' || c as"
            " customer_id, cast(date '2019-01-03' + cast(29 * i + c as integer) as date) as"
            " sold_on, 'consumable' as product_type, 'p' as product_id,"
            " cast(7 as decimal(18, 4)) as quantity, cast(3 as decimal(18, 4)) as amount,"
            " false as is_return, true as is_target_purchase"
            " from range(25) as a(i), range(3) as b(c)"
        )
        for name, date in (("complaint", "opened_on"), ("touchpoint", "occurred_on")):
            connection.execute(
                f"create table stg_{name}__records (customer_id varchar, {date} date,"
                " broken_rule varchar)"
            )
        connection.execute(
            f"create table attrition_feature_definitions as from read_csv("
            f"'{ROOT / 'seeds' / 'attrition_feature_definitions.csv'}',"
            " types = {'windows': 'varchar'})"
        )
        yield connection


def test_what_both_accept_gives_sql_that_runs(company):
    run = 0
    for seed in CASES[:400]:
        values = drawn(seed)
        if refusal(values):
            continue
        settings = check_settings(values, DEFINITIONS, raw_columns=RAW_COLUMNS)
        macros = as_rendered(values)
        assert macros.settings() == settings.as_dict(), seed
        for name in ONLY_READ:
            [_] = company.extract_statements(macros.model(name))
        for name in RUN:
            company.execute(f"create or replace table {name} as {macros.model(name)}")
        run += 1
    assert run > 100
