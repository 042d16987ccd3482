"""Segments of the judged customers, and the metrics of each."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd
from quality_sql import SNAPSHOT, model_sql, predictions, random_rows, sql_metrics, store

LATER = date(2024, 2, 1)


def customers(amounts: list[float], as_of_date: date = SNAPSHOT, **columns: object) -> pd.DataFrame:
    """Return rows of `int_features__vector` for customers c0, c1, ..."""
    whole = {
        "customer_id": [f"c{number}" for number in range(len(amounts))],
        "as_of_date": as_of_date,
        "active_months": 1.0,
        "consumable_amount_3m": 1.0,
        "consumable_amount_12m": amounts,
        "consumable_order_count_12m": 1.0,
        "region": "NORTH",
        "payer_type": "MEDICARE",
    }
    return pd.DataFrame(whole | columns)


def segments(
    connection: duckdb.DuckDBPyConnection,
    vectors: pd.DataFrame,
    judged: pd.DataFrame | None = None,
    **settings: object,
) -> dict[str, dict[str, str]]:
    """Return {segment: {customer: value}} of the snapshot."""
    store(connection, "int_features__vector", vectors)
    given = vectors[["customer_id", "as_of_date"]] if judged is None else judged
    rows = given.assign(system="model", split="test").reset_index(drop=True)
    store(connection, "int_evaluation__predictions", rows)
    found: dict[str, dict[str, str]] = {}
    sql = model_sql("int_evaluation__segments", **settings)
    for customer, day, segment, value in connection.sql(sql).fetchall():
        if day == SNAPSHOT:
            assert customer not in found.setdefault(segment, {})
            found[segment][customer] = value
    return found


def test_value_bands_are_quarters_of_the_snapshot(connection: duckdb.DuckDBPyConnection) -> None:
    amounts = [80.0, 10.0, 70.0, 20.0, 60.0, 30.0, 50.0, 40.0]
    poorer = customers([1.0] * 8, as_of_date=LATER)

    found = segments(connection, pd.concat([customers(amounts), poorer]))["value_band"]

    assert found == {
        "c1": "lowest quarter",
        "c3": "lowest quarter",
        "c5": "second quarter",
        "c7": "second quarter",
        "c6": "third quarter",
        "c4": "third quarter",
        "c2": "highest quarter",
        "c0": "highest quarter",
    }


def test_customers_who_bought_the_same_share_a_band(connection: duckdb.DuckDBPyConnection) -> None:
    found = segments(connection, customers([0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 6.0, 7.0]))["value_band"]

    assert [found[f"c{number}"] for number in range(8)] == (
        ["lowest quarter"] * 5 + ["third quarter"] + ["highest quarter"] * 2
    )


def test_orders_are_counted_where_there_are_no_amounts(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    orders = customers([0.0] * 4, consumable_order_count_12m=[4.0, 3.0, 2.0, 1.0])

    found = segments(connection, orders)["value_band"]

    assert (found["c3"], found["c0"]) == ("lowest quarter", "highest quarter")


def test_tenure_bands_begin_with_their_first_month(connection: duckdb.DuckDBPyConnection) -> None:
    months = [0.0, 5.0, 6.0, 11.0, 12.0, 23.0, 24.0, 35.0, 36.0, None]

    found = segments(connection, customers([1.0] * 10, active_months=months))["tenure_band"]

    assert list(dict(sorted(found.items())).values()) == [
        "under 6 months",
        "under 6 months",
        "6 to 11 months",
        "6 to 11 months",
        "12 to 23 months",
        "12 to 23 months",
        "24 to 35 months",
        "24 to 35 months",
        "36 months or more",
        "unknown",
    ]


def test_what_is_missing_is_unknown(connection: duckdb.DuckDBPyConnection) -> None:
    vectors = customers([1.0, 2.0], region=["WEST", None], payer_type=[None, "MEDICARE"])

    found = segments(connection, vectors)

    assert found["region"] == {"c0": "WEST", "c1": "unknown"}
    assert found["payer_type"] == {"c0": "unknown", "c1": "MEDICARE"}


def test_a_domain_that_is_off_has_no_segments(connection: duckdb.DuckDBPyConnection) -> None:
    vectors = customers([1.0, 2.0]).drop(columns=["region", "payer_type"])

    found = segments(connection, vectors, feature_domains=["sales"])

    assert set(found) == {"tenure_band", "value_band"}


def test_only_judged_rows_are_listed_but_all_customers_make_the_bands(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    vectors = pd.concat(
        [customers([1.0, 2.0, 3.0, 4.0]), customers([1.0, 2.0, 3.0, 4.0], as_of_date=LATER)]
    )
    judged = pd.DataFrame({"customer_id": ["c2"], "as_of_date": [SNAPSHOT]})

    found = segments(connection, vectors, judged)

    assert found["value_band"] == {"c2": "third quarter"}
    [(count,)] = connection.sql(
        f"select count(*) from ({model_sql('int_evaluation__segments')})"
    ).fetchall()
    assert count == len(found)


# -- metrics of each


def judged_segments(
    connection: duckdb.DuckDBPyConnection, rows: pd.DataFrame, values: list[str]
) -> pd.DataFrame:
    """Store predictions, and one segment with a value for each row; return the predictions."""
    given = predictions(rows)
    store(connection, "int_evaluation__predictions", given)
    keys = given[["customer_id", "as_of_date"]]
    store(
        connection, "int_evaluation__segments", keys.assign(segment="region", segment_value=values)
    )
    return given


def measured(
    connection: duckdb.DuckDBPyConnection, made: str | None = None
) -> dict[tuple[str, str], dict[str, object]]:
    """Return the rows of `attrition_segment_metrics` by segment and value."""
    answer = connection.sql(model_sql("attrition_segment_metrics", made))
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]
    return {(row["segment"], row["segment_value"]): row for row in rows}


def test_a_segment_is_measured_like_a_version(connection: duckdb.DuckDBPyConnection) -> None:
    rows = random_rows(30, 400)
    values = ["NORTH"] * 300 + ["SOUTH"] * 100
    given = judged_segments(connection, rows, values)
    others = [given.assign(split="train"), given.assign(system="recency")]
    store(connection, "int_evaluation__predictions", pd.concat([given, *others]))

    found = measured(connection)

    assert set(found) == {("region", "NORTH"), ("region", "SOUTH")}
    for value, part in (("NORTH", rows[:300]), ("SOUTH", rows[300:])):
        expected = sql_metrics(part)
        row = found["region", value]
        shared = expected.keys() & row.keys()
        assert {name: row[name] for name in shared} == {name: expected[name] for name in shared}
        assert {"roc_auc", "average_precision", "ece", "lift_top_decile"} <= shared
        assert row["row_share"] == len(part) / 400
        assert row["roc_auc_lower"] < row["roc_auc"] < row["roc_auc_upper"]


def test_a_small_segment_has_a_wide_interval(connection: duckdb.DuckDBPyConnection) -> None:
    judged_segments(connection, random_rows(31, 2000), ["NORTH"] * 1900 + ["SOUTH"] * 100)

    north, south = measured(connection).values()
    if north["segment_value"] == "SOUTH":
        north, south = south, north

    narrow = north["roc_auc_upper"] - north["roc_auc_lower"]
    assert south["roc_auc_upper"] - south["roc_auc_lower"] > 2 * narrow


def test_a_segment_with_one_outcome_has_no_ranking(connection: duckdb.DuckDBPyConnection) -> None:
    rows = random_rows(32, 200)
    rows.loc[150:, "is_attrition"] = 0
    judged_segments(connection, rows, ["NORTH"] * 150 + ["SOUTH"] * 50)

    south = measured(connection)["region", "SOUTH"]

    assert [south[name] for name in ("roc_auc", "roc_auc_lower", "roc_auc_upper")] == [None] * 3
    assert (south["row_count"], south["attrition_count"]) == (50, 0)
    assert south["brier_score"] > 0


def test_a_segment_is_measured_once(connection: duckdb.DuckDBPyConnection) -> None:
    given = judged_segments(connection, random_rows(33, 200), ["NORTH", "SOUTH"] * 100)
    connection.sql(f"create table made as {model_sql('attrition_segment_metrics')}")
    later = given.assign(newest_label_date=LATER)
    store(connection, "int_evaluation__predictions", pd.concat([given, later]))
    connection.sql("alter table made alter newest_label_date type date")

    found = measured(connection, made="made").values()

    assert [str(row["newest_label_date"])[:10] for row in found] == [str(LATER)] * 2
    assert sum(row["row_share"] for row in found) == 1
