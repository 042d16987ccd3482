"""What was measured, as JSON and as a table."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.gains import GAINS
from benchmarks.measures import LOWER_IS_BETTER, METRICS

RESULTS = Path(__file__).resolve().parent / "results"
THIS_PROJECT = "this project"
SECONDS = (
    "seconds: to fit and to predict; of this project a training build, with its search, evaluation "
    "and dbt itself"
)
EXPLAINED = (
    "Mean over the seeds, and its 95 % interval over 300 samples of the customers. A gain is how "
    "much better this project is than that system, on the same samples: positive in its favour."
)


@dataclass(frozen=True)
class Record:
    """One system on one task.

    Attributes:
        rows: Test rows.
        seeds: How many seeds the metrics are the mean of.
        interval: 95 % interval of each metric, by bootstrapping customers.
        spread: Standard deviation of each metric over the seeds; empty for one seed.
        seconds: Time to fit and predict, mean over the seeds; of this project a training build.
        ece_perfect: Calibration error to expect if this system's probabilities were all true.
        gain: How much better this project is in some metrics; positive in its favour.
        gain_interval: 95 % interval of each gain, on the same samples for both.
        decision: What this project's gate decided of its first seed's version.
        reason: Why.
    """

    data_set: str
    task: str
    system: str
    rows: int
    seeds: int
    metrics: dict[str, float]
    interval: dict[str, tuple[float, float]]
    spread: dict[str, float] = field(default_factory=dict)
    seconds: float | None = None
    ece_perfect: float | None = None
    gain: dict[str, float] = field(default_factory=dict)
    gain_interval: dict[str, tuple[float, float]] = field(default_factory=dict)
    decision: str | None = None
    reason: str | None = None


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
        console.print(_table(f"{data_set}; {task}; {ordered[0].rows:,} test rows", ordered))
        for one in ordered:
            if one.decision:
                console.print(f"{one.system}, {one.decision}: {one.reason}", style="dim")
    console.print(EXPLAINED, style="dim")


def _table(title: str, records: Sequence[Record]) -> Table:
    table = Table(title=f"{title}\n{SECONDS}", title_justify="left", show_lines=False)
    table.add_column("system", no_wrap=True)
    for name in ("seeds", "seconds"):
        table.add_column(name, justify="right")
    best = {
        name: (min if name in LOWER_IS_BETTER else max)(one.metrics[name] for one in records)
        for name in METRICS
    }
    for name in METRICS:
        table.add_column(name.replace("_", " "), justify="right")
        if name in GAINS:
            table.add_column(f"gain in {name.replace('_', ' ')}", justify="right")
        if name == "ece":
            table.add_column("ece of a perfect model", justify="right")
    for one in records:
        is_ours = one.system == THIS_PROJECT
        system = f"[bold]> {one.system}[/bold]" if is_ours else f"  {one.system}"
        table.add_row(system, str(one.seeds), _number(one.seconds, ".1f"), *_cells(one, best))
    return table


def _cells(record: Record, best: Mapping[str, float]) -> Iterator[str]:
    for name in METRICS:
        value = f"{record.metrics[name]:.4f}"
        marked = f"[bold]{value}[/bold]" if record.metrics[name] == best[name] else value
        low, high = record.interval[name]
        yield f"{marked}\n[dim]{low:.3f}-{high:.3f}[/dim]"
        if name in GAINS:
            yield _gain(record, name)
        if name == "ece":
            yield _number(record.ece_perfect, ".4f")


def _gain(record: Record, name: str) -> str:
    if name not in record.gain:
        return ""
    low, high = record.gain_interval[name]
    return f"{record.gain[name]:+.4f}\n[dim]{low:+.4f} to {high:+.4f}[/dim]"


def _number(value: float | None, written: str) -> str:
    return "" if value is None else format(value, written)
