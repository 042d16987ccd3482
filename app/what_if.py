"""What the champion would say of a customer whose features were others: SQL in DuckDB alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

import duckdb
from attrition.errors import AttritionError
from attrition.report.source import Row

from app.explained import explained

Value = float | str | None
CAUTION = (
    "This is the model's view of such a customer, and no promise of cause: nobody knows that a "
    "customer stays because a number is changed. Features that go together, such as orders in 3 "
    "and in 12 months, are not moved along."
)
_ROWS = "attrition_what_if"
_NOTHING = 0.005

INPUTS = """
select
    encoding.feature,
    encoding.data_type,
    catalog.data_type as said_type,
    catalog.unit,
    catalog.description,
    coalesce(catalog.is_actionable, false) as is_actionable,
    coalesce(catalog.is_sensitive, false) as is_sensitive,
    profile.minimum,
    profile.maximum,
    profile.p05,
    profile.p95
from (
    select
        feature,
        max(data_type) as data_type
    from attrition_champion_encoding
    group by feature
) as encoding
left join attrition_feature_catalog as catalog
    on encoding.feature = catalog.feature
left join attrition_feature_profile as profile
    on encoding.feature = profile.feature and profile.split = 'scored'
order by encoding.feature
"""
"""What the champion reads, with what is known of its values."""

LEVELS = """
select distinct
    feature,
    level
from attrition_champion_encoding
where level is not null
order by feature, level
"""
"""The values of categories that the champion knows."""

CUSTOMER = """
select * from attrition_scored_features where customer_id = $customer_id
"""


@dataclass(frozen=True)
class Said:
    """What the champion says of a row of features.

    Attributes:
        margin: Log-odds before calibration.
        probability: Of attrition.
    """

    margin: float
    probability: float


@dataclass(frozen=True)
class WhatIf:
    """Answers about one customer.

    Attributes:
        now: Of the features as they are.
        changed: Of all changes together.
        alone: Of each change alone, by feature.
        reasons: What moves the customer, as they are and with all changes: rows of
            `app.explained.explained`; None where the champion itself cannot be read.
    """

    now: Said
    changed: Said
    alone: Mapping[str, Said]
    reasons: tuple[Sequence[Row], Sequence[Row]] | None = None


def what_if(
    connection: duckdb.DuckDBPyConnection, customer_id: str, changes: Mapping[str, Value]
) -> WhatIf:
    """Score a customer as they are, with all changes, and with each change alone.

    Args:
        connection: To the published copy, or to a database with the champion's rows.
        customer_id: Who has a row in `attrition_scored_features`.
        changes: New values by feature; None for unknown, 1 and 0 for yes and no.

    Raises:
        AttritionError: The customer or a feature is not there, or there is no champion.
    """
    try:
        return _scored(connection, customer_id, changes)
    except duckdb.Error as error:
        raise AttritionError(f"{customer_id} cannot be scored: {error}") from error


def _scored(
    connection: duckdb.DuckDBPyConnection, customer_id: str, changes: Mapping[str, Value]
) -> WhatIf:
    connection.execute(
        f"""
        create or replace temp table {_ROWS} as
        select places.place, given.* exclude (attrition_probability, model_version)
        from attrition_scored_features as given
        cross join range({len(changes) + 2}) as places (place)
        where given.customer_id = $customer_id
        """,
        {"customer_id": customer_id},
    )
    for number, (name, value) in enumerate(changes.items()):
        quoted = '"' + name.replace('"', '""') + '"'
        connection.execute(
            f"update {_ROWS} set {quoted} = $value where place in (1, {number + 2})",
            {"value": value},
        )
    found = connection.execute(
        f"select attrition_margin, attrition_probability "
        f"from score_customers('{_ROWS}') order by place"
    ).fetchall()
    if not found:
        raise AttritionError(f"{customer_id} is not among the customers scored now.")
    said = [Said(*row) for row in found]
    moved = explained(connection, _ROWS, "place")
    return WhatIf(
        said[0],
        said[1],
        dict(zip(changes, said[2:], strict=True)),
        None if moved is None else (moved[0], moved[1]),
    )


def moves(result: WhatIf, count: int = 8) -> list[tuple[str, float, float]]:
    """Return the features that push otherwise after the changes: name, log-odds before and after.

    Args:
        result: Of `what_if`.
        count: Most of them, the largest change first.
    """
    if result.reasons is None:
        return []
    before, after = ({row["feature"]: row["contribution"] for row in rows}
                     for rows in result.reasons)  # fmt: skip
    changed = [(name, before[name], after[name]) for name in before
               if abs(after[name] - before[name]) >= _NOTHING]  # fmt: skip
    return sorted(changed, key=lambda row: (-abs(row[2] - row[1]), row[0]))[:count]


def offered(inputs: Sequence[Row], contributions: Mapping[str, float], count: int = 4) -> list[str]:
    """Return the features to begin with: those the company can act on that move this customer most.

    Args:
        inputs: Rows of `INPUTS`.
        contributions: Of this customer, by feature; may be empty.
        count: Most of them.
    """
    able = [row["feature"] for row in inputs if row["is_actionable"] and not row["is_sensitive"]]
    able = able or [row["feature"] for row in inputs]
    return sorted(able, key=lambda name: (-abs(contributions.get(name, 0)), name))[:count]


def bounds(row: Row, now: float | None) -> tuple[float, float, float]:
    """Return the ends and the step of a slider: what scored customers have, and this one.

    The step is 1, 2 or 5 of a power of ten and the ends are multiples of it: a browser reckons in
    steps, and what it makes of others may lie beyond the end, which counts as not moved.
    """
    known = [float(row[name]) for name in ("minimum", "maximum") if row[name] is not None]
    known += [] if now is None else [float(now)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    high = high if high > low else low + 1
    # features have seven digits: a finer step would tell nothing apart
    finest = floor(log10(max(abs(low), abs(high)))) - 8
    power = max(floor(log10((high - low) / 100)), finest)
    size = next(size for size in (1, 2, 5, 10) if size * 10.0**power * 100 >= (high - low) * 0.999)
    step = size * 10.0**power
    if step < 1 and high - low >= 4 and all(value.is_integer() for value in (*known, low, high)):
        step, power = 1.0, 0
    digits = max(0, -power)
    ends = floor(low / step) * step, ceil(high / step) * step
    return round(ends[0], digits), round(ends[1], digits), round(step, digits)
