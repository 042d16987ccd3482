"""What is in the data: spread of the features, gaps, rejected records."""

from typing import Any, get_args

import altair as alt
from markupsafe import Markup

from attrition.report import charts, words
from attrition.report.part import Told, part
from attrition.report.source import Found
from attrition.report.tables import Column, table
from attrition.settings.model import Domain

_SPLITS = {"train": "training", "test": "test", "scored": "scored now"}
_SHOWN = 6


@part("What is not known of customers", "gaps", "features")
def gaps(found: Found, features: Found) -> Told | str:
    """List the features that are not known of everyone."""
    count = sum(row["selected_count"] for row in features.rows)
    domains = words.listed([words.words(row["domain"]) for row in features.rows])
    if not count:
        return "There are no features yet."
    absent = absent_records(features)
    if not found.rows:
        return (
            f"All {words.counted(count, 'feature')} (of {domains}) are known of every customer."
            f"{absent}"
        )
    top = found.rows[0]
    says = (
        f"{len(found.rows)} of {words.counted(count, 'feature')} (of {domains}) are not known of "
        f"everyone; most often {words.feature(top['feature'])} is missing, for "
        f"{words.percent(top['missing_scored'])} of those scored now. A share that differs much "
        "between training and now means that records have come in or stopped: ask who delivers "
        f"them.{absent}"
    )
    columns = [Column("feature", "Feature"), Column("missing_train", "In training", "percent"),
               Column("missing_test", "In test", "percent"),
               Column("missing_scored", "Scored now", "percent"),
               Column("description", "What it is")]  # fmt: skip
    rows = [{**row, "feature": words.feature(row["feature"])} for row in found.rows]
    return Told(says, table(rows, columns, "Share missing by feature"))


def absent_records(features: Found) -> str:
    """Say which kinds of records that could be used are not there; empty where all are."""
    used = {row["domain"] for row in features.rows}
    absent = [words.words(name) for name in get_args(Domain) if name not in used]
    if not absent or "sales" not in used:  # another dataset than that of this project's sources
        return ""
    return f" No records of {words.listed(absent, 'or')} are used."


@part("Rejected records", "rejected")
def rejected(found: Found) -> Told | str:
    """Count the records that broke a rule."""
    if not found.rows:
        return "No record was rejected: all that was delivered is used."
    total = sum(row["record_count"] for row in found.rows)
    top = found.first
    says = (
        f"{words.counted(total, 'record')} broke a rule and are in no number of this page, most "
        f"of them in {top['table_name']} ({words.words(top['rule'])}: "
        f"{words.number(top['record_count'])}). Have them corrected at the source."
    )
    columns = [Column("table_name", "Table"), Column("rule", "Rule broken"),
               Column("record_count", "Records", "count")]  # fmt: skip
    rows = [{**row, "rule": words.words(row["rule"])} for row in found.rows]
    return Told(says, table(rows, columns, "Rejected records by rule"))


@part("How the features are spread", "feature_profile")
def profile(found: Found) -> Told | None:
    """Draw the range of the features that moved most, and list all of them."""
    if not found.rows:
        return None
    by_feature: dict[str, dict[str, Any]] = {}
    for row in found.rows:
        by_feature.setdefault(row["feature"], {})[row["split"]] = row
    whole = {name: rows for name, rows in by_feature.items() if {"train", "scored"} <= set(rows)}
    count = words.counted(len(by_feature), "feature")
    moved = next(iter(whole), None)
    if moved is None:
        says = f"Median and the range of nine customers in ten, of {count} that are numbers."
        return Told(says, _ranges_table(by_feature))
    then, now = whole[moved]["train"], whole[moved]["scored"]
    says = (
        f"Of {count} that are numbers {words.feature(moved)} moved most: its median (half of the "
        "customers have less) was "
        f"{words.value(then['median'], None, then['unit'])} in training and is "
        f"{words.value(now['median'], None, now['unit'])} now. Where “scored now” lies far from "
        "“training”, the model judges customers unlike those it has seen: trust it less there."
    )
    first = dict(list(whole.items())[:_SHOWN])
    figures = Markup("").join(_ranges(name, rows) for name, rows in first.items())
    body = Markup(
        '<div class="small-multiples">{}</div><details><summary>All {}</summary>{}</details>'
    ).format(figures, count, _ranges_table(by_feature))
    return Told(says, body)


def _ranges(name: str, rows: dict[str, dict[str, Any]]) -> Markup:
    """Return the range of nine in ten, the middle half and the median of one feature."""
    shown = [{**rows[split], "in": told} for split, told in _SPLITS.items() if split in rows]
    unit = shown[0]["unit"]
    base = alt.Chart(charts.data(shown)).encode(
        y=alt.Y("in:N", sort=None, title=None, axis=alt.Axis(grid=False)),
        color=alt.condition("datum.split == 'scored'", alt.value(charts.RISK),
                            alt.value(charts.CALM)),
    )  # fmt: skip
    title = f"{words.feature(name)}{f' ({unit})' if unit else ''}"
    x = alt.X("p05:Q", title=title, scale=alt.Scale(zero=False))
    chart = alt.layer(
        base.mark_rule(strokeWidth=2).encode(x=x, x2="p95:Q"),
        base.mark_rule(strokeWidth=7).encode(x="p25:Q", x2="p75:Q"),
        base.mark_tick(thickness=3, size=20, color=charts.INK).encode(
            x="median:Q", color=alt.value(charts.INK),
            tooltip=[alt.Tooltip(f"{column}:Q", format=",.4~g")
                     for column in ("p05", "p25", "median", "p75", "p95")],
        ),
    )  # fmt: skip
    label = f"How {words.feature(name)} is spread in training, in the test and now."
    return charts.figure(chart, label, 30 * len(shown))


def _ranges_table(by_feature: dict[str, dict[str, Any]]) -> Markup:
    listed = []
    for name in sorted(by_feature):
        rows = by_feature[name]
        told: dict[str, Any] = {
            split: f"{row['median']:,.4g} ({row['p05']:,.4g} to {row['p95']:,.4g})"
            for split, row in rows.items()
        }
        listed.append(
            {**told, "feature": words.feature(name), "unit": next(iter(rows.values()))["unit"]}
        )
    columns = [Column("feature", "Feature"), Column("unit", "Unit"),
               *(Column(split, told, "right") for split, told in _SPLITS.items())]  # fmt: skip
    return table(listed, columns, "Median, and the range of nine customers in ten")


PARTS = (gaps, rejected, profile)
