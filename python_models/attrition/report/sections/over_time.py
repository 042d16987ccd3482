"""How the model holds over time: at earlier dates, and which version took over from which."""

from typing import Any

import altair as alt

from attrition.report import charts, words
from attrition.report.part import Told, part
from attrition.report.source import Found
from attrition.report.tables import Column, table


@part("Would it have worked before?", "backtest", "metrics", is_wide=False)
def backtest(found: Found, metrics: Found) -> Told | str | None:
    """Draw how good the same recipe would have been at earlier dates."""
    if not metrics.rows:
        return None
    rows = [row for row in found.rows if row["roc_auc"] is not None]
    if not rows:
        return (
            "The history is too short to fit and judge the model at an earlier date; a longer one "
            "would show whether it holds over the seasons."
        )
    low, high = min(r["roc_auc"] for r in rows), max(r["roc_auc"] for r in rows)
    says = (
        f"Fitted and judged anew at {words.counted(len(rows), 'earlier date')}, it had a ROC AUC "
        f"of {words.score(low)} to {words.score(high)}: "
        + ("hardly better than guessing, which has 0.5." if high < 0.55 else
           "it holds over time." if high - low < 0.1 else "it varies with the season, so expect "
           "the lower end too.")
    )  # fmt: skip
    base = alt.Chart(charts.data(rows)).encode(
        x=alt.X("origin_date:T", title="Judged at", scale=alt.Scale(padding=20), axis=alt.Axis(
            format="%b %Y", grid=False, values=[r["origin_date"].isoformat() for r in rows],
            labelOverlap=True)),
        y=alt.Y("roc_auc:Q", title="ROC AUC",
                scale=alt.Scale(domain=[low - 0.05, min(1, high + 0.05)])),
        tooltip=[alt.Tooltip("origin_date:T", format="%d %b %Y"),
                 alt.Tooltip("roc_auc:Q", format=".3f"), "row_count:Q",
                 alt.Tooltip("attrition_share:Q", format=".1%")],
    )  # fmt: skip
    chart = alt.layer(
        base.mark_line(color=charts.CALM),
        base.mark_point(color=charts.CALM, opacity=1),
        base.mark_text(dy=-13).encode(text=alt.Text("roc_auc:Q", format=".2f")),
    )
    return Told(says, charts.figure(chart, says))


@part("Champion and challengers", "promotions")
def promotions(found: Found) -> Told | str:
    """List the newest decisions on versions."""
    if not found.rows:
        return "No version has been held against another yet."
    newest = found.first
    says = (
        f"The newest decision on {newest['challenger_version']}: {words.words(newest['decision'])} "
        f"({newest['reason']}). The champion is the version that scores; a challenger, which is "
        "newer, takes over only where it is better on rows that neither was fitted on."
    )
    rows = [{**row, "gained": _gain(row)} for row in found.rows]
    columns = [Column("decided_at", "Decided", "day"), Column("challenger_version", "Challenger"),
               Column("challenger_value", "Its value", "score"),
               Column("incumbent_version", "Champion then"),
               Column("incumbent_value", "Its value", "score"),
               Column("gained", "Gain, 95% interval", "right"), Column("decision", "Decision"),
               Column("reason", "Reason")]  # fmt: skip
    return Told(says, table(rows, columns, "Decisions on versions"))


def _gain(row: dict[str, Any]) -> str:
    if row["gain"] is None:
        return words.UNKNOWN
    text = f"{row['gain']:+.3f}"
    if row["gain_lower"] is None:
        return text
    return f"{text} ({row['gain_lower']:+.3f} to {row['gain_upper']:+.3f})"
