"""Features, labels and population in SQL against plain loops over the same raw rows."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import re
from typing import Any

import brute_force
import pytest
import yaml
from attrition.settings.feature_names import find_definitions
from brute_force import Task
from compiled_project import Variation
from dbt_project import ROOT

LABELS = ("is_attrition_c", "is_attrition_s", "is_attrition_cs")
# Float32 keeps 24 bits; the loops compute in doubles.
CLOSENESS = 5e-7


@pytest.fixture(scope="module", params=["monthly", "weekly", "ever_bought"])
def variation(request: pytest.FixtureRequest) -> Variation:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def rows(variation: Variation) -> dict[tuple[str, dt.date], dict[str, Any]]:
    """Return the rows of the modeling dataset by customer and date."""
    found = variation.built.table("modeling_dataset").to_pylist()
    by_key = {(row["customer_id"], row["as_of_date"]): row for row in found}
    assert len(by_key) == len(found), "a snapshot stands twice in modeling_dataset"
    return by_key


@pytest.fixture(scope="module")
def customers(variation: Variation) -> dict[str, brute_force.Customer]:
    return brute_force.customers(variation.raw)


def task_of(variation: Variation) -> Task:
    return Task.from_variables(variation.project.variables)


def reach_of(variation: Variation) -> dt.date:
    return max(variation.raw["sales"]["sold_on"].to_pylist())


def is_compared(key: tuple[str, dt.date], variation: Variation) -> bool:
    """Take all monthly snapshots, and of the weekly ones a fifth by hash."""
    if task_of(variation).time_grain == "month":
        return True
    text = f"{key[0]} {key[1]}".encode()
    return hashlib.sha1(text, usedforsecurity=False).digest()[0] < 51


def is_same(found: Any, expected: Any) -> bool:
    if found is None or expected is None or isinstance(expected, bool | str):
        return found is expected or (type(found) is type(expected) and found == expected)
    return math.isclose(found, expected, rel_tol=CLOSENESS, abs_tol=CLOSENESS)


def test_enough_customers_of_every_kind_are_compared(customers) -> None:
    made_up = [name for name in customers if name.startswith("awkward")]

    assert len(customers) - len(made_up) >= 150
    assert len(made_up) >= 50


def test_snapshots_are_those_of_the_population(variation, rows, customers) -> None:
    expected = {
        (name, as_of)
        for name, customer in customers.items()
        for as_of in brute_force.snapshots(customer, task_of(variation), reach_of(variation))
    }

    assert set(rows) - expected == set()
    assert expected - set(rows) == set()
    assert len(expected) > 1000


def test_labels_of_all_targets_equal_a_look_into_the_future(variation, rows, customers) -> None:
    task, reach = task_of(variation), reach_of(variation)

    wrong = [
        (key, row)
        for key, row in rows.items()
        if brute_force.labels(customers[key[0]], key[1], task, reach)
        != {label: row[label] for label in LABELS}
        or row["is_attrition"] != row[task.target]
    ]

    assert wrong[:3] == []
    for label in LABELS:
        assert {row[label] for row in rows.values()} == {0, 1, None}


def test_every_feature_equals_a_loop_over_the_records(variation, rows, customers) -> None:
    wrong: dict[str, tuple] = {}
    for key, row in rows.items():
        if not is_compared(key, variation):
            continue
        expected = brute_force.features(customers[key[0]], key[1], task_of(variation))
        for feature, value in expected.items():
            if not is_same(row[feature], value):
                wrong.setdefault(feature, (*key, row[feature], value))

    assert wrong == {}


def test_the_loops_know_every_feature_of_the_catalogue(variation, rows, customers) -> None:
    catalogued = {
        row["feature"]: row["data_type"]
        for row in variation.built.table("attrition_feature_catalog").to_pylist()
    }
    key = min(rows)
    computed = brute_force.features(customers[key[0]], key[1], task_of(variation))
    in_vector = variation.built.table("int_features__vector").schema

    assert set(computed) == set(catalogued)
    assert set(in_vector.names) - {"customer_id", "as_of_date"} == set(catalogued)
    types = {"numeric": "float", "boolean": "bool", "category": "string"}
    for feature, data_type in catalogued.items():
        assert str(in_vector.field(feature).type) == types[data_type], feature


def test_every_feature_is_worked_by_hand_in_a_unit_test() -> None:
    folder = ROOT / "models" / "intermediate"
    files = (f"{name}/_{name}__unit_tests.yml" for name in ("events", "features"))
    unit_tests = [
        one for file in files for one in yaml.safe_load((folder / file).read_text())["unit_tests"]
    ]
    worked: set[str] = set()
    for unit_test in unit_tests:
        rows = unit_test["expect"]["rows"]
        is_csv = isinstance(rows, str)
        worked.update(rows.splitlines()[0].split(",") if is_csv else set().union(*rows))
    names = [one.feature.replace("{window}", r"\d+[mw]") for one in find_definitions(ROOT)]

    assert [name for name in names if not any(re.fullmatch(name, one) for one in worked)] == []


def test_every_feature_takes_more_than_one_value(variation, rows, customers) -> None:
    """Else a feature that is always nothing would pass for right."""
    key = min(rows)
    names = brute_force.features(customers[key[0]], key[1], task_of(variation))

    assert [name for name in names if len({row[name] for row in rows.values()}) < 2] == []
