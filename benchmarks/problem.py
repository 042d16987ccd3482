"""What every system gets: the project's rows to learn from and to predict, and the raw purchases.

The rows are those of the project's judged booster: fitted on `is_fit`, tested on split `test`, with
the features that the settings select.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from benchmarks.data_sets import Source
from benchmarks.scratch_project import ScratchProject

KEYS = ["customer_id", "as_of_date"]
DAYS_IN_WEEK = 7

HISTORY_SQL = """
    with purchases as ({purchases}),

    days as (
        select customer_id, sold_on, sum(amount) as amount
        from purchases
        group by all
    ),

    histories as (
        select
            customer_id,
            sold_on as last_on,
            min(sold_on) over history as first_on,
            count(*) over history as purchase_count,
            sum(amount) over history as amount
        from days
        window history as (partition by customer_id order by sold_on)
    )

    select
        snapshots.position,
        histories.* exclude (customer_id),
        date_diff('day', last_on, as_of_date) as recency_days,
        date_diff('day', first_on, last_on) as active_days,
        date_diff('day', first_on, as_of_date) as observed_days
    from snapshots
    asof inner join histories
        on
            snapshots.customer_id = histories.customer_id
            and snapshots.as_of_date > histories.last_on
    order by snapshots.position
"""


@dataclass(frozen=True)
class Problem:
    """One task as a table: rows to fit on, rows to be judged on.

    Attributes:
        fit: Keys, `is_attrition` and features of the rows to learn from.
        test: The same of the rows to predict.
        numbers: Names of the features that are numbers or booleans.
        categories: Names of the others.
        purchases: SQL of the purchases that count.
        horizon: Months or weeks without a purchase that make an attrition.
        time_grain: Which of the two, `month` or `week`.
    """

    fit: pd.DataFrame
    test: pd.DataFrame
    numbers: list[str]
    categories: list[str]
    purchases: str
    horizon: int = 6
    time_grain: str = "month"

    @property
    def outcome(self) -> np.ndarray:
        return self.test["is_attrition"].to_numpy(dtype=int)

    def history(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return each row's purchases before its `as_of_date`: one row per row, same order."""
        return purchase_history(self.purchases, rows)

    def weeks_ahead(self, rows: pd.DataFrame) -> np.ndarray:
        """Return the length of each row's label window."""
        if self.time_grain == "week":
            return np.full(len(rows), float(self.horizon))
        months = rows["as_of_date"].to_numpy().astype("datetime64[M]")
        ends_on = (months + self.horizon).astype("datetime64[D]")
        return (ends_on - months.astype("datetime64[D]")).astype(int) / DAYS_IN_WEEK


def read_problem(project: ScratchProject, source: Source) -> Problem:
    """Read a built project's modeling dataset."""
    features = project.query(
        "select feature, data_type from attrition_feature_catalog where is_selected "
        "order by feature"
    )
    is_category = features["data_type"] == "category"
    numbers = features.loc[~is_category, "feature"].tolist()
    categories = features.loc[is_category, "feature"].tolist()
    columns = ", ".join([*KEYS, "is_attrition", "is_fit", "split", *numbers, *categories])
    rows = project.query(
        f"select {columns} from modeling_dataset "
        "where is_attrition is not null and (is_fit or split = 'test') order by customer_id, "
        "as_of_date"
    )
    rows[numbers] = rows[numbers].astype("float32")
    question = project.query(
        "select (settings::json ->> 'attrition_horizon')::integer as horizon, "
        "settings::json ->> 'time_grain' as time_grain from training_plan"
    ).iloc[0]
    return Problem(
        fit=rows[rows["is_fit"]].drop(columns=["is_fit", "split"]).reset_index(drop=True),
        test=_test_rows(rows),
        numbers=numbers,
        categories=categories,
        purchases=source.purchases,
        horizon=int(question["horizon"]),
        time_grain=question["time_grain"],
    )


def _test_rows(rows: pd.DataFrame) -> pd.DataFrame:
    is_test = rows["split"] == "test"
    return rows[is_test].drop(columns=["is_fit", "split"]).reset_index(drop=True)


def purchase_history(purchases: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return what customers had bought before each row's `as_of_date`.

    Args:
        purchases: SQL with `customer_id`, `sold_on`, `amount`.
        rows: `customer_id` and `as_of_date`.

    Returns:
        Per row, in the order of the rows: `purchase_count` (days with a purchase), `amount`,
        `recency_days`, `active_days` (first to last), `observed_days` (first to `as_of_date`).

    Raises:
        ValueError: A customer had bought nothing before.
    """
    snapshots = rows[KEYS].assign(position=np.arange(len(rows)))
    with duckdb.connect() as connection:
        connection.register("snapshot_rows", snapshots)
        connection.execute(
            "create temp table snapshots as "
            "select position, customer_id, as_of_date::date as as_of_date from snapshot_rows"
        )
        found = connection.sql(HISTORY_SQL.format(purchases=purchases)).df()
    if len(found) != len(rows):
        raise ValueError(f"{len(rows) - len(found)} rows have no purchase before their date")
    return found.drop(columns="position")


def match(rows: pd.DataFrame, predictions: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return columns of `predictions` in the order of `rows`, by customer and date.

    Raises:
        ValueError: A row has no prediction.
    """
    indexed = predictions.assign(as_of_date=pd.to_datetime(predictions["as_of_date"]))
    keys = rows[KEYS].assign(as_of_date=pd.to_datetime(rows["as_of_date"]))
    joined = keys.merge(indexed, on=KEYS, how="left", validate="one_to_one")
    missing = int(joined[list(columns)].isna().any(axis=1).sum())
    if missing:
        raise ValueError(f"{missing} of {len(rows)} rows have no prediction")
    return joined[list(columns)]
