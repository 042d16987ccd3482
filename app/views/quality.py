"""How good a version is on customers that it was not fitted on, and two versions side by side."""

import altair as alt
import streamlit as st
from attrition.report import charts, words
from attrition.report.part import Section
from attrition.report.sections import over_time, trust
from attrition.report.source import Row

from app.drawing import draw_chart, page, says, told
from app.reader import Reader

VERSIONS = """
select
    version_id,
    version_number,
    version_label,
    created_at,
    is_champion,
    model_form
from attrition_model_versions
order by is_champion desc, version_number desc
limit 100
"""
_METRICS = ("roc_auc", "average_precision", "lift_top_decile", "log_loss", "brier_score", "ece")
_LABELS = (
    "ROC AUC",
    "Average precision",
    "Lift of the top tenth",
    "Log loss",
    "Brier score",
    "ECE",
)
_SMALLER_IS_BETTER = {"log_loss", "brier_score", "ece"}


@page("Model quality")
def show(copy: Reader) -> None:
    """Draw the page."""
    versions = copy.rows(VERSIONS)
    if not versions:
        says("No version has been trained yet; `attrition doctor` says what the data allows.")
        return
    names = {row["version_id"]: _name(row) for row in versions}
    left, right = st.columns(2)
    first = left.selectbox("Version", list(names), format_func=names.get, key="version")
    others = [None, *(version for version in names if version != first)]
    second = right.selectbox(
        "Compare with",
        others,
        format_func=lambda version: names.get(version, "no other version"),
        key="other_version",
    )
    if len(names) == 1:
        says("This is the only version so far, so there is none to compare it with.")
    if second:
        _compare(copy, first, second)
    parts = tuple(part for part in trust.PARTS if part is not over_time.promotions)
    told(Section("trust", "", parts), copy.source(first))


def _name(row: Row) -> str:
    label = f", {row['version_label']}" if row["version_label"] else ""
    role = ", champion" if row["is_champion"] else ""
    return f"{row['version_number']}: {row['version_id']}{label}{role}"


def _compare(copy: Reader, first: str, second: str) -> None:
    st.header("Side by side")
    found = {version: copy.source(version).read("metrics").rows for version in (first, second)}
    models = {
        version: next((row for row in rows if row["system"] == "model"), None)
        for version, rows in found.items()
    }
    missing = [version for version, row in models.items() if row is None]
    if missing:
        says(f"{words.listed(missing)}: not judged in this build, so there is nothing to compare.")
        return
    one, two = models[first], models[second]
    says(
        "Each version is judged on its own test rows. The gate compares them on rows that neither "
        "was fitted on: the page Promotions has its decisions and their reasons."
    )
    st.table(
        [
            {
                "Metric": label,
                first: words.score(one[name]),
                second: words.score(two[name]),
                "Better": _better(one[name], two[name], name, (first, second)),
            }
            for name, label in zip(_METRICS, _LABELS, strict=True)
        ]
        + [
            {"Metric": label, first: words.number(one[name]), second: words.number(two[name]),
             "Better": ""}
            for name, label in (("row_count", "Test rows"), ("attrition_count", "Attritions"))
        ]
    )  # fmt: skip
    _both_curves(copy, first, second)


def _better(one: float | None, two: float | None, metric: str, names: tuple[str, str]) -> str:
    if one is None or two is None or one == two:
        return words.UNKNOWN
    is_first = (one < two) if metric in _SMALLER_IS_BETTER else (one > two)
    return names[0] if is_first else names[1]


def _both_curves(copy: Reader, first: str, second: str) -> None:
    rows = [
        {**row, "version": version}
        for version in (first, second)
        for row in copy.source(version).read("curves").rows
        if row["curve"] == "roc"
    ]
    label = "ROC curves of both versions: the one that lies higher finds more leavers per mistake."
    says(label)
    chart = (
        alt.Chart(charts.data(rows))
        .mark_line()
        .encode(
            x=alt.X("x:Q", title="Stayers flagged by mistake", axis=alt.Axis(format=".0%")),
            y=alt.Y("y:Q", title="Leavers found", axis=alt.Axis(format=".0%")),
            color=alt.Color("version:N", title=None, scale=alt.Scale(
                domain=[first, second], range=[charts.RISK, charts.CALM])),
            strokeDash=alt.StrokeDash("version:N", title=None, scale=alt.Scale(
                domain=[first, second], range=[[1, 0], [6, 4]])),
            order="point:Q",
        )
    )  # fmt: skip
    draw_chart(chart, label, 320)
