"""What a contact list gains where the truth is known: python -m benchmarks.contacts

Customers are generated, whose true probability of attrition is known. Each of them is worth what
`attrition_scores` says, and a contact keeps those who would leave at a given rate and has a given
cost. The true gain of the first customers of `attrition_contact_list` stands beside that of as many
most probable ones, of as many by chance, and of the best there are.
"""

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.data_sets import generated
from benchmarks.records import RESULTS, keep_results
from benchmarks.scratch_project import ScratchProject

CUSTOMERS = 10_000
CONTACTS = 1_000
MONEY = {"cost_of_contact": 5.0, "success_rate": 0.3, "value_of_customer": 200.0}
SCORES_SQL = """
    select
        scores.customer_id,
        scores.as_of_date,
        scores.attrition_probability,
        scores.customer_value,
        contacts.contact_rank
    from attrition_scores as scores
    left join attrition_contact_list as contacts using (customer_id, as_of_date)
"""


def true_gains(scores: pd.DataFrame, money: Mapping[str, float]) -> np.ndarray:
    """Return what contacting each customer truly is expected to gain.

    Args:
        scores: `true_probability` and `customer_value` of each customer.
        money: `success_rate` and `cost_of_contact`.
    """
    kept = scores["true_probability"] * money["success_rate"] * scores["customer_value"]
    return (kept - money["cost_of_contact"]).to_numpy()


def gains_of_choices(scores: pd.DataFrame, gains: np.ndarray, count: int) -> dict[str, float]:
    """Return the true gain in all of contacting `count` customers, for each way to choose them.

    Args:
        scores: `contact_rank` (missing for who is not on the list), `attrition_probability`.
        gains: The true gain of each.
        count: How many are contacted.
    """
    ranks = scores["contact_rank"].to_numpy(float, na_value=np.inf)
    order = {
        "contact list": np.argsort(ranks, kind="stable")[: min(count, np.isfinite(ranks).sum())],
        "most probable": np.argsort(-scores["attrition_probability"].to_numpy())[:count],
        "best possible": np.argsort(-gains)[:count],
    }
    totals = {name: float(gains[chosen].sum()) for name, chosen in order.items()}
    return {**totals, "by chance": float(gains.mean() * min(count, len(gains)))}


def measure(folder: Path, customers: int, count: int) -> dict[str, Any]:
    """Generate, build as of the newest month whose truth is known, and compare."""
    source = generated(customers)(folder / "raw")
    truth = pd.read_parquet(source.truth)
    truth = truth[truth["is_active"]].assign(as_of_date=pd.to_datetime(truth["as_of_date"]))
    newest = truth["as_of_date"].max()
    settings = {
        **source.settings,
        "max_month": f"{newest:%Y-%m}",
        "backtest_quarters": 0,
        "threshold": {"mode": "f1", **MONEY},
        "contacts": {"capacity": count},
    }
    project = ScratchProject(folder / "build", settings)
    project.build()
    scores = project.query(SCORES_SQL)
    scores["as_of_date"] = pd.to_datetime(scores["as_of_date"])
    known = scores.merge(truth, on=["customer_id", "as_of_date"])
    totals = gains_of_choices(known, true_gains(known, MONEY), count)
    return {
        "customers": customers,
        "scored": len(scores),
        "of_known_truth": len(known),
        "contacts": count,
        "money": MONEY,
        "true_gain": {name: round(total, 2) for name, total in totals.items()},
        "share_of_best": {
            name: round(total / totals["best possible"], 4) for name, total in totals.items()
        },
    }


def show(console: Console, found: Mapping[str, Any]) -> None:
    table = Table(
        title=f"True gain of {found['contacts']:,} contacts among {found['of_known_truth']:,}",
        title_justify="left",
    )
    for header in ("whom", "true gain", "of the best"):
        table.add_column(header, justify="left" if header == "whom" else "right")
    for name, total in found["true_gain"].items():
        table.add_row(name, f"{total:,.0f}", f"{found['share_of_best'][name]:.1%}")
    console.print(table)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--contacts", type=int, default=CONTACTS)
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    console = Console(width=100, highlight=False)
    with tempfile.TemporaryDirectory(prefix="contacts_") as name:
        found = measure(Path(name), arguments.customers, arguments.contacts)
    show(console, found)
    is_complete = (arguments.customers, arguments.contacts) == (CUSTOMERS, CONTACTS)
    keep_results(console, RESULTS / "contacts.json" if is_complete else None, found)


if __name__ == "__main__":
    main()
