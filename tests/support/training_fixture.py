"""A small dataset with a known truth, and the tables around it that training and scoring read.

1,500 customers at nine monthly snapshots, 2024-01-01 to 2024-09-01, horizon two months: the test is
2024-08-01, 2024-07-01 is embargoed, 2024-09-01 is unlabelled. A fifth of the customers is for
calibration; of the others a fifth is for validation.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json

import duckdb
import numpy as np
import pyarrow as pa
from attrition.warehouse.duckdb import DuckDBRelation

CUSTOMERS = 1500
MONTHS = [dt.date(2024, month, 1) for month in range(1, 10)]
TEST_STARTS_ON = dt.date(2024, 8, 1)
LAST_TRAINING = dt.date(2024, 6, 1)
PAYERS = ["commercial", "medicare", "pharmacy", None]

SETTINGS = {
    "split": {"mode": "last_n_months", "months": 1},
    "refit": "all_labelled",
    "sampling": "none",
    "hyperparameters": {"num_round": {"min": 10, "max": 80}, "max_depth": {"min": 1, "max": 3}},
    "optimize": "auc",
    "num_tuning_rounds": 5,
    "max_tuning_minutes": None,
    "max_rows": 1_000_000,
    "random_seed": 42,
    "calibration": "auto",
    "threshold": {"mode": "f1"},
    "population": "active",
    "shadow_versions": [],
}

CATALOG = [
    # feature, data_type, reason_group, is_selected
    ("days_since_last_order", "numeric", "recency", True),
    ("overdue_ratio", "numeric", "recency", True),
    ("order_count_6m", "numeric", "orders", True),
    ("usual_gap_days", "numeric", "gap", True),
    ("is_auto_reorder", "boolean", "auto_reorder", True),
    ("payer_type", "category", "payer", True),
    ("noise", "numeric", "noise", True),
    ("not_selected", "numeric", "noise", False),
]


def hash_of(customer_id: str, salt: str) -> str:
    return hashlib.md5(f"{customer_id}:{salt}".encode()).hexdigest()[:8]


@functools.cache
def dataset(seed: int = 0) -> pa.Table:
    """Return the modeling dataset as an Arrow table, ordered by customer and date."""
    rng = np.random.default_rng(seed)
    ids = [f"c{number:05d}" for number in range(CUSTOMERS)]
    keys = [(customer, month) for customer in ids for month in MONTHS]
    count = len(keys)
    recency = rng.gamma(1.5, 30, count)
    gap = np.repeat(rng.gamma(4, 8, CUSTOMERS), len(MONTHS))
    orders = rng.poisson(3, count)
    auto = np.repeat(rng.random(CUSTOMERS) < 0.4, len(MONTHS))
    payer = np.repeat(rng.integers(0, len(PAYERS), CUSTOMERS), len(MONTHS))
    hidden = np.repeat(rng.normal(0, 0.4, CUSTOMERS), len(MONTHS))
    log_odds = (
        -1.2
        + 0.03 * (recency - 45)
        - 0.25 * (orders - 3)
        - 0.7 * auto
        + np.array([0.0, 0.9, -0.4, 0.2])[payer]
        + hidden
    )
    left = (rng.random(count) < 1 / (1 + np.exp(-log_odds))).astype(int)
    return pa.table(
        {
            "customer_id": [customer for customer, _ in keys],
            "as_of_date": pa.array([month for _, month in keys], pa.date32()),
            "is_attrition": pa.array(
                [
                    None if month > TEST_STARTS_ON else int(y)
                    for (_, month), y in zip(keys, left, strict=True)
                ],
                pa.int32(),
            ),
            **_splits(keys),
            "customer_hash": [hash_of(customer, "cap") for customer, _ in keys],
            "days_since_last_order": pa.array(recency, pa.float32()),
            "overdue_ratio": pa.array(recency / gap, pa.float32()),
            "order_count_6m": pa.array(orders, pa.float32()),
            "usual_gap_days": pa.array(gap, pa.float32(), mask=rng.random(count) < 0.2),
            "is_auto_reorder": pa.array(auto.astype("float32"), mask=rng.random(count) < 0.05),
            "payer_type": pa.array([PAYERS[one] for one in payer], pa.string()),
            "noise": pa.array(rng.normal(size=count), pa.float32()),
            "not_selected": pa.array(np.zeros(count), pa.float32()),
        }
    )


def _splits(keys: list[tuple[str, dt.date]]) -> dict[str, pa.Array]:
    splits, fit, refit, calibration = [], [], [], []
    for customer, month in keys:
        is_calibration = hash_of(customer, "calibration") < "33333333"
        is_labelled = month <= TEST_STARTS_ON
        is_before = month <= LAST_TRAINING
        if not is_labelled:
            split = "unlabelled"
        elif month >= TEST_STARTS_ON:
            split = "test"
        elif not is_before:
            split = "embargo"
        elif is_calibration:
            split = "calibration"
        else:
            is_validation = hash_of(customer, "validation") < "33333333"
            split = "validation" if is_validation else "train"
        splits.append(split)
        fit.append(is_before and not is_calibration)
        refit.append(is_labelled and not is_calibration)
        calibration.append(is_calibration)
    return {
        "split": pa.array(splits),
        "is_fit": pa.array(fit),
        "is_refit": pa.array(refit),
        "is_calibration_customer": pa.array(calibration),
    }


def plan(is_due: bool = True, **settings: object) -> dict[str, object]:
    """Return the row of the training plan with some settings replaced."""
    text = json.dumps(SETTINGS | settings, sort_keys=True)
    return {
        "settings": text,
        "settings_fingerprint": hashlib.md5(text.encode()).hexdigest(),
        "task_fingerprint": "task",
        "newest_as_of_date": max(dataset()["as_of_date"].to_pylist()),
        "newest_label_date": TEST_STARTS_ON,
        "test_starts_on": TEST_STARTS_ON,
        "validation_mode": "grouped",
        "is_due": is_due,
        "reason": "no version of these settings",
        "run_id": "run-1",
    }


def catalog(**changes: dict[str, object]) -> pa.Table:
    """Return the feature catalog, with some columns of some features replaced."""
    rows = [
        {
            "feature": name,
            "original_name": name,
            "domain": "sales",
            "is_core": False,
            "is_actionable": True,
            "is_sensitive": False,
            "data_type": kind,
            "imputation": "none",
            "is_dummy": kind == "category",
            "monotone_direction": 0,
            "reason_group": group,
            "is_selected": selected,
        }
        | changes.get(name, {})
        for name, kind, group, selected in CATALOG
    ]
    return pa.Table.from_pylist(rows)


METRICS = pa.table(
    {
        "version_id": pa.array([], pa.string()),
        "split": pa.array([], pa.string()),
        "newest_label_date": pa.array([], pa.date32()),
    }
)


def connect(table: pa.Table | None = None, **planned: object) -> duckdb.DuckDBPyConnection:
    """Return an in-memory warehouse with the dataset (or another), the catalog and a plan."""
    connection = duckdb.connect()
    store(connection, "modeling_dataset", dataset() if table is None else table)
    store(connection, "attrition_feature_catalog", catalog())
    store(connection, "training_plan", pa.Table.from_pylist([plan(**planned)]))
    store(connection, "attrition_model_metrics", METRICS)
    return connection


def read(connection: duckdb.DuckDBPyConnection, *names: str) -> list[DuckDBRelation]:
    """Return tables as training and scoring are handed them."""
    return [DuckDBRelation(connection.table(name)) for name in names]


def store(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Write a table, dropping one of the same name."""
    connection.register("incoming", table)
    connection.execute(f"create or replace table {name} as select * from incoming")
    connection.unregister("incoming")


def replaced(table: pa.Table, **columns: pa.Array) -> pa.Table:
    """Return a table with some columns replaced."""
    for name, values in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(values))
    return table


def train(
    table: pa.Table | None = None,
    threads: int = 1,
    features: dict[str, dict[str, object]] | None = None,
    **settings: object,
) -> dict[str, object]:
    """Train on the dataset (or another) and return the version's row, None where there is none.

    `features` replaces columns of the catalog, by feature.
    """
    from attrition.training import candidate

    connection = connect(table, **settings)
    store(connection, "attrition_feature_catalog", catalog(**(features or {})))
    relations = read(connection, "attrition_feature_catalog", "modeling_dataset")
    return candidate.train(plan(**settings), *relations, threads=threads)


@functools.cache
def trained() -> dict[str, object]:
    """Return the row trained on the unchanged dataset with the unchanged settings."""
    return train()


def expected_parts(row: dict, which: str, matrix: np.ndarray) -> dict[str, np.ndarray]:
    """Return per part of a version what each column adds, the rest last; worked out anew.

    Shape (rows, width + 1) each, unweighted.
    """
    import xgboost

    booster = xgboost.Booster(model_file=bytearray(row[f"{which}_booster"]))
    parts = {"boosted_trees": booster.predict(xgboost.DMatrix(matrix), pred_contribs=True)}
    for name, written in json.loads(row["baselines"]).items():
        linear = written[which]
        terms = np.zeros((len(matrix), matrix.shape[1] + 1))
        terms[:, -1] = linear["intercept"]
        for at, column in enumerate(linear["columns"]):
            for place, value in enumerate(matrix[:, column].tolist()):
                is_unknown = np.isnan(value)
                log = np.sign(value) * np.log(1 + abs(value))
                known = linear["fills"][at] if is_unknown else log
                inside = min(max(known, linear["lows"][at]), linear["highs"][at])
                z = (inside - linear["means"][at]) / linear["scales"][at]
                u = (is_unknown - linear["unknown_means"][at]) / linear["unknown_scales"][at]
                terms[place, column] += (
                    z * linear["coefficients"][at] + u * linear["unknown_coefficients"][at]
                )
        parts[name] = terms
    return parts


def expected_contributions(row: dict, which: str, matrix: np.ndarray) -> np.ndarray:
    """Return what each column of the matrix adds to the log-odds, the rest last."""
    parts = expected_parts(row, which, matrix)
    weights = json.loads(row["weights"])
    return sum(weight * parts[name] for name, weight in weights.items())


def expected_margin(row: dict, which: str, matrix: np.ndarray) -> np.ndarray:
    """Return the log-odds of a version's fit for a matrix."""
    return expected_contributions(row, which, matrix).sum(axis=1)


def expected_probability(row: dict, which: str, matrix: np.ndarray) -> np.ndarray:
    """Return the probabilities of a version's fit without calibration."""
    return 1 / (1 + np.exp(-expected_margin(row, which, matrix)))
