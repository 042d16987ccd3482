"""How fast, how large: the project beside its peers and beside what is possible, in one run."""

import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Measured:
    """One measured figure.

    Attributes:
        name: What was measured.
        size: How many customers or rows.
        value: The figure, a median where it was measured several times.
        unit: Its unit.
        against: What it is held against; None where it stands for itself.
        ratio: The figure over that of `against`, measured in the same run.
        peak_mb: Most memory that the process held; None where it was not measured.
        goal: What the ratio, or the figure where there is no ratio, may be at most.
        met: Whether it is; None without a goal.
    """

    name: str
    size: int
    value: float
    unit: str
    against: str | None = None
    ratio: float | None = None
    peak_mb: float | None = None
    goal: float | None = None
    met: bool | None = None


def interleaved(
    first: Callable[[], Any], second: Callable[[], Any], times: int = 3
) -> tuple[float, float]:
    """Return the median seconds of two calls that take turns, so that neither has the calm hour."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for call, taken in zip((first, second), seconds, strict=True):
            start = time.perf_counter()
            call()
            taken.append(time.perf_counter() - start)
    return statistics.median(seconds[0]), statistics.median(seconds[1])


def peak_mb(function: Callable[..., Any], *given: Any) -> float:
    """Return the largest memory of a new process that calls a function of a module, in MB."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(_peak_after, function, given).result()


def _peak_after(function: Callable[..., Any], given: tuple[Any, ...]) -> float:
    function(*given)
    return own_peak_mb()


def own_peak_mb() -> float:
    """Return the most memory that this process ever held, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        # what getrusage says has the peak of the process that started this one in it
        [line] = [one for one in status.read_text().splitlines() if one.startswith("VmHWM:")]
        return int(line.split()[1]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # kilobytes, on macOS bytes
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def show(rows: Iterable[Measured]) -> None:
    table = Table("what", "size", "value", "unit", "ratio", "against", "peak MB", "goal", "met")
    for row in rows:
        table.add_row(
            row.name, f"{row.size:,}", f"{row.value:,.1f}", row.unit,
            "" if row.ratio is None else f"{row.ratio:.2f}", row.against or "",
            "" if row.peak_mb is None else f"{row.peak_mb:,.0f}",
            "" if row.goal is None else f"{row.goal:,g}",
            "" if row.met is None else ("yes" if row.met else "no"),
        )  # fmt: skip
    Console(width=150).print(table)
