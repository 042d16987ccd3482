"""Made-up customers whose records lie where features, labels and windows go wrong first.

Most of their dates are the first or the last day of a month or a week, or the day beside it;
several records share a day; goods come back; numbers and facts are missing. Every record keeps
the raw contract.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
from attrition.own_data.raw_contract import read_raw_contract
from dbt_project import ROOT

CUSTOMERS = 80
DAY = dt.timedelta(days=1)

TYPES = {
    "identifier": pa.string(),
    "text": pa.string(),
    "category": pa.string(),
    "date": pa.date32(),
    "number": pa.decimal128(18, 4),
    "boolean": pa.bool_(),
}
SCHEMAS = {
    name: pa.schema([(column.name, TYPES[column.type]) for column in table.columns])
    for name, table in read_raw_contract(ROOT).items()
}


@dataclass(frozen=True)
class Dates:
    """Days that records are drawn from, in order, and days on which many have one of each kind."""

    edges: tuple[dt.date, ...]
    busy: tuple[dt.date, ...]


def busy_days(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return three starts of months and three of weeks: the days to cut the data at."""
    days = [first + (last - first) * part for part in (0.2, 0.5, 0.8)]
    months = [(day.replace(day=1) + 32 * DAY).replace(day=1) for day in days]
    return months + [day + (7 - day.weekday()) * DAY for day in days]


def awkward_tables(first: dt.date, last: dt.date) -> dict[str, pa.Table]:
    """Return the raw tables of the awkward customers, with records from `first` to `last`."""
    random_source = random.Random(7)
    dates = Dates(tuple(sorted(_edge_dates(first, last))), tuple(busy_days(first, last)))
    rows: dict[str, list[dict]] = {table: [] for table in SCHEMAS}
    for number in range(CUSTOMERS):
        customer_id = f"awkward {number}"
        for table, make in MAKERS.items():
            rows[table] += make(customer_id, dates, random_source)
    rows["sales"] += _sales_at_every_edge(first, last) + _sales_after_silence(first, last)
    for place, day in enumerate(dates.busy):
        for table, record in _records_on(day, f"busy {place}").items():
            rows[table].append(record)
        rows["sales"] += _plain_sales(f"busy {place}", _month_ends(first, last))
    return {
        table: pa.Table.from_pylist(rows[table], schema=schema) for table, schema in SCHEMAS.items()
    }


def _edge_dates(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return first and last days of months and weeks and the days beside them."""
    days = [first + count * DAY for count in range((last - first).days + 1)]
    starts = [day for day in days if day.day == 1 or day.weekday() == 0]
    months = [day for day in starts if day.day == 1]
    beside = [start + shift * DAY for start in starts + 4 * months for shift in (-1, 0, 0, 1)]
    return [day for day in beside if first <= day <= last]


def _some_dates(dates: Dates, most: int, random_source: random.Random) -> list[dt.date]:
    """Return up to `most` dates out of a part of the whole time, one twice, and busy days."""
    start = random_source.randrange(len(dates.edges))
    part = dates.edges[start : start + random_source.randint(1, len(dates.edges))]
    chosen = [random_source.choice(part) for _ in range(random_source.randint(0, most))]
    busy = [day for day in dates.busy if random_source.random() < 0.25]
    return sorted(chosen + chosen[:1] + busy)


def _sales(customer_id: str, dates: Dates, random_source: random.Random) -> list[dict]:
    types = ["consumable", "Consumable", "sensor", "device", "accessory"]
    weights = random_source.choice([[6, 1, 2, 1, 1], [8, 1, 0, 0, 0], [0, 0, 5, 1, 1]])
    products = random.Random(customer_id).choice([[None], [None, "SET-1"], ["SET-1", "SET-2"]])
    rows = []
    for place, sold_on in enumerate(_some_dates(dates, 30, random_source)):
        quantity = random_source.choice([1, 2, 3, 7, 10, 12, 30, 0, -2, None])
        amount = random_source.choice([None, 0, "0.10", "19.9", "250", "1234.5678"])
        if quantity is None and amount is None:
            amount = "5"
        rows.append(
            {
                "sale_id": f"{customer_id} sale {place}",
                "customer_id": customer_id,
                "sold_on": sold_on,
                "product_type": random_source.choices(types, weights)[0],
                "product_id": products[place % len(products)],
                "quantity": None if quantity is None else Decimal(quantity),
                "amount": None if amount is None else Decimal(amount),
                "is_return": random_source.choice([None, None, True]) if place % 4 == 3 else None,
            }
        )
    return rows


def _complaints(customer_id: str, dates: Dates, random_source: random.Random) -> list[dict]:
    rows = []
    for place, opened_on in enumerate(_some_dates(dates, 6, random_source)):
        open_days = random_source.choice([None, 0, 1, 7, 28, 31, 200])
        closed_on = None if open_days is None else min(opened_on + open_days * DAY, dates.edges[-1])
        rows.append(
            {
                "complaint_id": f"{customer_id} complaint {place}",
                "customer_id": customer_id,
                "opened_on": opened_on,
                "closed_on": closed_on,
                "reason": "leak",
                "is_harm": random_source.choice([True, False, None]),
            }
        )
    return rows


def _touchpoints(customer_id: str, dates: Dates, random_source: random.Random) -> list[dict]:
    return [
        {
            "touchpoint_id": f"{customer_id} touchpoint {place}",
            "customer_id": customer_id,
            "occurred_on": occurred_on,
            "direction": random_source.choice(["inbound", "outbound", "Inbound"]),
            "channel": "phone",
            "has_note": random_source.choice([True, False, None]),
        }
        for place, occurred_on in enumerate(_some_dates(dates, 10, random_source))
    ]


def _startright(customer_id: str, dates: Dates, random_source: random.Random) -> list[dict]:
    kinds = ["enrolled", "session", "completed", "withdrawn"]
    return [
        {
            "event_id": f"{customer_id} event {place}",
            "customer_id": customer_id,
            "occurred_on": occurred_on,
            "event_type": random_source.choice(kinds),
        }
        for place, occurred_on in enumerate(_some_dates(dates, 3, random_source))
    ]


def _warranties(customer_id: str, dates: Dates, random_source: random.Random) -> list[dict]:
    return [
        {
            "warranty_id": f"{customer_id} warranty {place}",
            "customer_id": customer_id,
            "device_serial": None,
            "starts_on": starts_on,
            "ends_on": starts_on + random_source.choice([0, 27, 30, 90, 364, 365, 730]) * DAY,
        }
        for place, starts_on in enumerate(_some_dates(dates, 3, random_source))
    ]


def _demographics(customer_id: str, dates: Dates, random_source: random.Random) -> list[dict]:
    birth_date = dt.date(1950, 2, 28) + random_source.randrange(10000) * DAY
    return [
        {
            "customer_id": customer_id,
            "valid_from": valid_from,
            "birth_date": random_source.choice([birth_date, birth_date, None]),
            "insulin_since": random_source.choice(
                [birth_date + 9000 * DAY, valid_from, random_source.choice(dates.edges), None]
            ),
            "region": random_source.choice(["NORTH", "SOUTH", None]),
            "payer_type": random_source.choice(["MEDICARE", "PHARMACY", None]),
            "diagnosis_type": random_source.choice(["TYPE_1", "TYPE_2", None]),
            "is_auto_reorder": random_source.choice([True, False, None]),
        }
        for valid_from in sorted(set(_some_dates(dates, 4, random_source)))
    ]


def _sales_at_every_edge(first: dt.date, last: dt.date) -> list[dict]:
    """Return a customer who buys on the last day of every month and week, and on the last day.

    Wherever the data is cut at the start of a bucket, it then reaches to the day before.
    """
    days = [first + count * DAY for count in range((last - first).days + 1)]
    return _plain_sales(
        "closing",
        [day for day in days if day == last or (day + DAY).day == 1 or (day + DAY).weekday() == 0],
    )


def _sales_after_silence(first: dt.date, last: dt.date) -> list[dict]:
    """Return two customers who return, after more than a horizon, on a busy day itself."""
    busy = busy_days(first, last)
    return _plain_sales("returning on a first", [first, *busy[:3]]) + _plain_sales(
        "returning on a monday", [first, *busy[3:]]
    )


def _month_ends(first: dt.date, last: dt.date) -> list[dt.date]:
    days = [first + count * DAY for count in range((last - first).days + 1)]
    return [day for day in days if (day + DAY).day == 1]


def _records_on(day: dt.date, customer_id: str) -> dict[str, dict]:
    """Return a record of each kind but a sale, the only ones of a customer, on one day."""
    return {
        "complaint": {
            "complaint_id": customer_id,
            "customer_id": customer_id,
            "opened_on": day,
            "is_harm": False,
        },
        "touchpoint": {
            "touchpoint_id": customer_id,
            "customer_id": customer_id,
            "occurred_on": day,
            "direction": "inbound",
            "has_note": True,
        },
        "startright": {
            "event_id": customer_id,
            "customer_id": customer_id,
            "occurred_on": day,
            "event_type": "session",
        },
        "warranty": {
            "warranty_id": customer_id,
            "customer_id": customer_id,
            "starts_on": day,
            "ends_on": day + 365 * DAY,
        },
        "demographics": {
            "customer_id": customer_id,
            "valid_from": day,
            "birth_date": dt.date(1960, 2, 29),
            "region": "NORTH",
        },
    }


def _plain_sales(customer_id: str, days: list[dt.date]) -> list[dict]:
    return [
        {
            "sale_id": f"{customer_id} {day}",
            "customer_id": customer_id,
            "sold_on": day,
            "product_type": "consumable",
            "product_id": None,
            "quantity": Decimal(3),
            "amount": Decimal("31.5"),
            "is_return": False,
        }
        for day in days
    ]


MAKERS = {
    "sales": _sales,
    "complaint": _complaints,
    "touchpoint": _touchpoints,
    "startright": _startright,
    "warranty": _warranties,
    "demographics": _demographics,
}
