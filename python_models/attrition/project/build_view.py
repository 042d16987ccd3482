"""What a person sees while dbt builds: one moving line, and only the messages that matter.

dbt prints two lines for every model and every test, some nine hundred here; its own output
is one option away (`attrition build --verbose`).
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_BUILT = {"LogModelResult", "LogSeedResult"}
_TOLD = {"JinjaLogInfo", "JinjaLogWarning"}


def show_build(
    lines: Iterable[str],
    console: Console,
    only_trouble: bool = False,
    errors: list[str] | None = None,
) -> None:
    """Show dbt's log, one JSON object a line, as progress; other lines are passed on.

    On a terminal there is a bar; elsewhere one line for each table that was built.

    Args:
        lines: What dbt writes.
        console: Where to show it.
        only_trouble: Leave out what the project's macros tell.
        errors: Gets what dbt says of errors, which are not shown then.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("Reading the project", total=None)
        kept: Counter[str] = Counter()
        for line in lines:
            event = _event(line)
            if event is None:
                _tell(console, line)
                continue
            info, data = event["info"], event.get("data", {})
            if info["name"] == "ConcurrencyLine":
                progress.update(task, total=data.get("node_count"))
            elif info["name"] == "LogStartLine":
                progress.update(task, description=_short(data.get("node_info", {})))
            elif "index" in data and "execution_time" in data:
                progress.update(task, completed=data["index"])
                kept[str(data.get("status"))] += 1
                if not console.is_terminal and info["name"] in _BUILT:
                    _tell(console, f"{_short(data['node_info'])}  {_took(data)}")
            if errors is not None and info["level"] == "error":
                errors.append(info["msg"])
                continue
            is_told = info["name"] in _TOLD and not only_trouble
            if info["level"] in {"warn", "error"} or is_told:
                _tell(console, info["msg"])
        for status, count in sorted(kept.items()):
            if status.startswith("KEPT") and not only_trouble:
                is_whole = status == "KEPT"
                why = "Nothing that they read has changed" if is_whole else "Later rows are new"
                _tell(console, f"Tables {status.lower()}: {count}. {why}.")


def _event(line: str) -> dict[str, Any] | None:
    """Return a line of dbt's JSON log as a mapping, None when it is anything else."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    is_event = isinstance(event, dict) and {"name", "level", "msg"} <= event.get("info", {}).keys()
    return event if is_event else None


def _took(data: dict[str, Any]) -> str:
    status, took = str(data.get("status")), f"{data['execution_time']:.1f} s"
    if not status.startswith("KEPT"):
        return took
    return "kept" if status == "KEPT" else f"{status.lower()}, {took}"


def _short(node: dict[str, Any]) -> str:
    name = str(node.get("node_name", ""))
    return name if len(name) <= 44 else f"{name[:43]}…"


def _tell(console: Console, text: str) -> None:
    if text.strip():
        console.print(text.rstrip(), markup=False, highlight=False, soft_wrap=True)
