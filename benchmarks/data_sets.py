"""The tasks that everything is measured on: data, settings, and how purchases are read.

A task is a question asked of a data set. New ones are added to `quality_tasks`; one whose dataset
is not made from sales (Telco, judged by five times five folds) will bring its modeling dataset.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.scratch_project import ROOT

SHARED_DATA = ROOT.parent / "shared" / "data"
CDNOW_FILE = "CDNOW_master.txt"
GENERATED_MONTHS = 48
GENERATED_SEED = 11
DRIFT = 0.6


class UnavailableError(RuntimeError):
    """The data is not there; the message says what is missing."""


@dataclass(frozen=True)
class Source:
    """Raw records in a folder.

    Attributes:
        folder: Holds `sales.parquet` and what else there is.
        purchases: SQL of the purchases that count: `customer_id` text, `sold_on` date, `amount`.
        settings: Settings that make the project read the folder.
        truth: File with the true probability of some rows, where it is known.
    """

    folder: Path
    purchases: str
    settings: Mapping[str, Any]
    truth: Path | None = None


@dataclass(frozen=True)
class Task:
    """A question asked of a data set.

    Attributes:
        name: What `--task` calls it.
        data_set: The data set in the results.
        question: The task in the results.
        prepare: Writes the raw records into a folder; raises UnavailableError.
        settings: Settings of the question, beside those of the source.
    """

    name: str
    data_set: str
    question: str
    prepare: Callable[[Path], Source]
    settings: Mapping[str, Any] = field(default_factory=dict)


def cdnow(data: Path) -> Callable[[Path], Source]:
    """Return what prepares CDNOW: 23,570 customers, 18 months, one kind of product."""

    def prepare(folder: Path) -> Source:
        file = data / CDNOW_FILE
        if not file.exists():
            raise UnavailableError(f"{file} is not there; name its folder with --data")
        sales = pd.read_csv(file, sep=r"\s+", dtype=str)
        folder.mkdir(parents=True, exist_ok=True)
        sales.to_parquet(folder / "sales.parquet")
        columns = {"sold_on": "date", "quantity": "number_of_cds", "amount": "dollar_value"}
        purchases = f"""
            select customer_id, strptime(date, '%Y%m%d')::date as sold_on,
                dollar_value::double as amount
            from read_parquet('{folder}/sales.parquet')
        """
        settings = {
            "raw_data": "source",
            "raw_location": str(folder),
            "raw_columns": {"sales": columns},
            "feature_domains": ["sales"],
        }
        return Source(folder, purchases, settings)

    return prepare


def generated(
    customers: int, months: int = GENERATED_MONTHS, drift: float = 0.0, truth: bool = True
) -> Callable[[Path], Source]:
    """Return what prepares invented customers, with the truth at two snapshots."""

    def prepare(folder: Path) -> Source:
        from attrition.generator import generate

        generate(customers, months, GENERATED_SEED, folder, truth=truth, drift=drift)
        purchases = f"""
            select customer_id, sold_on, amount::double as amount
            from read_parquet('{folder}/sales.parquet')
            where product_type = 'consumable' and not is_return
        """
        settings = {"raw_data": "source", "raw_location": str(folder)}
        return Source(folder, purchases, settings, folder / "truth.parquet" if truth else None)

    return prepare


def cdnow_task(population: str, data: Path) -> Task:
    """CDNOW at six months; the last fully observed snapshot, 1998-01-01, is the test."""
    return Task(
        name=f"cdnow-{population}",
        data_set="cdnow",
        question=f"six months, {population}",
        prepare=cdnow(data),
        settings={"split": {"mode": "last_n_months", "months": 1}, "population": population},
    )


def generated_task(customers: int, drift: float = 0.0, truth: bool = True) -> Task:
    """Invented customers at six months with the default settings."""
    name = "generated, drifting" if drift else "generated"
    return Task(
        name="generated-drift" if drift else "generated",
        data_set=f"{name}, {customers:,} customers",
        question="six months, active",
        prepare=generated(customers, drift=drift, truth=truth),
    )


def chosen_tasks(names: Sequence[str], wanted: Sequence[str] | None) -> list[str]:
    """Return the wanted names, all where none is; stop with one sentence where one is unknown."""
    unknown = [name for name in wanted or () if name not in names]
    if unknown:
        raise SystemExit(f"--task {unknown[0]}: known are {', '.join(names)}")
    return list(wanted or names)


def quality_tasks(data: Path, customers: int) -> list[Task]:
    """Return the tasks that systems are compared on."""
    return [cdnow_task("ever", data), cdnow_task("active", data), generated_task(customers)]


def control_tasks(data: Path, customers: int) -> list[Task]:
    """Return the tasks that the effect of each control is measured on."""
    return [
        cdnow_task("ever", data),
        cdnow_task("active", data),
        generated_task(customers, truth=False),
    ]
