"""How many left, how many will, how sure that is, and how earlier forecasts did."""

import altair as alt
import streamlit as st
from attrition.report import charts, words
from attrition.report.sections import forecast
from attrition.report.source import NotInThisBuildError, Row

from app.drawing import draw, draw_chart, lacks, page, says
from app.reader import Reader

SEGMENTS = """
select
    segment,
    segment_value
from attrition_forecast
group by segment, segment_value
order by case when segment = 'all' then 0 else 1 end, segment, segment_value
"""
AHEAD = """
select *
from attrition_forecast
where segment = $segment and segment_value is not distinct from $segment_value
order by buckets_ahead
"""
BEFORE = """
select
    as_of_date as bucket_starts_on,
    active_count,
    bucket_attrition_count as attrition_count,
    bucket_attrition_rate as attrition_rate
from attrition_rate
where
    segment = $segment and segment_value is not distinct from $segment_value
    and bucket_attrition_count is not null
order by as_of_date
"""
HELD = """
select *
from attrition_forecast_summary
where
    segment = $segment and segment_value is not distinct from $segment_value
    and buckets_ahead > 0
order by buckets_ahead
"""


@page("Forecast")
def show(copy: Reader) -> None:
    """Draw the page."""
    try:
        segments = copy.rows(SEGMENTS)
    except NotInThisBuildError as error:
        draw(forecast.PARTS, copy.source())
        lacks("Month by month", error)
        return
    if not segments:
        says("This build has no forecast: the records are too short, or nobody is active.")
        return
    chosen = st.selectbox("Of whom", segments, format_func=_name, key="segment")
    ahead = copy.rows(AHEAD, chosen)
    version = copy.source().read("version").first
    grain = words.grain(version)
    _ahead(ahead, copy.rows(BEFORE, chosen), grain, words.horizon(version))
    if chosen["segment"] == "all":
        draw([forecast.expected], copy.source())
    _held(copy.rows(HELD, chosen), grain)


def _name(row: Row) -> str:
    if row["segment"] == "all":
        return "all customers"
    return words.segment(row["segment"], row["segment_value"])


def _ahead(ahead: list[Row], before: list[Row], grain: str, horizon: str) -> None:
    known = [row for row in ahead if row["expected_attrition_count"] is not None]
    st.header("How many leave")
    if not known:
        reasons = {row["reason"] for row in ahead if row["reason"]}
        says(f"There is no forecast: {words.listed(sorted(reasons)) or 'too little is known'}.")
        return
    total = sum(row["expected_attrition_count"] for row in known)
    first, last = known[0], known[-1]
    sentence = (
        f"{words.number(total)} are expected to leave in the "
        f"{words.counted(len(known), grain)} from {words.day(first['bucket_starts_on'])} on: each "
        f"is counted where their silence becomes {horizon} long."
    )
    soon = known[:3]
    if len(soon) < len(known):
        sooner = words.number(sum(row["expected_attrition_count"] for row in soon))
        sentence += f" {sooner} of them leave in the first {words.counted(len(soon), grain)}"
        # builds of before have no interval of months together
        low, high = (
            soon[-1].get(f"cumulative_attrition_count_{bound}_80") for bound in ("lower", "upper")
        )
        sentence += (
            "."
            if low is None
            else f"; four times in five it will be {words.number(low)} to {words.number(high)}."
        )
    if last["attrition_count_lower_80"] is not None:
        sentence += (
            f" In the last {grain} it is {words.number(last['expected_attrition_count'])}; four "
            f"times in five it will be {words.number(last['attrition_count_lower_80'])} to "
            f"{words.number(last['attrition_count_upper_80'])}."
        )
    says(sentence)
    draw_chart(_lines(known, before), sentence, 320)
    heads = {"bucket_starts_on": "From", "expected_attrition_count": "Expected",
             "attrition_count_lower_80": "80% from", "attrition_count_upper_80": "80% to",
             "attrition_count_lower_95": "95% from",
             "attrition_count_upper_95": "95% to"}  # fmt: skip
    st.table([{head: _shown(row[name]) for name, head in heads.items()} for row in known])


def _shown(value: object) -> str:
    return words.number(value, 1) if isinstance(value, float) else str(value or words.UNKNOWN)


def _lines(ahead: list[Row], before: list[Row]) -> alt.LayerChart:
    past = [{**row, "what": "left"} for row in before[-36:]]
    future = [
        {**row, "what": "expected", "attrition_count": row["expected_attrition_count"]}
        for row in ahead
    ]
    x = alt.X("bucket_starts_on:T", title=None, axis=alt.Axis(format="%b %Y", grid=False))
    band = alt.Chart(charts.data(future)).encode(x=x)
    return alt.layer(
        band.mark_area(color=charts.CALM, opacity=0.15).encode(
            y=alt.Y("attrition_count_lower_95:Q", title="Customers that leave"),
            y2="attrition_count_upper_95:Q",
        ),
        band.mark_area(color=charts.CALM, opacity=0.3).encode(
            y="attrition_count_lower_80:Q", y2="attrition_count_upper_80:Q"
        ),
        alt.Chart(charts.data([*past, *future])).mark_line(point=True).encode(
            x=x,
            y="attrition_count:Q",
            color=alt.Color("what:N", title=None, scale=alt.Scale(
                domain=["left", "expected"], range=[charts.INK, charts.CALM])),
            strokeDash=alt.StrokeDash("what:N", title=None, scale=alt.Scale(
                domain=["left", "expected"], range=[[1, 0], [5, 3]])),
            tooltip=[alt.Tooltip("bucket_starts_on:T", title="from"), alt.Tooltip("what:N"),
                     alt.Tooltip("attrition_count:Q", format=".1f", title="customers")],
        ),
    )  # fmt: skip


def _held(rows: list[Row], grain: str) -> None:
    st.header("How earlier forecasts did")
    rows = [row for row in rows if row["forecast_count"]]
    if not rows:
        says("No earlier forecast of this segment can be held against what came yet.")
        return
    better = sum(bool(row["is_better_than_naive"]) for row in rows)
    says(
        f"At {better} of {words.counted(len(rows), 'distance')} the forecast was closer than "
        "repeating what was last known or the same time a year before. An 80% interval should "
        "hold 80% of what came."
    )
    heads = {"buckets_ahead": f"{grain.capitalize()}s ahead", "forecast_count": "Forecasts",
             "coverage_80": "In 80% interval", "coverage_95": "In 95% interval",
             "mae": "Off by", "last_mae": "Last known off by",
             "year_ago_mae": "Year ago off by"}  # fmt: skip
    st.table([
        {
            head: words.percent(row[name]) if name.startswith("coverage") else _shown(row[name])
            for name, head in heads.items()
        }
        for row in rows
    ])  # fmt: skip
