"""Can it be trusted: how the version did on customers that it was not fitted on."""

from functools import partial
from typing import Any

import altair as alt
from markupsafe import Markup

from attrition.command_line.summary_view import SYSTEM_NAMES
from attrition.report import charts, segments, words
from attrition.report.part import Told, part
from attrition.report.sections import over_time
from attrition.report.source import Found
from attrition.report.tables import Column, table

SYSTEMS = {**SYSTEM_NAMES, "model": "this model"}


def _model(metrics: Found) -> dict[str, Any]:
    return next((row for row in metrics.rows if row["system"] == "model"), {})


def versus(rows: tuple[dict[str, Any], ...], rival: str) -> str:
    """Say in words how the model compares with a baseline by ROC AUC."""
    by = {row["system"]: row for row in rows}
    model, other = by["model"], by[rival]
    verdict = "better than" if model["roc_auc"] > other["roc_auc"] else "no better than"
    if model["roc_auc_lower"] > other["roc_auc_upper"]:
        verdict = "clearly better than"
    return (
        f"{verdict} {SYSTEMS[rival]} (ROC AUC {words.score(model['roc_auc'])} against "
        f"{words.score(other['roc_auc'])}, where 0.5 is chance and 1 perfect)"
    )


@part("The model beside simple rules", "metrics", "plan")
def systems(found: Found, plan: Found) -> Told | str:
    """Compare the model with recency, frequency, money and a regression."""
    if not found.rows:
        reason = plan.first.get("reason")
        return (
            f"No version has been judged yet{f' ({reason})' if reason else ''}; `attrition doctor` "
            "says what the data allows."
        )
    rows = [{**row, "name": SYSTEMS.get(row["system"], row["system"])} for row in found.rows]
    model = next(row for row in rows if row["system"] == "model")
    others = [row for row in rows if row["system"] != "model"]
    rival = max(others, key=lambda row: row["roc_auc"] or 0, default=None)
    says = (
        f"On {words.counted(model['row_count'], 'test row')} (a customer as of one day, kept apart "
        f"to judge by) with {words.counted(model['attrition_count'], 'attrition')} the model puts "
        f"a leaver above a stayer {words.percent(model['roc_auc'])} of the time, which is its ROC "
        "AUC; guessing does 50%"
    )
    if rival:
        says += f", the best simple rival ({rival['name']}) {words.percent(rival['roc_auc'])}"
    says += f". {_advice(model, rival)} A bar should hold the true value 19 times in 20."
    if any(row["system"] == "logistic_regression" for row in rows):
        says += " A logistic regression is a weighted sum of the features."
    base = alt.Chart(charts.data(rows)).encode(
        y=charts.row_of(),
        color=alt.condition("datum.system == 'model'", alt.value(charts.RISK),
                            alt.value(charts.CALM)),
    )  # fmt: skip
    x = alt.X("roc_auc:Q", title="ROC AUC with its 95% interval", scale=alt.Scale(zero=False))
    shape = alt.condition("datum.system == 'model'", alt.value("diamond"), alt.value("circle"))
    layers = [
        base.mark_rule(strokeWidth=3).encode(x="roc_auc_lower:Q", x2="roc_auc_upper:Q"),
        base.mark_point(size=130, opacity=1).encode(x=x, shape=shape, tooltip=_interval()),
        base.mark_text(dy=16).encode(
            x=x, text=alt.Text("roc_auc:Q", format=".3f"), color=alt.value(charts.INK)
        ),
    ]
    chart = charts.named_rows(base, layers, len(rows), 50)
    return Told(says, charts.figure(chart, says, None))


def _interval() -> list[alt.Tooltip]:
    names = ("roc_auc", "roc_auc_lower", "roc_auc_upper")
    return [
        alt.Tooltip("name:N", title="of"),
        *(alt.Tooltip(f"{name}:Q", format=".3f", title=words.words(name)) for name in names),
        alt.Tooltip("row_count:Q", title="rows", format=","),
        alt.Tooltip("attrition_count:Q", title="attritions", format=","),
    ]


def _advice(model: dict[str, Any], rival: dict[str, Any] | None) -> str:
    if rival is None:
        return "There is no rule to hold it against."
    if model["roc_auc_lower"] > rival["roc_auc_upper"]:
        return "Use it: even its lower bound lies above every rival's upper one."
    if model["roc_auc"] > rival["roc_auc"]:
        return f"Use it, and know that its interval overlaps that of {rival['name']}."
    return "It is no better than a simple rule: do not rely on its order alone."


@part("All metrics", "metrics")
def all_metrics(found: Found) -> Told | None:
    """List the metrics of each system."""
    if not found.rows:
        return None
    rows = [{**row, "name": SYSTEMS.get(row["system"], row["system"])} for row in found.rows]
    model = next(row for row in rows if row["system"] == "model")
    says = (
        f"Those in the riskiest tenth leave {words.number(model['lift_top_decile'], 1)} times as "
        f"often as the average (lift), and probabilities are off by "
        f"{words.percent(model['ece'], 1)} on average (ECE, expected calibration error). Average "
        "precision is the share of leavers in a list, over lists of all lengths; log loss and "
        "Brier score tell how wrong the probabilities are, the lower the better. Judge rankings "
        "by ROC AUC and lift, money by log loss and ECE."
    )
    columns = [Column("name", "System"), Column("roc_auc", "ROC AUC", "score"),
               Column("average_precision", "Average precision", "score"),
               Column("lift_top_decile", "Lift of the top tenth", "score"),
               Column("log_loss", "Log loss", "score"), Column("brier_score", "Brier", "score"),
               Column("ece", "ECE", "score")]  # fmt: skip
    return Told(says, table(rows, columns, "Metrics of each system"))


@part("Leavers by tenth", "lift", is_wide=False)
def lift(found: Found) -> Told | None:
    """Draw which share of each tenth of the customers left."""
    if not found.rows:
        return None
    first, third = found.rows[0], found.rows[min(2, len(found.rows) - 1)]
    says = (
        f"The riskiest tenth of the test customers held "
        f"{words.percent(first['cumulative_attrition_share'])} of all leavers, the riskiest "
        f"{3 if third['decile'] == 3 else third['decile']} tenths "
        f"{words.percent(third['cumulative_attrition_share'])}: "
        + (
            "with time for few calls, call from the top."
            if (first["lift"] or 0) > 1.2
            else "that is what any tenths would hold, so the order tells little."
        )
    )
    base = alt.Chart(charts.data(found.rows)).encode(
        x=alt.X("decile:O", title="Tenth of customers, riskiest first",
                axis=alt.Axis(labelAngle=0)),
    )  # fmt: skip
    chart = alt.layer(
        base.mark_bar().encode(
            y=alt.Y("attrition_rate:Q", title="Share that left", axis=alt.Axis(format=".0%")),
            color=alt.condition("datum.decile == 1", alt.value(charts.RISK),
                                alt.value(charts.CALM)),
            tooltip=["decile:O", alt.Tooltip("attrition_rate:Q", format=".1%"),
                     alt.Tooltip("lift:Q", format=".2f"), "row_count:Q", "attrition_count:Q"],
        ),
        base.mark_text(dy=-8, fontSize=11).encode(
            y="attrition_rate:Q", text=alt.Text("attrition_rate:Q", format=".0%")
        ),
    )  # fmt: skip
    return Told(says, charts.figure(chart, says))


@part("Is 30% really 30%?", "curves", "metrics", is_wide=False)
def calibration(found: Found, metrics: Found) -> Told | None:
    """Compare what was said with what happened."""
    rows = [row for row in found.rows if row["curve"] == "calibration"]
    if not rows:
        return None
    model = _model(metrics)
    says = (
        f"On average the model said {words.percent(model['mean_probability'], 1)} and "
        f"{words.percent(model['attrition_share'], 1)} left. "
        + ("Probabilities can be read as shares: points lie near the line."
           if model["ece"] < 0.03 else
           "Read probabilities with care: points lie off the line by "
           f"{words.percent(model['ece'], 1)} on average.")
    )  # fmt: skip
    top = max(max(row["x"], row["y"]) for row in rows)
    line = alt.Chart(charts.data([{"x": 0, "y": 0}, {"x": top, "y": top}]))
    points = alt.Chart(charts.data(rows)).encode(
        x=alt.X("x:Q", title="Said by the model", axis=alt.Axis(format=".0%")),
        y=alt.Y("y:Q", title="Left", axis=alt.Axis(format=".0%")),
        tooltip=[alt.Tooltip("x:Q", format=".1%", title="said"),
                 alt.Tooltip("y:Q", format=".1%", title="left"),
                 alt.Tooltip("row_count:Q", title="rows")],
    )  # fmt: skip
    chart = alt.layer(
        line.mark_line(color=charts.MUTED, strokeDash=[4, 3], strokeWidth=1.25).encode(
            x="x:Q", y="y:Q"
        ),
        points.mark_line(color=charts.CALM, strokeWidth=1.5),
        points.mark_point(color=charts.CALM, opacity=1).encode(
            size=alt.Size("row_count:Q", title="Rows", scale=alt.Scale(range=[30, 320]),
                          legend=None)
        ),
    )  # fmt: skip
    says += " A larger point stands for more rows."
    return Told(says, charts.figure(chart, says))


@part("ROC", "curves", "metrics", is_wide=False)
def roc(found: Found, metrics: Found) -> Told | None:
    """Draw the ROC curve."""
    return _curve(found, metrics, "roc")


@part("Precision and recall", "curves", "metrics", is_wide=False)
def precision_recall(found: Found, metrics: Found) -> Told | None:
    """Draw precision over recall."""
    return _curve(found, metrics, "precision_recall")


def _curve(found: Found, metrics: Found, curve: str) -> Told | None:
    rows = [row for row in found.rows if row["curve"] == curve]
    if not rows:
        return None
    model = _model(metrics)
    share = model["attrition_share"]
    if curve == "roc":
        names = "Stayers flagged by mistake", "Leavers found"
        guess = [{"x": 0, "y": 0}, {"x": 1, "y": 1}]
        says = (
            "Each point is a threshold, the probability from which customers are flagged. The area "
            f"under the curve is the ROC AUC, {words.score(model['roc_auc'])} "
            f"({words.score(model['roc_auc_lower'])} to {words.score(model['roc_auc_upper'])}); "
            "the dashed line is guessing. The steeper its start, the fewer calls are wasted."
        )
    else:
        names = "Leavers found", "Leavers among the flagged"
        guess = [{"x": 0, "y": share}, {"x": 1, "y": share}]
        says = (
            f"At the threshold {words.percent(model['recall'])} of the leavers are found (recall), "
            f"and {words.percent(model['precision'])} of the flagged leave (precision), where "
            f"guessing would have {words.percent(share)} (dashed): move along the curve to trade "
            "one for the other."
        )
    chart = alt.layer(
        alt.Chart(charts.data(guess)).mark_line(
            color=charts.MUTED, strokeDash=[4, 3], strokeWidth=1.25
        ).encode(x="x:Q", y="y:Q"),
        alt.Chart(charts.data(rows)).mark_line(color=charts.CALM).encode(
            x=alt.X("x:Q", title=names[0], axis=alt.Axis(format=".0%"),
                    scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("y:Q", title=names[1], axis=alt.Axis(format=".0%"),
                    scale=alt.Scale(domain=[0, 1])),
            order="point:Q",
            tooltip=[alt.Tooltip("x:Q", format=".1%", title=names[0]),
                     alt.Tooltip("y:Q", format=".1%", title=names[1]),
                     alt.Tooltip("threshold:Q", format=".3f")],
        ),
    )  # fmt: skip
    return Told(says, charts.figure(chart, says))


@part("Right and wrong at the threshold", "confusion_matrix", "version", is_wide=False)
def confusion(found: Found, version: Found) -> Told | None:
    """Count whom the threshold finds, misses and calls in vain."""
    cells = {(row["actual"], row["predicted"]): row for row in found.rows}
    if not cells:
        return None

    def count(actual: int, predicted: int) -> int:
        return cells.get((actual, predicted), {}).get("row_count", 0)

    says = (
        f"Flagged from {words.percent(version.first['decision_threshold'])} up: "
        f"{words.counted(count(1, 1), 'leaver')} found and {words.number(count(1, 0))} missed, at "
        f"the price of {words.counted(count(0, 1), 'call')} to customers who would have stayed. "
        "If a missed leaver costs you much more than a call, lower the threshold."
    )

    def cell(actual: int, predicted: int, name: str, kind: str) -> Markup:
        share = cells.get((actual, predicted), {}).get("row_share")
        return Markup('<td class="{}"><b>{}</b><span>{}</span><small>{}</small></td>').format(
            kind, words.number(count(actual, predicted)), name, words.percent(share)
        )

    body = Markup(
        '<table class="confusion"><thead><tr><td></td><th scope="col">flagged</th>'
        '<th scope="col">not flagged</th></tr></thead><tbody>'
        '<tr><th scope="row">left</th>{}{}</tr><tr><th scope="row">stayed</th>{}{}</tr>'
        "</tbody></table>"
    ).format(
        cell(1, 1, "found", "right"), cell(1, 0, "missed", "wrong"),
        cell(0, 1, "called in vain", "wrong"), cell(0, 0, "rightly left alone", "right"),
    )  # fmt: skip
    return Told(says, body)


@part("Does it work for everyone?", "segments", "metrics")
def by_segment(found: Found, metrics: Found) -> Told | str | None:
    """Draw how good the model is in each segment."""
    if not metrics.rows:
        return None
    everyone = segments.named(found.rows)
    rows = [row for row in everyone if row["roc_auc"] is not None and row["attrition_count"] >= 10]
    if not rows:
        return "No segment has ten attritions among the test rows, too few to judge one alone."
    worst = min(rows, key=lambda row: row["roc_auc"])
    off = max(rows, key=lambda row: abs(row["mean_probability"] - row["attrition_share"]))
    says = (
        f"It tells customers apart least well in {worst['name']} "
        f"({words.score(worst['roc_auc'])}), and its probabilities are furthest off in "
        f"{off['name']}, where it said {words.percent(off['mean_probability'])} and "
        f"{words.percent(off['attrition_share'])} left. Use those with care."
    )
    whole = _model(metrics)["roc_auc"]
    ends = [row[f"roc_auc_{end}"] for row in rows for end in ("lower", "upper")]
    figures = segments.small_figures(
        rows,
        lambda row: abs(row["roc_auc"] - whole),
        partial(_points, whole=whole, ends=[min(*ends, whole), max(*ends, whole)]),
        "ROC AUC with its 95% interval",
    )
    says += (
        " Shown is the ROC AUC of those that differ most from the whole (the dashed line), with "
        "the interval that should hold it 19 times in 20."
    )
    columns = [Column("row_count", "Rows", "count"), Column("attrition_count", "Left", "count"),
               Column("attrition_share", "Share that left", "percent"),
               Column("mean_probability", "Model said", "percent"),
               Column("roc_auc", "ROC AUC", "score"),
               Column("roc_auc_lower", "From", "score"),
               Column("roc_auc_upper", "To", "score")]  # fmt: skip
    return Told(says, figures + segments.all_of_them(everyone, columns, "Metrics by segment"))


def _points(rows: list[segments.Row], whole: float, ends: list[float]) -> alt.LayerChart:
    """Return the ROC AUC of segments on a scale between two ends."""
    base = alt.Chart(charts.data(rows)).encode(y=segments.value_axis())
    scale = alt.Scale(domain=ends, zero=False, nice=True)
    return alt.layer(
        alt.Chart(charts.data([{"at": whole}]))
        .mark_rule(color=charts.MUTED, strokeDash=[4, 3])
        .encode(x=alt.X("at:Q", scale=scale)),
        base.mark_rule(color=charts.SOFT, strokeWidth=3).encode(
            x=alt.X("roc_auc_lower:Q", scale=scale), x2="roc_auc_upper:Q"
        ),
        base.mark_point(color=charts.CALM, size=60, opacity=1).encode(
            x=alt.X("roc_auc:Q", title=None, scale=scale), tooltip=_interval()
        ),
    )


PARTS = (
    systems,
    all_metrics,
    lift,
    calibration,
    roc,
    precision_recall,
    confusion,
    over_time.backtest,
    by_segment,
    over_time.promotions,
)
