"""Figures of the report."""

import json

import altair as alt
from attrition.report import charts


def test_data_cannot_end_the_script_that_it_stands_in():
    chart = alt.Chart(charts.data([{"x": "</script><b>", "y": 1 / 3}])).mark_bar()
    html = charts.figure(chart.encode(x="x:N", y="y:Q"), 'a "label"')
    assert html.count("</script>") == 1
    assert "&#34;label&#34;" in html
    spec = json.loads(html.partition('json">')[2].partition("</script>")[0])
    assert list(spec["datasets"].values()) == [[{"x": "</script><b>", "y": 0.33333}]]
    assert "$schema" not in spec


def test_an_amount_is_drawn_to_its_last_whole_digit():
    chart = alt.Chart(charts.data([{"amount": 224265.4}])).mark_text()
    html = charts.figure(chart.encode(text="amount:Q"), "label")
    assert '"amount":224265}' in html
