"""The part of a customer's page where features are changed and the score follows."""

from collections.abc import Sequence

import streamlit as st
from attrition.report import words
from attrition.report.source import Row

from app.drawing import says
from app.reader import Reader
from app.what_if import CAUTION, CUSTOMER, INPUTS, LEVELS, Value, WhatIf, bounds, moves, offered

_UNKNOWN = "unknown"


@st.fragment
def show_what_if(
    copy: Reader, customer_id: str, threshold: float | None, moved: Sequence[Row]
) -> None:
    """Draw inputs for features, and what the champion says of them.

    Args:
        copy: What to ask.
        customer_id: Whose features.
        threshold: From which probability on a customer is flagged.
        moved: `feature` and `contribution` of the customer as they are; may be empty.
    """
    st.info(CAUTION)
    inputs = {row["feature"]: row for row in copy.rows(INPUTS)}
    levels: dict[str, list[str]] = {}
    for row in copy.rows(LEVELS):
        levels.setdefault(row["feature"], []).append(row["level"])
    now = copy.rows(CUSTOMER, {"customer_id": customer_id})[0]
    contributions = {row["feature"]: row["contribution"] for row in moved}
    chosen = st.multiselect(
        "Features to change",
        sorted(inputs, key=lambda name: (-abs(contributions.get(name, 0)), name)),
        default=offered(list(inputs.values()), contributions),
        format_func=words.feature,
        key=f"chosen {customer_id}",
    )
    left, right = st.columns([3, 2])
    with left:
        values = {
            name: _input(inputs[name], levels.get(name, []), now[name], customer_id)
            for name in chosen
        }
    changes = {name: value for name, value in values.items() if not _same(value, now[name])}
    result = copy.what_if(customer_id, changes)
    with right:
        _result(result, now, threshold)


def _input(row: Row, known: list[str], now: Value | bool, customer_id: str) -> Value:
    """Ask for the value of a feature; begins with what it is."""
    name = words.feature(row["feature"])
    key = f"{row['feature']} {customer_id}"
    if row["data_type"] == "numeric":
        return _number(row, now, name, key)
    if row["data_type"] == "boolean":
        options: list[Value] = [1.0, 0.0, None]
        said = {1.0: "yes", 0.0: "no", None: _UNKNOWN}
        value = None if now is None else float(now)
        return st.radio(
            name, options, options.index(value), format_func=said.get, horizontal=True, key=key,
            help=row["description"],
        )  # fmt: skip
    levels: list[Value] = [*known]
    if now is not None and now not in levels:
        levels.append(now)
    levels.append(None)
    return st.selectbox(
        name, levels, levels.index(now), key=key, help=row["description"],
        format_func=lambda level: _UNKNOWN if level is None else words.words(level),
    )  # fmt: skip


def _number(row: Row, now: float | None, name: str, key: str) -> float | None:
    low, high, step = bounds(row, now)
    unit = f", {row['unit']}" if row["unit"] else ""
    is_known = st.checkbox(f"{name} is known", False, key=f"known {key}") if now is None else True
    if not is_known:
        return None
    value = low if now is None else float(now)
    return st.slider(
        f"{name}{unit}", low, high, value, step, key=key, help=row["description"],
        format="%.0f" if step >= 1 else "%.4g",
    )  # fmt: skip


def _same(value: Value, now: Value | bool) -> bool:
    if value is None or now is None or isinstance(value, str):
        return value == now
    return abs(value - float(now)) < 1e-9 * max(1.0, abs(value))


def _result(result: WhatIf, now: Row, threshold: float | None) -> None:
    difference = result.changed.probability - result.now.probability
    st.metric(
        "The model would say",
        words.percent(result.changed.probability, 1),
        f"{100 * difference:+.1f} points" if result.alone else None,
        delta_color="inverse",
        border=True,
    )
    flagged = ""
    if threshold is not None:
        is_flagged = result.changed.probability >= threshold
        flagged = f" That is {'' if is_flagged else 'not '}flagged as leaving."
    says(
        f"It says {words.percent(result.now.probability, 1)} of the customer as they are; log-odds "
        f"move from {result.now.margin:.2f} to {result.changed.margin:.2f}.{flagged}"
    )
    if not result.alone:
        says("Change a value to see what the model would say.")
        return
    rows = [
        {
            "Changed alone": words.feature(name),
            "Would be": words.percent(said.probability, 1),
            "Log-odds": _arrow(said.margin - result.now.margin),
        }
        for name, said in result.alone.items()
    ]
    st.table(rows)
    pushes = [
        {"Pushes otherwise": words.feature(name), "Before": _push(before), "Now": _push(after)}
        for name, before, after in moves(result)
    ]
    if pushes:
        st.table(pushes)


def _push(contribution: float) -> str:
    return "nothing" if abs(contribution) < 0.005 else _arrow(contribution)


def _arrow(change: float) -> str:
    if abs(change) < 0.005:
        return "no change"
    return f"▲ {change:+.2f} raises" if change > 0 else f"▼ {change:+.2f} lowers"
