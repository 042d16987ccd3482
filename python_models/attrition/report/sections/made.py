"""How it was made: the split on a time line, the version, the settings, what is not known."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from attrition.report import charts, words
from attrition.report.part import Told, part
from attrition.report.source import Found
from attrition.report.tables import Column, table

_FACTS = {
    "description": "In a sentence",
    "target": "Target",
    "population": "Population",
    "attrition_horizon": "Silence that is leaving",
    "feature_count": "Features",
    "num_round": "Trees",
    "max_depth": "Questions in a row in a tree",
    "trial_count": "Settings tried",
    "sampling": "Sampling of rows",
    "calibration": "How probabilities are set right",
    "decision_threshold": "Flagged from a probability of",
    "is_reproducible": "Same data give the same model",
    "knows_until": "Knows records before",
    "created_at": "Trained",
    "library_version": "attrition",
    "xgboost_version": "XGBoost",
    "last_decision_reason": "Newest decision",
}
_MEANINGS = {
    "validation": "Validation chooses among candidates.",
    "calibration": "Calibration sets probabilities right.",
    "embargo": (
        "The outcome of embargo rows reaches into the days of validation or test, so they are "
        "learnt from only after those have judged."
    ),
    "unlabelled": "Unlabelled rows have no outcome yet.",
}
_SPLITS = ("train", "validation", "calibration", "embargo", "test", "unlabelled")


@part("Which days teach, which judge", "splits", "version")
def time_line(found: Found, version: Found) -> Told | str:
    """Draw the splits on a time line."""
    if not found.rows:
        return "There is no snapshot: the data holds no customer to look at."
    rows = sorted(
        ({**row, "text": words.counted(row["row_count"], "row")} for row in found.rows),
        key=lambda row: _SPLITS.index(row["split"]) if row["split"] in _SPLITS else 99,
    )
    test = next((row for row in rows if row["split"] == "test"), None)
    newest = max(row["last_as_of_date"] for row in rows)
    says = f"A row is a customer as of one day, up to {words.day(newest)}. " + (
        f"The version is judged on the {words.counted(test['row_count'], 'row')} of test, from "
        f"{words.day(test['first_as_of_date'])} to {words.day(test['last_as_of_date'])}, "
        f"{_apart(rows, test)}.{_fitted(rows, version.first)}"
        if test
        else "Nothing could be set aside to judge a version on: a longer history would allow it."
    )
    order = [row["split"] for row in rows]
    says = " ".join([says, *(told for split, told in _MEANINGS.items() if split in order)])
    base = alt.Chart(charts.data(rows)).encode(
        y=alt.Y("split:N", sort=order, title=None, axis=alt.Axis(grid=False)),
        color=alt.condition("datum.split == 'test'", alt.value(charts.RISK),
                            alt.value(charts.CALM)),
        x=alt.X("first_as_of_date:T", title="Day as of which customers are looked at",
                scale=alt.Scale(padding=10),
                axis=alt.Axis(format="%b %Y", labelOverlap=True)),
        tooltip=["split:N", alt.Tooltip("first_as_of_date:T", format="%d %b %Y"),
                 alt.Tooltip("last_as_of_date:T", format="%d %b %Y"), "snapshot_count:Q",
                 alt.Tooltip("row_count:Q", format=","), alt.Tooltip("attrition_count:Q",
                                                                     format=",")],
    )  # fmt: skip
    chart = alt.layer(
        base.mark_rule(strokeWidth=9, strokeCap="round").encode(x2="last_as_of_date:T"),
        base.mark_point(size=90, opacity=1),
        base.mark_text(dy=-12, align="left", fontSize=11).encode(
            text="text:N", color=alt.value(charts.INK)
        ),
    )
    return Told(says, charts.figure(chart, says, 40 * len(rows)))


def _apart(rows: Sequence[Mapping[str, Any]], test: Mapping[str, Any]) -> str:
    """Say how the test is kept apart from what was learnt from."""
    learnt = [row["last_as_of_date"] for row in rows if row["fit_row_count"]]
    if learnt and max(learnt) >= test["first_as_of_date"]:
        return "of customers that it did not learn from"
    return "all later than what it learnt from"


def _fitted(rows: Sequence[Mapping[str, Any]], version: Mapping[str, Any]) -> str:
    """Say which rows the judged fit learnt from."""
    count = sum(row["fit_row_count"] for row in rows)
    if not version:
        return ""
    if count != version["fit_row_count"]:
        return (
            f" It was fitted on {words.counted(version['fit_row_count'], 'row')} of an earlier "
            "build, which these are not."
        )
    parts = [
        f"{words.number(row['fit_row_count'])} of {row['split']}"
        for row in rows
        if row["fit_row_count"]
    ]
    return f" For that it is fitted on {words.counted(count, 'row')}: {words.listed(parts)}."


@part("The version", "version", "plan", is_wide=False)
def version(found: Found, plan: Found) -> Told | str:
    """Say what the version is."""
    row = found.first
    if not row:
        return f"There is no version yet: {plan.first.get('reason') or 'training has not run'}."
    role = "The champion" if row["is_in_charge"] else "The newest version, which is not in charge,"
    form = row["model_form"].replace("boosted trees", "boosted trees (many small decision trees)")
    says = (
        f"{role} {row['version_id']} is {form}. It is judged as fitted on "
        f"{words.counted(row['fit_row_count'], 'row')} as of "
        f"{words.day(row['judged_last_label_date'])} and before; {serving(row)}."
    )
    shown = {**row, "attrition_horizon": words.horizon(row)}
    rows = [{"name": told, "value": _shown(shown[name])} for name, told in _FACTS.items()]
    body = table(rows, [Column("name", "What"), Column("value", "Value")], "The version")
    return Told(says, body)


def serving(version: Mapping[str, Any]) -> str:
    """Say what scores beside what was judged."""
    if version["refit"] != "all_labelled":
        return "the same fit scores"
    return (
        "what scores is fitted again in the same way, on all rows with an outcome up to "
        f"{words.day(version['serving_last_label_date'])} but those of calibration"
    )


def _shown(value: object) -> str:
    if value is None:
        return words.UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return words.day(value) if hasattr(value, "year") else str(value)


@part("The settings", "plan", is_wide=False)
def settings(found: Found) -> Told | str:
    """List the settings."""
    text = found.first.get("settings")
    if not text:
        return "The build holds no plan, so its settings are not known."
    chosen = json.loads(text)
    says = (
        f"{words.counted(len(chosen), 'setting')} decide what is trained and scored; "
        "docs/settings.md says what each one means, dbt_project.yml is where to change it."
    )
    rows = [
        {"name": name, "value": value if isinstance(value, str) else json.dumps(value)}
        for name, value in sorted(chosen.items())
    ]
    body = table(rows, [Column("name", "Setting"), Column("value", "Value")], "Settings")
    return Told(says, body)


@part("What nobody can know from this", "version", "sensitive_features", "features")
def limits(version: Found, sensitive: Found, features: Found) -> str:
    """Say what the data and the model cannot tell."""
    row, newest = version.first, "The newest days"
    told = "Who leaves is told by silence alone"
    if row:
        told += f": {words.leaving(row, [one['domain'] for one in features.rows])}"
        newest = f"The last {words.horizon(row)}"
    names = words.listed([words.feature(one["feature"]) for one in sensitive.rows])
    return (
        f"{told}. {newest} have no outcome yet, a customer who says goodbye is not known of, and "
        "what raises a probability need not be what makes people leave. "
        + (
            f"{words.counted(len(sensitive.rows), 'feature')} in use are sensitive ({names}): "
            "check that you may decide by them, or take them out with the setting `drop`."
            if names
            else "No sensitive feature is in use."
        )
    )


PARTS = (time_line, version, settings, limits)
