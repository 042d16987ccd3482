"""What the page says of the model, for programs (JSON) and for reviewers (a model card)."""

import json
from typing import Any

from attrition.report.sections.made import serving
from attrition.report.source import Source
from attrition.report.templates import environment

_TABLES = {
    "version": "version",
    "last_decision": "last_decision",
    "scores": "scored",
    "systems": "metrics",
    "lift": "lift",
    "confusion_matrix": "confusion_matrix",
    "curves": "curves",
    "backtest": "backtest",
    "segments": "segments",
    "profit": "profit_curve",
    "value_at_risk": "value_at_risk",
    "forecast": "forecast",
    "past_forecasts": "forecast_summary",
    "importance": "importance",
    "promotions": "promotions",
    "splits": "splits",
    "gaps": "gaps",
    "rejected_records": "rejected",
    "sensitive_features": "sensitive_features",
}
_ONE_ROW = {"version", "last_decision", "scores"}


def evaluation_json(source: Source) -> str:
    """Return every judgement of the page as JSON: a list of rows per query, null for unknown."""
    content: dict[str, Any] = {}
    for name, query in _TABLES.items():
        rows = source.read(query).rows
        content[name] = (rows[0] if rows else None) if name in _ONE_ROW else rows
    return json.dumps(content, indent=1, default=_as_text, ensure_ascii=False) + "\n"


def _as_text(value: Any) -> str:
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def model_card(source: Source) -> str:
    """Return the model card as Markdown: use, data, metrics by segment, what is sensitive."""
    version = source.read("version").first
    names = ("metrics", "segments", "splits", "gaps", "sensitive_features", "rejected")
    return (
        environment()
        .get_template("model_card.md")
        .render(
            {name: source.read(name).rows for name in names},
            version=version,
            serving=serving(version) if version else None,
            plan=source.read("plan").first,
            scored=source.read("scored").first,
            decision=source.read("last_decision").first,
            domains=[row["domain"] for row in source.read("features").rows],
        )
    )
