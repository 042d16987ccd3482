"""Population, labels and features in Polars, by a loop over snapshots, as churn repositories do.

What does not depend on the snapshot is worked out before the loop. The query of each snapshot is
lazy, so that all of them run at once.
"""

import datetime as dt
from pathlib import Path

import polars as pl
from polars.lazyframe.group_by import LazyGroupBy

from benchmarks.speed.peers import (
    DAYS_OF_YEAR,
    HORIZON,
    SUPPLY_DAYS,
    WINDOWS,
    YEAR,
    measured,
)

DAY = dt.timedelta(days=1)
CUSTOMER = "customer_id"
on = pl.col("on")
"""The date of an event, or the first day of a state, in every table here."""


def in_polars(folder: Path, out: Path) -> None:
    """Read the raw tables of a folder and write a row for each snapshot of a customer."""
    queries = prepared(folder)
    frames = dict(zip(queries, pl.collect_all(queries.values()), strict=True))
    first, last = frames.pop("reach").row(0)
    tables = {name: frame.lazy() for name, frame in frames.items()}
    dates = pl.date_range(back(first, 0), last + DAY, "1mo", eager=True)
    snapshots = [snapshot(tables, date, last + DAY) for date in dates if date > first]
    pl.concat(snapshots).collect().write_parquet(out)


def prepared(folder: Path) -> dict[str, pl.LazyFrame]:
    """Return the tables that every snapshot reads, of the columns that it needs."""

    def scan(name: str) -> pl.LazyFrame:
        table = pl.scan_parquet(folder / f"{name}.parquet")
        return table.with_columns(pl.col(CUSTOMER).cast(pl.Categorical))

    sales, startright = scan("sales"), scan("startright")
    people = ("birth_date", "insulin_since", "is_auto_reorder", "payer_type", "diagnosis_type")
    return {
        "reach": sales.select(first=pl.col("sold_on").min(), last=pl.col("sold_on").max()),
        "orders": orders_of(sales),
        "returns": sales.filter("is_return").select(CUSTOMER, on="sold_on"),
        "complaints": scan("complaint").select(CUSTOMER, "is_harm", on="opened_on"),
        "contacts": scan("touchpoint").select(CUSTOMER, "direction", "has_note", on="occurred_on"),
        "startright": startright.group_by(CUSTOMER).agg(on=pl.col("occurred_on").min()),
        # of warranties that start on one day, the longest is last
        "warranties": scan("warranty")
        .select(CUSTOMER, "ends_on", on="starts_on")
        .sort("on", "ends_on"),
        "demographics": scan("demographics").select(CUSTOMER, *people, on="valid_from").sort("on"),
    }


def back(date: dt.date, months: int) -> dt.date:
    """Return the first day of the month that lies so many months before."""
    month = date.year * 12 + date.month - 1 - months
    return dt.date(month // 12, month % 12 + 1, 1)


def months_between(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Return how many ends of months lie between two dates."""
    return (end.dt.year() - start.dt.year()) * 12 + end.dt.month() - start.dt.month()


def between(start: dt.date, end: dt.date) -> pl.Expr:
    return on.is_between(start, end, closed="left")


def orders_of(sales: pl.LazyFrame) -> pl.LazyFrame:
    """Return days on which a customer bought consumables, and the day on which supply then ends."""
    is_consumable = pl.col("product_type") == "consumable"
    supply, bought = pl.col("supply"), pl.col("supply").cum_sum()
    # all that was bought from an order on lasts from that order: the order that counts is the one
    # after which the supply ends last
    supply_ends = bought + (on.to_physical() - bought + supply).cum_max()
    return (
        sales.filter(is_consumable, ~pl.col("is_return"), pl.col("quantity") > 0)
        .group_by(CUSTOMER, on="sold_on")
        .agg(
            supply=pl.col("quantity").sum() * SUPPLY_DAYS,
            amount=pl.col("amount").cast(pl.Float64).sum(),
        )
        .sort("on")
        .with_columns(first_on=on.first().over(CUSTOMER), supply_ends=supply_ends.over(CUSTOMER))
        .drop("supply")
    )


def snapshot(tables: dict[str, pl.LazyFrame], date: dt.date, newest: dt.date) -> pl.LazyFrame:
    """Return the population of a date with their label and features."""
    found = population(tables["orders"], date, newest)
    for counted in (
        returns_before(tables["returns"], date),
        complaints_before(tables["complaints"], date),
        contacts_before(tables["contacts"], date),
    ):
        found = found.join(counted, on=CUSTOMER, how="left")
    found = found.with_columns(pl.col("^.+_(score|contact_count)_[0-9]+m$").fill_null(0))
    for known in (
        tables["startright"].filter(on < date).select(CUSTOMER, is_startright=True),
        warranties_before(tables["warranties"], date),
        demographics_before(tables["demographics"], date),
    ):
        found = found.join(known, on=CUSTOMER, how="left")
    no_event = pl.col("is_startright", "is_warranty_active").fill_null(False)
    return found.with_columns(no_event, as_of_date=pl.lit(date))


def population(orders: pl.LazyFrame, date: dt.date, newest: dt.date) -> pl.LazyFrame:
    """Return who bought within a horizon before a date, their label and features of orders."""
    end = back(date, -HORIZON)
    has_left = (~(on >= date).any()).cast(pl.Int8) if end <= newest else pl.lit(None, pl.Int8)
    first_on, last_on = pl.col("first_on"), pl.col("last_on")
    return (
        orders.filter(between(back(date, 2 * YEAR), end))
        .group_by(CUSTOMER)
        .agg(
            is_attrition_c=has_left,
            first_on=first_on.first(),
            last_on=on.filter(on < date).max(),
            supply_ends=pl.col("supply_ends").filter(on < date).max(),
            **order_windows(date),
        )
        .filter(last_on >= back(date, HORIZON))
        .with_columns(
            active_months=months_between(first_on, pl.lit(date)),
            active_months_at_last_order=months_between(first_on, last_on),
            consumable_residual_days=pl.col("supply_ends") - pl.lit(date).to_physical(),
        )
        .drop("first_on", "last_on", "supply_ends")
    )


def order_windows(date: dt.date) -> dict[str, pl.Expr]:
    """Return orders and amounts in windows before a date, and a year before it."""
    found = {}
    for year, end in (("", date), ("last_year_", back(date, YEAR))):
        for months in WINDOWS:
            is_in, name = between(back(end, months), end), f"{year}{months}m"
            found[f"consumable_order_count_{name}"] = is_in.sum()
            found[f"consumable_amount_{name}"] = pl.col("amount").filter(is_in).sum()
    return found


def by_customer(events: pl.LazyFrame, date: dt.date, months: int) -> LazyGroupBy:
    """Return the events of the last months before a date."""
    return events.filter(between(back(date, months), date)).group_by(CUSTOMER)


def weight(date: dt.date, months: int) -> pl.Expr:
    """Return what an event counts for in a score: one in the last month, falling evenly."""
    return (months + 1 - months_between(on, pl.lit(date))) / months


def returns_before(returns: pl.LazyFrame, date: dt.date) -> pl.LazyFrame:
    return by_customer(returns, date, 6).agg(return_score_6m=weight(date, 6).sum())


def complaints_before(complaints: pl.LazyFrame, date: dt.date) -> pl.LazyFrame:
    is_harm = pl.col("is_harm")
    return by_customer(complaints, date, 18).agg(
        regular_complaint_score_18m=weight(date, 18).filter(~is_harm).sum(),
        harm_complaint_score_18m=weight(date, 18).filter(is_harm).sum(),
    )


def contacts_before(contacts: pl.LazyFrame, date: dt.date) -> pl.LazyFrame:
    counts = {
        f"{direction}_contact_count_{months}m": (
            (pl.col("direction") == direction) & (on >= back(date, months))
        ).sum()
        for direction in ("inbound", "outbound")
        for months in WINDOWS
    }
    note_score = weight(date, YEAR).filter("has_note").sum()
    return by_customer(contacts, date, YEAR).agg(note_score_12m=note_score, **counts)


def warranties_before(warranties: pl.LazyFrame, date: dt.date) -> pl.LazyFrame:
    ends_on = pl.col("ends_on")
    known = warranties.filter(on < date).group_by(CUSTOMER).agg(on.last(), ends_on.last())
    return known.select(
        CUSTOMER,
        warranty_length_months=months_between(on, ends_on + DAY),
        is_warranty_active=ends_on >= date,
    )


def demographics_before(demographics: pl.LazyFrame, date: dt.date) -> pl.LazyFrame:
    known = demographics.filter(on < date).group_by(CUSTOMER).agg(pl.all().last())
    return known.select(
        CUSTOMER,
        "is_auto_reorder",
        "payer_type",
        "diagnosis_type",
        age_years=years(pl.col("birth_date"), date),
        years_on_insulin=years(pl.col("insulin_since"), date),
    )


def years(since: pl.Expr, date: dt.date) -> pl.Expr:
    """Return the years since a day, where it has come by then."""
    days = (pl.lit(date) - since).dt.total_days()
    return pl.when(since < date).then(days / DAYS_OF_YEAR)


if __name__ == "__main__":
    measured(in_polars)
