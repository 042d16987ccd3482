"""The waterfall begins at the average customer and ends at the customer's own margin."""

from itertools import pairwise

import pytest

from app.customer_charts import history_chart, steps, waterfall_chart

ROWS = [
    {"feature": f"order_count_{n}m", "feature_value": str(n), "contribution": (-1) ** n / (n + 1)}
    for n in range(20)
]


def test_every_bar_begins_where_the_one_before_ended():
    made = steps(ROWS, 1.5)
    assert made[0]["end"] == pytest.approx(1.5 - sum(row["contribution"] for row in ROWS))
    for one, two in pairwise(made[:-1]):
        assert one["end"] == two["start"]
    assert made[-2]["end"] == pytest.approx(1.5)
    assert made[-1]["end"] == 1.5
    assert made[-2]["name"] == "8 other features"


def test_direction_is_told_by_a_sign_beside_the_colour():
    up, down = steps(ROWS, 1.5)[1:3]
    assert (up["kind"], up["text"][0]) == ("raises the risk", "▲")
    assert (down["kind"], down["text"][0]) == ("lowers the risk", "▼")


def test_the_charts_can_be_drawn():
    assert waterfall_chart(ROWS, 1.5).to_dict()
    rows = [{"as_of_date": "2024-01-01", "attrition_probability": 0.2, "model_version": "v1"}]
    assert history_chart(rows, 0.3).to_dict()
