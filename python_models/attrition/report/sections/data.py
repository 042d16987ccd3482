"""What is in the data: spread of the features, gaps, rejected records."""

from attrition.report import words
from attrition.report.part import Told, part
from attrition.report.source import Found
from attrition.report.tables import Column, table


@part("What is not known", "gaps", "features")
def gaps(found: Found, features: Found) -> Told | str:
    """List the features that are not known of everyone."""
    count = sum(row["selected_count"] for row in features.rows)
    domains = words.listed([words.words(row["domain"]) for row in features.rows])
    if not count:
        return "There are no features yet."
    if not found.rows:
        return f"All {words.counted(count, 'feature')} (of {domains}) are known of every customer."
    top = found.rows[0]
    says = (
        f"{len(found.rows)} of {words.counted(count, 'feature')} (of {domains}) are not known of "
        f"everyone; most often {words.feature(top['feature'])} is missing, for "
        f"{words.percent(top['missing_scored'])} of those scored now. A share that differs much "
        "between training and now means that records have come in or stopped: ask who delivers "
        "them."
    )
    columns = [Column("feature", "Feature"), Column("missing_train", "In training", "percent"),
               Column("missing_test", "In test", "percent"),
               Column("missing_scored", "Scored now", "percent"),
               Column("description", "What it is")]  # fmt: skip
    rows = [{**row, "feature": words.feature(row["feature"])} for row in found.rows]
    return Told(says, table(rows, columns, "Share missing by feature"))


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
    """List the median and the range of each feature in training, in the test and now."""
    rows = [row for row in found.rows if row["median"] is not None]
    if not rows:
        return None
    by_feature: dict[str, dict] = {}
    for row in rows:
        made = by_feature.setdefault(
            row["feature"], {"feature": words.feature(row["feature"]), "unit": row["unit"]}
        )
        made[row["split"]] = f"{row['median']:,.4g} ({row['p05']:,.4g} to {row['p95']:,.4g})"
    says = (
        f"Median, and the range of nine customers in ten, of the "
        f"{words.counted(len(by_feature), 'feature')} that are numbers: where “scored now” lies "
        "far from “training”, the model judges customers unlike those it has seen."
    )
    columns = [Column("feature", "Feature"), Column("unit", "Unit"), Column("train", "Training"),
               Column("test", "Test"), Column("scored", "Scored now")]  # fmt: skip
    body = table(list(by_feature.values()), columns, "Spread of each feature")
    return Told(says, body)


PARTS = (gaps, rejected, profile)
