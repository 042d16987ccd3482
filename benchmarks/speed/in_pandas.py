"""Population, labels and features in pandas, by a loop over snapshots, as churn repositories do.

What does not depend on the snapshot is worked out before the loop. Events are sorted by date, so
that a window is a slice, and customers are numbers until the end.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.speed.peers import (
    DAYS_OF_YEAR,
    HORIZON,
    SUPPLY_DAYS,
    WINDOWS,
    YEAR,
    measured,
)

# as in pandas 3: what is not changed is not copied
pd.options.mode.copy_on_write = True

DAY = pd.Timedelta(days=1)
EPOCH = pd.Timestamp(0)


class Records:
    """The raw tables of a folder, of customers that ever bought something."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        sales = pq.read_table(folder / "sales.parquet", columns=["customer_id"])
        self.customers = pd.Index(sales["customer_id"].unique().to_pandas())

    def read(self, name: str, columns: Sequence[str]) -> pd.DataFrame:
        """Return columns of a table, and of each record the number of its customer."""
        table = pq.read_table(self.folder / f"{name}.parquet", columns=["customer_id", *columns])
        if "amount" in columns:
            # each decimal would be an object of Python
            place = table.column_names.index("amount")
            table = table.set_column(place, "amount", table["amount"].cast(pa.float64()))
        frame = table.to_pandas(strings_to_categorical=True, date_as_object=False)
        frame["customer"] = frame.pop("customer_id").cat.set_categories(self.customers).cat.codes
        return frame[frame["customer"] >= 0]


def in_pandas(folder: Path, out: Path) -> None:
    """Read the raw tables of a folder and write a row for each snapshot of a customer."""
    records = Records(folder)
    sales = records.read("sales", ["sold_on", "product_type", "quantity", "amount", "is_return"])
    orders, contacts = orders_of(sales), contacts_of(records)
    scored = scored_events(records, sales, contacts)
    joined, states = startright_of(records), [warranties_of(records), demographics_of(records)]
    newest = sales["sold_on"].max() + DAY
    snapshots = []
    for date in pd.date_range(sales["sold_on"].min() + DAY, newest, freq="MS"):
        people = population(orders, date, newest)
        parts = [*order_windows(orders, date), *contact_windows(contacts, date)]
        parts += [score(events, months, date).rename(name) for name, months, events in scored]
        counted = [part.reindex(people.index, fill_value=0) for part in parts]
        known = [as_of(state, date).reindex(people.index) for state in states]
        snapshot = pd.concat([people, *counted, *known], axis=1)
        snapshot["is_startright"] = joined.reindex(people.index) < date
        snapshots.append(dated(snapshot, date))
    found = pd.concat(snapshots)
    customers = pd.CategoricalIndex(records.customers).take(found.index)
    found.set_axis(customers.rename("customer_id")).to_parquet(out)


def by_date(events: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return events in the order of their dates, which become the index, with their months."""
    events = events.sort_values(column, kind="stable").set_index(column)
    # a Timestamp is in nanoseconds: each search for one would convert the index
    events.index = events.index.as_unit("ns")
    return events.assign(month=month_of(events.index))


def month_of(dates):
    """Return the number of the month of a timestamp, an index, or a series' dates."""
    return dates.year * 12 + dates.month


def back(date: pd.Timestamp, months: int) -> pd.Timestamp:
    return date - pd.DateOffset(months=months)


def between(events: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Return the events with start <= date < end."""
    first, last = events.index.searchsorted([start, end])
    return events.iloc[first:last]


def orders_of(sales: pd.DataFrame) -> pd.DataFrame:
    """Return days on which a customer bought consumables, and the day on which supply then ends."""
    is_order = (
        sales["product_type"].eq("consumable") & ~sales["is_return"] & sales["quantity"].gt(0)
    )
    grouped = sales[is_order].groupby(["customer", "sold_on"], as_index=False)
    orders = grouped[["quantity", "amount"]].sum()
    customers, supply = orders["customer"], orders.pop("quantity") * SUPPLY_DAYS
    supplied = supply.groupby(customers).cumsum()
    # all that was bought from an order on lasts from that order: the order that counts is the one
    # after which the supply ends last
    day = (orders["sold_on"] - EPOCH).dt.days
    orders["supply_ends"] = supplied + (day - supplied + supply).groupby(customers).cummax()
    first = orders["sold_on"].groupby(customers).transform("first")
    return by_date(orders.assign(first_month=month_of(first.dt)), "sold_on")


def population(orders: pd.DataFrame, date: pd.Timestamp, newest: pd.Timestamp) -> pd.DataFrame:
    """Return who bought within a horizon before a date, their label and their last order."""
    recent = between(orders, back(date, HORIZON), date)
    last = recent.drop_duplicates("customer", keep="last").set_index("customer")
    end = back(date, -HORIZON)
    has_left = ~last.index.isin(between(orders, date, end)["customer"])
    people = pd.DataFrame(
        {
            "is_attrition_c": has_left if end <= newest else pd.NA,
            "active_months": month_of(date) - last["first_month"],
            "active_months_at_last_order": last["month"] - last["first_month"],
            "consumable_residual_days": last["supply_ends"] - (date - EPOCH).days,
        }
    )
    return people.astype({"is_attrition_c": "Int8"})


def order_windows(orders: pd.DataFrame, date: pd.Timestamp) -> Iterator[pd.DataFrame]:
    """Yield each customer's orders and amounts in windows before a date, and a year before it."""
    for year, end in (("", date), ("last_year_", back(date, YEAR))):
        for months in WINDOWS:
            part = between(orders, back(end, months), end)
            found = part.groupby("customer")["amount"].agg(["size", "sum"])
            count, amount = "consumable_order_count", "consumable_amount"
            yield found.set_axis([f"{name}_{year}{months}m" for name in (count, amount)], axis=1)


def contacts_of(records: Records) -> pd.DataFrame:
    """Return contacts with a column for each direction, to be added up."""
    contacts = records.read("touchpoint", ["occurred_on", "direction", "has_note"])
    for direction in ("inbound", "outbound"):
        contacts[direction] = contacts["direction"].eq(direction)
    return by_date(contacts.drop(columns="direction"), "occurred_on")


def contact_windows(contacts: pd.DataFrame, date: pd.Timestamp) -> Iterator[pd.DataFrame]:
    """Yield each customer's contacts in windows before a date."""
    for months in WINDOWS:
        part = between(contacts, back(date, months), date)
        found = part.groupby("customer")[["inbound", "outbound"]].sum()
        yield found.add_suffix(f"_contact_count_{months}m")


def scored_events(
    records: Records, sales: pd.DataFrame, contacts: pd.DataFrame
) -> list[tuple[str, int, pd.DataFrame]]:
    """Return the name of each score, how many months it looks back, and its events."""
    returns = by_date(sales.loc[sales["is_return"], ["customer", "sold_on"]], "sold_on")
    complaints = by_date(records.read("complaint", ["opened_on", "is_harm"]), "opened_on")
    return [
        ("return_score_6m", 6, returns),
        ("regular_complaint_score_18m", 18, complaints[~complaints["is_harm"]]),
        ("harm_complaint_score_18m", 18, complaints[complaints["is_harm"]]),
        ("note_score_12m", 12, contacts[contacts["has_note"]]),
    ]


def score(events: pd.DataFrame, months: int, date: pd.Timestamp) -> pd.Series:
    """Return the sum of weights that fall evenly from one, for an event of the last month."""
    part = between(events, back(date, months), date)
    weight = (part["month"] - month_of(date) + 1 + months) / months
    return weight.groupby(part["customer"]).sum()


def startright_of(records: Records) -> pd.Series:
    """Return the day on which each customer joined the programme."""
    return records.read("startright", ["occurred_on"]).groupby("customer")["occurred_on"].min()


def warranties_of(records: Records) -> pd.DataFrame:
    """Return warranties by their start; of those that start on one day, the longest is last."""
    warranties = records.read("warranty", ["starts_on", "ends_on"]).sort_values("ends_on")
    over = warranties["ends_on"] + DAY
    length = month_of(over.dt) - month_of(warranties["starts_on"].dt)
    return by_date(warranties.assign(warranty_length_months=length), "starts_on")


def demographics_of(records: Records) -> pd.DataFrame:
    """Return what is known of customers from a day on."""
    columns = ["birth_date", "insulin_since", "is_auto_reorder", "payer_type", "diagnosis_type"]
    people = records.read("demographics", ["valid_from", *columns])
    return by_date(people.astype({"is_auto_reorder": "boolean"}), "valid_from")


def as_of(states: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    """Return the last state of each customer that began before a date."""
    known = states.iloc[: states.index.searchsorted(date)].drop(columns="month")
    return known.drop_duplicates("customer", keep="last").set_index("customer")


def dated(snapshot: pd.DataFrame, date: pd.Timestamp) -> pd.DataFrame:
    """Return a snapshot with its date, and with what runs on from day to day."""
    snapshot["is_warranty_active"] = snapshot.pop("ends_on") >= date
    for name, column in (("age_years", "birth_date"), ("years_on_insulin", "insulin_since")):
        since = snapshot.pop(column)
        snapshot[name] = (date - since.where(since < date)).dt.days / DAYS_OF_YEAR
    return snapshot.assign(as_of_date=date)


if __name__ == "__main__":
    measured(in_pandas)
