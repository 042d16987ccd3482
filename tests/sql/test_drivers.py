"""What features are worth, and what moves the risk of segments, against pandas."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from quality_sql import SNAPSHOT, model_sql, store

FEATURES = ("days_since_last_order", "order_count", "region")
LATER, CUSTOMERS = date(2024, 2, 1), 200


@pytest.fixture
def contributions(connection):
    """Store contributions of 200 customers and their vectors, and return both beside each other."""
    rng = np.random.default_rng(7)
    ids = [f"c{number:03}" for number in range(CUSTOMERS)]
    rows = pd.DataFrame(
        [
            {
                "customer_id": customer,
                "as_of_date": LATER,
                "model_version": "v1",
                "feature": feature,
                "feature_value": "x",
                "feature_number": None if feature == "region" else float(rng.integers(0, 50)),
                "contribution": float(rng.normal(0, 1 + place)),
            }
            for customer in ids
            for place, feature in enumerate(FEATURES)
        ]
    ).astype({"feature_number": "float64"})
    store(connection, "attrition_contributions", rows)
    regions = np.where(np.arange(CUSTOMERS) < 29, "SOUTH", "NORTH")
    vectors = pd.DataFrame(
        {
            "customer_id": ids,
            "as_of_date": LATER,
            "active_months": rng.integers(0, 40, CUSTOMERS).astype(float),
            "consumable_amount_12m": rng.integers(1, 900, CUSTOMERS).astype(float),
            "consumable_order_count_12m": 1.0,
            "region": regions,
            "payer_type": "MEDICARE",
        }
    )
    # those of another snapshot are not looked at
    store(
        connection,
        "int_features__vector",
        pd.concat([vectors, vectors.assign(as_of_date=SNAPSHOT, region="WEST")]),
    )
    store(
        connection,
        "int_population__buckets",
        pd.DataFrame({"as_of_date": [SNAPSHOT, LATER], "is_newest_snapshot": [False, True]}),
    )
    store_champion(connection)
    return rows.merge(vectors.drop(columns="as_of_date"), on="customer_id")


def store_champion(connection):
    encoding = [("days_since_last_order", 1), ("order_count", 2), ("region", 3), ("region", 3)]
    store(
        connection,
        "attrition_champion_encoding",
        pd.DataFrame(
            [("v1", *one) for one in encoding], columns=["version_id", "feature", "column_number"]
        ),
    )
    gains = [(1, 6.0), (3, 1.0), (3, 1.0), (None, None)]
    store(
        connection,
        "attrition_champion_trees",
        pd.DataFrame(
            [("v1", *one) for one in gains], columns=["version_id", "column_number", "gain"]
        ),
    )
    store(
        connection,
        "attrition_feature_catalog",
        pd.DataFrame(
            [("order_count", "sales", "Orders.")], columns=["feature", "domain", "description"]
        ),
    )


def test_importance_is_the_mean_size_of_contributions_and_the_share_of_gain(
    connection, contributions
):
    found = connection.sql(model_sql("attrition_feature_importance")).df().set_index("feature")
    sizes = contributions.assign(size=contributions["contribution"].abs())
    means = sizes.groupby("feature")["size"].mean()
    assert list(found.sort_values("importance_rank").index) == list(
        means.sort_values(ascending=False).index
    )
    for feature in FEATURES:
        mine = contributions[contributions["feature"] == feature]
        raised = mine["contribution"] > 0
        row = found.loc[feature]
        assert row["mean_absolute_contribution"] == pytest.approx(means[feature])
        assert row["contribution_share"] == pytest.approx(means[feature] / means.sum())
        assert row["raised_share"] == pytest.approx(raised.mean())
        if feature == "region":
            assert np.isnan(row["usual_number_where_raised"])
            continue
        for is_raised, name in ((raised, "raised"), (~raised, "lowered")):
            median = mine.loc[is_raised, "feature_number"].median()
            assert row[f"usual_number_where_{name}"] == median
    assert found["gain_share"].fillna(-1).to_dict() == {
        "days_since_last_order": 0.75,
        "order_count": -1,
        "region": 0.25,
    }
    assert found["split_count"].to_dict() == {
        "days_since_last_order": 1,
        "order_count": 0,
        "region": 2,
    }
    assert found["domain"].dropna().to_dict() == {"order_count": "sales"}


def test_drivers_compare_a_segment_with_all_other_customers(connection, contributions):
    found = connection.sql(model_sql("attrition_drivers")).df()
    values = set(zip(found["segment"], found["segment_value"], strict=True))
    # 29 customers are too few, and everybody has the one payer
    assert ("region", "NORTH") in values
    assert not {("region", "SOUTH"), ("region", "WEST"), ("payer_type", "MEDICARE")} & values
    assert {segment for segment, _ in values} == {"tenure_band", "value_band", "region"}
    for _, row in found[found["segment"] == "region"].iterrows():
        mine = contributions[contributions["feature"] == row["feature"]]
        here = mine["region"] == row["segment_value"]
        mean, elsewhere = (mine.loc[one, "contribution"].mean() for one in (here, ~here))
        assert row["mean_contribution"] == pytest.approx(mean)
        assert row["mean_contribution_elsewhere"] == pytest.approx(elsewhere)
        assert row["contribution_difference"] == pytest.approx(mean - elsewhere)
        assert row["customer_count"] == here.sum()
    for _, rows in found.groupby(["segment", "segment_value"]):
        by_rank = rows.sort_values("driver_rank")["contribution_difference"].abs()
        assert by_rank.is_monotonic_decreasing
        assert len(rows) == len(FEATURES)
