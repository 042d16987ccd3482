"""What was measured, as JSON and as a table."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.measures import LOWER_IS_BETTER, METRICS, Measured

RESULTS = Path(__file__).resolve().parent / "results"
THIS_PROJECT = "this project"


@dataclass(frozen=True)
class Record:
    """One system on one task.

    Attributes:
        rows: Test rows.
        seeds: How many seeds the metrics are the mean of.
        interval: 95 % interval of each metric, by bootstrapping customers.
        spread: Standard deviation of each metric over the seeds; empty for one seed.
    """

    data_set: str
    task: str
    system: str
    rows: int
    seeds: int
    metrics: dict[str, float]
    interval: dict[str, tuple[float, float]]
    spread: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls, data_set: str, task: str, system: str, rows: int, seeds: int, measured: Measured
    ) -> "Record":
        figures = (dict(measured.metrics), dict(measured.interval), dict(measured.spread))
        return cls(data_set, task, system, rows, seeds, *figures)


def write_json(path: Path, content: Any) -> None:
    """Write a file of results; it appears only once it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(json.dumps(content, indent=2) + "\n")
    unfinished.replace(path)


def keep_results(console: Console, path: Path | None, content: Any) -> None:
    """Write results where there is a place for them; say where, or that there is none."""
    if path is None:
        console.print("The kept results are left as they are: not everything ran.")
        return
    write_json(path, content)
    console.print(f"Written: {path}")


def as_json(records: Iterable[Record]) -> list[dict[str, Any]]:
    return [asdict(record) for record in records]


def show_records(console: Console, records: Sequence[Record]) -> None:
    """Print a table per task, the best ranking first; this project is marked."""
    for (data_set, task), group in groupby(records, key=lambda one: (one.data_set, one.task)):
        ordered = sorted(group, key=lambda one: -one.metrics["roc_auc"])
        title = f"{data_set}; {task}; {ordered[0].rows:,} test rows"
        console.print(_table(title, ordered))
    console.print(
        "Mean over the seeds, and its 95 % interval over 300 samples of the customers.", style="dim"
    )


def _table(title: str, records: Sequence[Record]) -> Table:
    table = Table(title=title, title_justify="left", show_lines=False)
    table.add_column("system")
    table.add_column("seeds", justify="right")
    best = {
        name: (min if name in LOWER_IS_BETTER else max)(one.metrics[name] for one in records)
        for name in METRICS
    }
    for name in METRICS:
        table.add_column(name.replace("_", " "), justify="right")
    for one in records:
        cells = [_cell(one, name, one.metrics[name] == best[name]) for name in METRICS]
        is_ours = one.system == THIS_PROJECT
        name = f"[bold]> {one.system}[/bold]" if is_ours else f"  {one.system}"
        table.add_row(name, str(one.seeds), *cells)
    return table


def _cell(record: Record, name: str, is_best: bool) -> str:
    low, high = record.interval[name]
    value = f"{record.metrics[name]:.4f}"
    marked = f"[bold]{value}[/bold]" if is_best else value
    return f"{marked}\n[dim]{low:.3f}-{high:.3f}[/dim]"
