"""How good the project is on data whose answer is known: python benchmarks/quality.py

Each task is built by the project's own `dbt build` in a scratch folder, from nothing. On
generated data the champion is held against the true probabilities, which no model can
beat. CDNOW is read from the folder given by `--data`; without it that task is skipped.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

ROOT = Path(__file__).resolve().parents[1]
METRICS = ["roc_auc", "average_precision", "log_loss", "brier", "ece", "lift_top_decile"]
QUALITY_SQL = """
    with systems as (
        select version_id, 'champion' as system, * exclude (version_id)
        from attrition_model_metrics
        union all by name
        select version_id, baseline as system, * exclude (version_id, baseline)
        from attrition_baselines
    )

    select
        system, row_count, roc_auc, average_precision, log_loss, brier_score as brier,
        ece, lift_top_decile
    from systems
    inner join attrition_champion using (version_id)
    where split = 'test'
    order by roc_auc desc
"""
TRUTH_SQL = """
    select predictions.is_attrition, truth.true_probability, predictions.probability
    from ml_test_predictions as predictions
    inner join read_parquet('{truth}') as truth using (customer_id, as_of_date)
    where
        predictions.split = 'test' and predictions.system = 'model'
        and predictions.role = 'challenger' and truth.true_probability is not null
"""


def build(folder: Path, settings: dict[str, Any]) -> Path:
    """Build the project in a folder with these settings; return the database."""
    (folder / "profiles.yml").write_text((ROOT / "profiles.yml.example").read_text())
    database = folder / "build.duckdb"
    environment = {
        **os.environ,
        "ATTRITION_BUILD": str(database),
        "ATTRITION_PUBLISHED": str(folder / "published.duckdb"),
        "DBT_PROFILES_DIR": str(folder),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    command = [sys.executable, "-W", "ignore", "-m", "dbt.cli.main", "--quiet", "build"]
    command += ["--exclude-resource-type", "test", "unit_test", "--vars", json.dumps(settings)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return database


def records(database: Path, data_set: str, task: str, sql: str) -> Iterator[dict[str, Any]]:
    """Yield one record per system from a query that returns its metrics."""
    with duckdb.connect(str(database), read_only=True) as connection:
        for row in connection.sql(sql).df().to_dict("records"):
            metrics = {name: row[name] for name in METRICS}
            yield record(data_set, task, row["system"], int(row["row_count"]), metrics)


def record(
    data_set: str, task: str, system: str, rows: int, metrics: dict[str, float | None]
) -> dict[str, Any]:
    return {
        "data_set": data_set,
        "task": task,
        "system": system,
        "rows": rows,
        "seeds": 1,
        "metrics": metrics,
    }


def cdnow(data: Path, population: str) -> Iterator[dict[str, Any]]:
    """CDNOW at six months, the last fully observed snapshot (1998-01-01) as the test."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sales = pd.read_csv(data / "CDNOW_master.txt", sep=r"\s+", dtype=str)
        sales.to_parquet(folder / "sales.parquet")
        columns = {"sold_on": "date", "quantity": "number_of_cds", "amount": "dollar_value"}
        settings = {
            "raw_data": "source",
            "raw_location": str(folder),
            "raw_columns": {"sales": columns},
            "feature_domains": ["sales"],
            "split": {"mode": "last_n_months", "months": 1},
            "population": population,
        }
        task = f"six months, {population}"
        yield from records(build(folder, settings), "cdnow", task, QUALITY_SQL)


def generated(customers: int, seed: int) -> Iterator[dict[str, Any]]:
    """The project's own sample at a larger size, beside the true probabilities."""
    from attrition.generator import generate

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(customers, 48, seed, folder, truth=True)
        settings = {"raw_data": "source", "raw_location": str(folder)}
        database = build(folder, settings)
        data_set = f"generated, {customers:,} customers"
        yield from records(database, data_set, "six months, active", QUALITY_SQL)
        with duckdb.connect(str(database), read_only=True) as connection:
            rows = connection.sql(TRUTH_SQL.format(truth=folder / "truth.parquet")).df()
        for system, column in (("truth", "true_probability"), ("champion", "probability")):
            metrics = dict.fromkeys(METRICS)
            metrics |= {
                "roc_auc": roc_auc_score(rows.is_attrition, rows[column]),
                "average_precision": average_precision_score(rows.is_attrition, rows[column]),
                "log_loss": log_loss(rows.is_attrition, rows[column]),
                "brier": brier_score_loss(rows.is_attrition, rows[column]),
            }
            yield record(data_set, "rows with a known truth", system, len(rows), metrics)


def show(found: list[dict[str, Any]]) -> None:
    table = Table("data set", "task", "system", "rows", *METRICS)
    for row in found:
        figures = ["" if (v := row["metrics"][name]) is None else f"{v:.4f}" for name in METRICS]
        table.add_row(row["data_set"], row["task"], row["system"], f"{row['rows']:,}", *figures)
    Console(width=160).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=11)
    arguments = parser.parse_args()
    found: list[dict[str, Any]] = []
    if (arguments.data / "CDNOW_master.txt").exists():
        for population in ("ever", "active"):
            found += cdnow(arguments.data, population)
    else:
        print(f"CDNOW skipped: {arguments.data / 'CDNOW_master.txt'} is not there")
    found += generated(arguments.customers, arguments.seed)
    show(found)
    results = ROOT / "benchmarks" / "results" / "quality.json"
    results.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
