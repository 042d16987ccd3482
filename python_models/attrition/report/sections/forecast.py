"""How many will leave: the forecast with its intervals, and what past forecasts were worth."""

from typing import Any

import altair as alt

from attrition.report import charts, words
from attrition.report.part import Told, part
from attrition.report.source import Found
from attrition.report.tables import Column, table

_WELL = (0.7, 0.9)


def soon(forecast: Found) -> dict[str, Any]:
    """Return the third bucket, or the last of fewer; its sums are of the buckets up to it."""
    return forecast.rows[:3][-1] if forecast.rows else {}


def how_sure(forecast: Found, summary: Found) -> str:
    """Say how sure the number of the next three buckets is."""
    row = soon(forecast)
    if row["cumulative_attrition_count_lower_80"] is None:
        return "Too few past forecasts have met their truth to say how sure that is."
    text = (
        "Four times in five it should be "
        f"{words.number(row['cumulative_attrition_count_lower_80'])} to "
        f"{words.number(row['cumulative_attrition_count_upper_80'])}"
    )
    past = [one for one in summary.rows if one["buckets_ahead"] == row["buckets_ahead"]]
    held = past[0]["cumulative_coverage_80"] if past else None
    if held is None:
        return f"{text}."
    return f"{text}; such forecasts of the past held {words.percent(held)} of the time."


@part("The forecast", "forecast", "actual_attritions", "forecast_summary", "version")
def forecast(found: Found, actual: Found, summary: Found, version: Found) -> Told | str:
    """Draw how many left in each bucket and how many are expected to."""
    rows = [row for row in found.rows if row["expected_attrition_count"] is not None]
    if not rows:
        reason = found.first.get("reason") or "there are too few records"
        return f"There is no forecast: {reason}."
    grain = words.grain(version.first)
    near, says = soon(found), ""
    if near["expected_cumulative_attrition_count"] is not None:
        says = (
            f"{words.number(near['expected_cumulative_attrition_count'])} are expected to leave in "
            f"the next {words.counted(near['buckets_ahead'], grain)}. {how_sure(found, summary)} "
        )
    if round(found.first["value_lost"] or 0):
        says += (
            f"Over {words.counted(len(rows), grain)} "
            f"{words.number(sum(row['expected_attrition_count'] for row in rows))} leave, worth "
            f"{words.amount(found.first['value_lost'])}. "
        )
    if near["cumulative_attrition_count_lower_80"] is not None:
        says += (
            f"The darker band holds a single {grain} 4 times in 5, the lighter 19 times in 20: "
            "plan the team for the upper end of the darker one."
        )
    past = actual.rows[-36:]
    chart = alt.layer(*_bands(rows), *_lines(past, rows))
    return Told(says, charts.figure(chart, says, 300))


def _bands(rows: list[dict[str, Any]]) -> list[alt.Chart]:
    known = [row for row in rows if row["attrition_count_lower_80"] is not None]
    base = alt.Chart(charts.data(known)).encode(x=_month())
    return [
        base.mark_area(color=charts.RISK, opacity=opacity).encode(
            y=_count(f"attrition_count_lower_{level}"), y2=f"attrition_count_upper_{level}:Q"
        )
        for level, opacity in ((95, 0.14), (80, 0.24))
    ]


def _lines(past: tuple[dict[str, Any], ...], rows: list[dict[str, Any]]) -> list[alt.Chart]:
    told = alt.Chart(charts.data(past)).encode(
        x=_month(), y=_count("bucket_attrition_count"),
        tooltip=[alt.Tooltip("bucket_starts_on:T", format="%b %Y"),
                 alt.Tooltip("bucket_attrition_count:Q", title="left")],
    )  # fmt: skip
    expected = alt.Chart(charts.data(rows)).encode(
        x=_month(), y=_count("expected_attrition_count"),
        tooltip=[alt.Tooltip("bucket_starts_on:T", format="%b %Y"),
                 alt.Tooltip("expected_attrition_count:Q", format=",.1f", title="expected"),
                 alt.Tooltip("attrition_count_lower_80:Q", format=",.1f", title="80% from"),
                 alt.Tooltip("attrition_count_upper_80:Q", format=",.1f", title="80% to"),
                 alt.Tooltip("attrition_count_lower_95:Q", format=",.1f", title="95% from"),
                 alt.Tooltip("attrition_count_upper_95:Q", format=",.1f", title="95% to")],
    )  # fmt: skip
    return [
        told.mark_line(color=charts.CALM, point={"color": charts.CALM, "size": 30}),
        expected.mark_line(color=charts.RISK, strokeDash=[5, 3],
                           point={"color": charts.RISK, "size": 50, "shape": "diamond"}),
        _legend("expected, with 80% and 95% intervals"),
    ]  # fmt: skip


def _legend(forecast_name: str) -> alt.Chart:
    """Return a legend: what is drawn has no column to make one from."""
    kinds = {"left": charts.CALM, forecast_name: charts.RISK}
    rows = [{"kind": kind} for kind in kinds]
    return (
        alt.Chart(charts.data(rows))
        .mark_point(opacity=0)
        .encode(
            color=alt.Color("kind:N", title=None, sort=None, legend=alt.Legend(symbolOpacity=1),
                            scale=alt.Scale(domain=list(kinds), range=list(kinds.values()))),
            shape=alt.Shape("kind:N", title=None, sort=None, legend=alt.Legend(symbolOpacity=1),
                            scale=alt.Scale(domain=list(kinds), range=["circle", "diamond"])),
        )
    )  # fmt: skip


def _month() -> alt.X:
    return alt.X("bucket_starts_on:T", title=None,
                 axis=alt.Axis(format="%b %Y", grid=False, labelOverlap=True))  # fmt: skip


def _count(name: str) -> alt.Y:
    return alt.Y(f"{name}:Q", title="Customers who leave")


@part("Expected by the scores", "scored", "forecast", "version")
def expected(scored: Found, found: Found, version: Found) -> str:
    """Say how many the probabilities expect to leave, and why the forecast says otherwise."""
    total = scored.first
    if not total["customer_count"]:
        return "Nobody is scored, so nothing is expected."
    return (
        f"{words.number(total['expected_attritions'])} of "
        f"{words.counted(total['customer_count'], 'customer')} "
        f"({words.percent(total['expected_share'])}) are expected to buy nothing within "
        f"{words.horizon(version.first)} after {words.day(total['as_of_date'])}: the sum of their "
        f"probabilities.{_why_more(found, version)}"
    )


def _why_more(found: Found, version: Found) -> str:
    ahead = version.first.get("attrition_horizon") or 0
    rows = [row["expected_attrition_count"] for row in found.rows if row["buckets_ahead"] <= ahead]
    if len(rows) < ahead or None in rows:
        return ""
    silence = words.horizon(version.first)
    return (
        f" For the same {silence} the forecast says {words.number(sum(rows))}: it counts everyone "
        f"whose silence becomes {silence} long in that time. Most of those have been silent for a "
        "while, and who buys again later is counted all the same. The value it loses is what they "
        f"brought in the {silence} before they fell silent, so it is more than the value at risk."
    )


@part("How past forecasts did", "past_forecasts", "forecast_summary", "version")
def past(found: Found, summary: Found, version: Found) -> Told | str:
    """Draw what was forecast beside what came, and how large the errors are."""
    whole = next((row for row in summary.rows if row["buckets_ahead"] == 0), None)
    if whole is None or not found.rows:
        return (
            "No forecast of the past has met its truth yet: the history is too short to say how "
            "well forecasts hold."
        )
    grain = words.grain(version.first)
    says = f"{words.counted(whole['forecast_count'], 'past forecast')} missed by " + (
        f"{words.number(whole['mae'], 1)} customers on average"
        f"{_beside(whole)}. {_coverage(whole)} The figure has those of one {grain} ahead."
    )
    base = alt.Chart(charts.data(found.rows)).encode(x=_month())
    chart = alt.layer(
        base.mark_area(color=charts.RISK, opacity=0.2).encode(
            y=_count("attrition_count_lower_80"), y2="attrition_count_upper_80:Q"
        ),
        base.mark_line(color=charts.RISK, strokeDash=[5, 3]).encode(
            y=_count("expected_attrition_count")
        ),
        base.mark_line(color=charts.CALM, point={"color": charts.CALM, "size": 30}).encode(
            y=_count("attrition_count"),
            tooltip=[alt.Tooltip("bucket_starts_on:T", format="%b %Y"),
                     alt.Tooltip("attrition_count:Q", title="left"),
                     alt.Tooltip("expected_attrition_count:Q", format=",.1f", title="forecast"),
                     alt.Tooltip("is_within_80:N", title="within 80%")],
        ),
        _legend("forecast, with its 80% interval"),
    )  # fmt: skip
    return Told(says, charts.figure(chart, says, 240))


def _beside(row: dict[str, Any]) -> str:
    naive = {"the last number again": row["last_mae"], "that of a year ago": row["year_ago_mae"]}
    told = [f"{name} ({words.number(mae, 1)})" for name, mae in naive.items() if mae is not None]
    if not told:
        return ""
    verdict = "less than by" if row["is_better_than_naive"] else "not less than by each of"
    return f", {verdict} guessing {words.listed(told)}"


def _coverage(row: dict[str, Any]) -> str:
    share = row["coverage_80"]
    if share is None:
        return "Too few of them had an interval to say how well intervals hold."
    held = _WELL[0] <= share <= _WELL[1]
    return (
        f"The 80% interval held the truth {words.percent(share)} of the time: "
        + ("read it as it is." if held else
           "too seldom, so take the 95% one." if share < _WELL[0] else "it is rather too wide.")
    )  # fmt: skip


@part("Errors by how far ahead", "forecast_summary", "version")
def errors(found: Found, version: Found) -> Told | None:
    """List errors and coverage by how far ahead was looked."""
    grain = words.grain(version.first)
    rows = [
        {**row, "ahead": f"{words.counted(row['buckets_ahead'], grain)} ahead"}
        for row in found.rows
        if row["buckets_ahead"]
    ]
    if not rows:
        return None
    near, far = rows[0], rows[-1]
    says = (
        f"{near['ahead']} forecasts miss by {words.number(near['mae'], 1)} customers, "
        f"{far['ahead']} by {words.number(far['mae'], 1)}: trust the near end more."
    )
    columns = [Column("ahead", "Forecast"), Column("mae", "Missed by", "tenths"),
               Column("last_mae", "Guessing the last number", "tenths"),
               Column("year_ago_mae", "Guessing that of a year ago", "tenths"),
               Column("coverage_80", "80% held", "percent"),
               Column("coverage_95", "95% held", "percent"),
               Column("forecast_count", "Forecasts", "count")]  # fmt: skip
    return Told(says, table(rows, columns, "Errors of past forecasts"))


PARTS = (forecast, past, errors, expected)
