"""Features, labels and population by plain loops over the raw rows of one customer.

Written from the words of the design and of the feature catalogue, not from the SQL: every feature
looks through all records that were known before the snapshot. Slow, short and independent.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

DAY = dt.timedelta(days=1)
TARGET_TYPES = {
    "is_attrition_c": ("consumable",),
    "is_attrition_s": ("sensor",),
    "is_attrition_cs": ("consumable", "sensor"),
}

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """The settings that features, labels and population depend on, with their defaults."""

    time_grain: str = "month"
    attrition_horizon: int = 6
    lookback_windows: tuple[int, ...] = (3, 6, 12)
    supply_days_per_unit: float = 3
    population: str = "active"
    target: str = "is_attrition_c"
    min_history_months: int = 0
    start_month: str | None = None
    max_month: str | None = None

    @classmethod
    def from_variables(cls, variables: Mapping[str, Any]) -> Task:
        """Return the task of dbt vars, leaving out those that play no part here."""
        known = {name: variables[name] for name in cls.__dataclass_fields__ if name in variables}
        if "lookback_windows" in known:
            known["lookback_windows"] = tuple(known["lookback_windows"])
        return cls(**known)

    def shift(self, start: dt.date, buckets: int) -> dt.date:
        """Return the first day of the bucket that lies `buckets` after the one of `start`."""
        if self.time_grain == "week":
            return start + 7 * buckets * DAY
        return shift_months(start, buckets)

    def bucket_start(self, date: dt.date) -> dt.date:
        """Return the first day of the bucket that a date lies in."""
        return date - date.weekday() * DAY if self.time_grain == "week" else date.replace(day=1)

    def buckets_in(self, months: int) -> int:
        """Return how many buckets stand for some months: 13 weeks for each quarter."""
        return months if self.time_grain == "month" else round(months * 52 / 12)

    def suffix(self, buckets: int) -> str:
        """Return the ending of the name of a feature with a window."""
        return f"{buckets}{self.time_grain[0]}"


@dataclass(frozen=True)
class Customer:
    """All raw records of one customer, read as the raw contract says."""

    sales: list[Record] = field(default_factory=list)
    complaint: list[Record] = field(default_factory=list)
    touchpoint: list[Record] = field(default_factory=list)
    startright: list[Record] = field(default_factory=list)
    warranty: list[Record] = field(default_factory=list)
    demographics: list[Record] = field(default_factory=list)


def shift_months(date: dt.date, months: int) -> dt.date:
    """Return the same day some months on, or the last day of that month where there is none."""
    count = date.year * 12 + date.month - 1 + months
    first = dt.date(count // 12, count % 12 + 1, 1)
    following = dt.date((count + 1) // 12, (count + 1) % 12 + 1, 1)
    return first.replace(day=min(date.day, (following - DAY).day))


def calendar_months(start: dt.date, end: dt.date) -> int:
    """Return how many ends of months lie between two dates."""
    return (end.year - start.year) * 12 + end.month - start.month


def customers(raw: Mapping[str, pa.Table]) -> dict[str, Customer]:
    """Return the records of each customer in the sales table, by identifier."""
    found: dict[str, Customer] = defaultdict(Customer)
    for table, rows in raw.items():
        if table not in Customer.__dataclass_fields__:
            continue  # a source that no feature is made of
        for row in rows.to_pylist():
            getattr(found[row["customer_id"]], table).append(
                _sale(row) if table == "sales" else row
            )
    return {name: customer for name, customer in found.items() if customer.sales}


def _sale(row: Record) -> Record:
    """Return a sale with its defaults: one unit, no money, returned where a number is negative."""
    quantity, amount, is_return = row["quantity"], row["amount"], row["is_return"]
    if is_return is None:
        is_return = (quantity if quantity is not None else amount) < 0
    return {
        "sold_on": row["sold_on"],
        "product_type": row["product_type"].lower(),
        "product_id": row["product_id"],
        "quantity": 1.0 if quantity is None else abs(float(quantity)),
        "amount": 0.0 if amount is None else abs(float(amount)),
        "is_return": is_return,
    }


def purchases(sales: list[Record], types: tuple[str, ...]) -> list[Record]:
    """Return the sales of some product types that brought something to the customer."""
    return [
        sale
        for sale in sales
        if sale["product_type"] in types and not sale["is_return"] and sale["quantity"] > 0
    ]


def snapshots(customer: Customer, task: Task, reach: dt.date) -> Iterator[dt.date]:
    """Yield the snapshots of a customer.

    Args:
        customer: The customer.
        task: The settings.
        reach: The last day of the data: the newest sale of anybody.
    """
    bought_on = [sale["sold_on"] for sale in purchases(customer.sales, TARGET_TYPES[task.target])]
    if not bought_on:
        return
    first = min(bought_on)
    start = task.bucket_start(first)
    while start <= reach + DAY:
        is_late_enough = (
            first < start
            and shift_months(first, task.min_history_months) <= start
            and (task.start_month is None or f"{start:%Y-%m}" >= task.start_month)
            and (task.max_month is None or f"{start:%Y-%m}" <= task.max_month)
        )
        active_from = task.shift(start, -task.attrition_horizon)
        is_active = any(active_from <= day < start for day in bought_on)
        if is_late_enough and (is_active or task.population == "ever"):
            yield start
        start = task.shift(start, 1)


def build_day(task: Task, reach: dt.date) -> dt.date:
    """Return the day before which everything is known to a build.

    It follows the last day of the data; with `max_month` it is the last snapshot of that month.
    """
    if task.max_month is None:
        return reach + DAY
    first_of_month = dt.date.fromisoformat(f"{task.max_month}-01")
    return min(reach + DAY, task.bucket_start(shift_months(first_of_month, 1) - DAY))


def labels(customer: Customer, as_of: dt.date, task: Task, reach: dt.date) -> dict[str, int | None]:
    """Return the three labels of a snapshot; none before the label window has passed."""
    end = task.shift(as_of, task.attrition_horizon)
    if end > build_day(task, reach):
        return dict.fromkeys(TARGET_TYPES)
    return {
        name: int(
            not any(as_of <= sale["sold_on"] < end for sale in purchases(customer.sales, types))
        )
        for name, types in TARGET_TYPES.items()
    }


def features(customer: Customer, as_of: dt.date, task: Task) -> dict[str, Any]:
    """Return every feature of every domain for one snapshot."""
    return {
        **_sales_features(customer, as_of, task),
        **_complaint_features(customer, as_of, task),
        **_touchpoint_features(customer, as_of, task),
        **_startright_features(customer, as_of),
        **_warranty_features(customer, as_of),
        **_demographics_features(customer, as_of),
    }


def _score(dates: list[dt.date], as_of: dt.date, task: Task, buckets: int) -> float:
    """Return the sum over the last n buckets with weights (n - k) / n for the bucket k back."""
    score = 0.0
    for back in range(buckets if dates else 0):
        start, end = task.shift(as_of, -back - 1), task.shift(as_of, -back)
        score += (buckets - back) / buckets * sum(start <= date < end for date in dates)
    return score


def _days_in(records: list[Record], start: dt.date, end: dt.date) -> int:
    return len({record["sold_on"] for record in records if start <= record["sold_on"] < end})


def _sales_features(customer: Customer, as_of: dt.date, task: Task) -> dict[str, Any]:
    known = [sale for sale in customer.sales if sale["sold_on"] < as_of]
    orders = sorted({sale["sold_on"] for sale in purchases(known, TARGET_TYPES[task.target])})
    consumables = purchases(known, ("consumable",))
    year, half, quarter = task.buckets_in(12), task.buckets_in(6), task.buckets_in(3)
    returned_on = [sale["sold_on"] for sale in known if sale["is_return"]]
    middle, start = task.shift(as_of, -quarter), task.shift(as_of, -half)
    recency = (as_of - orders[-1]).days
    gaps = [(later - earlier).days for earlier, later in itertools.pairwise(orders)]
    usual_gap = statistics.fmean(gaps) if gaps else None
    found = {
        "active_months": calendar_months(orders[0], as_of),
        "active_months_at_last_order": calendar_months(orders[0], orders[-1]),
        f"return_score_{task.suffix(half)}": _score(returned_on, as_of, task, half),
        "consumable_residual_days": _residual_days(consumables, as_of, task),
        "days_since_last_order": recency,
        "order_count": len(orders),
        "order_gap_days_mean": usual_gap,
        "order_gap_days_std": statistics.stdev(gaps) if len(gaps) > 1 else None,
        "order_gap_days_last": gaps[-1] if gaps else None,
        "order_gap_days_max": max(gaps, default=None),
        "recency_over_last_gap": recency / gaps[-1] if gaps else None,
        "recency_over_longest_gap": recency / max(gaps) if gaps else None,
        "overdue_ratio": recency / usual_gap if usual_gap else None,
        "recency_over_tenure": recency / (as_of - orders[0]).days,
        f"order_trend_{task.suffix(half)}": sum(middle <= day for day in orders)
        - sum(start <= day < middle for day in orders),
        **_basket_features(consumables),
    }
    for product_type in ("sensor", "device", "accessory"):
        found[f"{product_type}_order_count_{task.suffix(year)}"] = _days_in(
            purchases(known, (product_type,)), task.shift(as_of, -year), as_of
        )
    for window in task.lookback_windows:
        for ending, end in (("", as_of), ("last_year_", task.shift(as_of, -year))):
            start = task.shift(end, -window)
            name = f"{ending}{task.suffix(window)}"
            found[f"consumable_order_count_{name}"] = _days_in(consumables, start, end)
            found[f"consumable_amount_{name}"] = sum(
                sale["amount"] for sale in consumables if start <= sale["sold_on"] < end
            )
    return found


def _basket_features(consumables: list[Record]) -> dict[str, float | None]:
    """Return what is in an order of consumables in the mean, in the last one, and the ratio."""
    by_day: dict[dt.date, list[Record]] = defaultdict(list)
    for sale in consumables:
        by_day[sale["sold_on"]].append(sale)
    measures: dict[str, Callable[[list[Record]], float | None]] = {
        "quantity": lambda order: sum(sale["quantity"] for sale in order),
        "amount": lambda order: sum(sale["amount"] for sale in order),
        "lines": len,
        "products": lambda order: len({sale["product_id"] for sale in order} - {None}) or None,
    }
    found: dict[str, float | None] = {}
    for name, measure in measures.items():
        by_order = [measure(by_day[day]) for day in sorted(by_day)]
        known = [value for value in by_order if value is not None]
        last, usual = by_order[-1] if by_order else None, statistics.fmean(known) if known else None
        found[f"consumable_{name}_per_order"] = usual
        found[f"consumable_{name}_last_order"] = last
        found[f"consumable_{name}_ratio"] = last / usual if last is not None and usual else None
    return found


def _residual_days(consumables: list[Record], as_of: dt.date, task: Task) -> float | None:
    """Return the days of supply at home: each order adds to what is left, never to less than none.

    Below zero it counts the days since the supply ran out.
    """
    if not consumables:
        return None
    lasts_until = -math.inf
    for sale in sorted(consumables, key=lambda sale: sale["sold_on"]):
        lasts_until = max(lasts_until, sale["sold_on"].toordinal())
        lasts_until += sale["quantity"] * task.supply_days_per_unit
    return lasts_until - as_of.toordinal()


def _complaint_features(customer: Customer, as_of: dt.date, task: Task) -> dict[str, Any]:
    known = [complaint for complaint in customer.complaint if complaint["opened_on"] < as_of]
    window = task.buckets_in(18)
    harm = [complaint["opened_on"] for complaint in known if complaint["is_harm"]]
    regular = [complaint["opened_on"] for complaint in known if not complaint["is_harm"]]
    last = max(harm + regular, default=None)
    return {
        f"regular_complaint_score_{task.suffix(window)}": _score(regular, as_of, task, window),
        f"harm_complaint_score_{task.suffix(window)}": _score(harm, as_of, task, window),
        "open_complaint_count": sum(
            complaint["closed_on"] is None or complaint["closed_on"] >= as_of for complaint in known
        ),
        "days_since_last_complaint": None if last is None else (as_of - last).days,
    }


def _touchpoint_features(customer: Customer, as_of: dt.date, task: Task) -> dict[str, Any]:
    known = [contact for contact in customer.touchpoint if contact["occurred_on"] < as_of]
    window = task.buckets_in(12)
    noted_on = [contact["occurred_on"] for contact in known if contact["has_note"]]
    found: dict[str, Any] = {
        f"note_score_{task.suffix(window)}": _score(noted_on, as_of, task, window)
    }
    for direction in ("inbound", "outbound"):
        for lookback in task.lookback_windows:
            start = task.shift(as_of, -lookback)
            found[f"{direction}_contact_count_{task.suffix(lookback)}"] = sum(
                contact["direction"].lower() == direction and start <= contact["occurred_on"]
                for contact in known
            )
    return found


def _startright_features(customer: Customer, as_of: dt.date) -> dict[str, Any]:
    steps = {
        event["event_type"].lower() for event in customer.startright if event["occurred_on"] < as_of
    }
    progress = 3 if "completed" in steps else 2 if "session" in steps else 1 if steps else 0
    return {
        "is_startright": bool(steps),
        "startright_progress": progress,
        "is_startright_withdrawn": "withdrawn" in steps,
    }


def _warranty_features(customer: Customer, as_of: dt.date) -> dict[str, Any]:
    known = [warranty for warranty in customer.warranty if warranty["starts_on"] < as_of]
    if not known:
        return {
            "warranty_length_months": None,
            "is_warranty_active": False,
            "days_to_warranty_end": None,
        }
    # of two that start on one day, the longer
    current = max(known, key=lambda warranty: (warranty["starts_on"], warranty["ends_on"]))
    return {
        "warranty_length_months": calendar_months(current["starts_on"], current["ends_on"] + DAY),
        "is_warranty_active": current["ends_on"] >= as_of,
        "days_to_warranty_end": (current["ends_on"] - as_of).days,
    }


def _demographics_features(customer: Customer, as_of: dt.date) -> dict[str, Any]:
    known = [row for row in customer.demographics if row["valid_from"] < as_of]
    last = max(known, key=lambda row: row["valid_from"], default=defaultdict(lambda: None))
    return {
        "age_years": _years(last["birth_date"], as_of),
        "years_on_insulin": _years(last["insulin_since"], as_of),
        **{
            name: last[name]
            for name in ("is_auto_reorder", "payer_type", "diagnosis_type", "region")
        },
    }


def _years(since: dt.date | None, as_of: dt.date) -> float | None:
    return None if since is None or since >= as_of else (as_of - since).days / 365.25
