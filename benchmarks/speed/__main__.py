"""Speed, memory and growth: python -m benchmarks.speed --customers 10000 100000 1000000

Everything goes through the project's own build and library; peers and limits run in turn with it.
Parts can be run alone: `--part features --part build`.
"""

import argparse
import itertools
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from benchmarks.records import RESULTS, keep_results
from benchmarks.speed import Measured, features, reasons, show, training
from benchmarks.speed import build as whole
from benchmarks.speed import ray as engines

SIZES = (10_000, 100_000)
HANDED_OVER = 5_000_000
GROWTH_GOAL = 1.05
"""Ten times the customers may take so many times ten times as long."""


def builds(sizes: Sequence[int]) -> Iterator[Measured]:
    """Measure second builds of the sample, and first builds of generated customers."""
    with tempfile.TemporaryDirectory(prefix="speed_") as folder:
        yield from whole.nothing_due(Path(folder))
    for customers in sizes:
        with tempfile.TemporaryDirectory(prefix="speed_") as folder:
            yield from whole.whole_build(customers, Path(folder))


def all_features(sizes: Sequence[int]) -> Iterator[Measured]:
    """Measure features at each size."""
    for customers in sizes:
        with tempfile.TemporaryDirectory(prefix="speed_") as folder:
            yield from features.features_rows(customers, Path(folder))


PARTS: dict[str, Callable[[Sequence[int]], Iterable[Measured]]] = {
    "build": builds,
    "features": all_features,
    "training": lambda _: training.measured(HANDED_OVER),
    "reasons": lambda _: reasons.measured(),
    "ray": lambda sizes: engines.measured(min(sizes)),
}


def growth(rows: Sequence[Measured]) -> Iterator[Measured]:
    """Compare what was measured at two sizes or more: is ten times as much ten times as slow?"""
    for name in dict.fromkeys(row.name for row in rows if row.unit == "s" and ":" not in row.name):
        ours = sorted({row.size: row.value for row in rows if row.name == name}.items())
        for (fewer, before), (more, after) in itertools.pairwise(ours):
            ratio = after / before / (more / fewer)
            yield Measured(
                f"growth: {name}", more, after / before, "times",
                f"{more / fewer:g} times the customers", ratio, goal=GROWTH_GOAL,
                met=ratio <= GROWTH_GOAL,
            )  # fmt: skip


def draw(rows: Sequence[Measured], path: Path) -> None:
    """Draw seconds over customers, both on log scales; a straight line of slope 1 is linear."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    for name in dict.fromkeys(row.name for row in rows if row.unit == "s"):
        points = sorted({row.size: row.value for row in rows if row.name == name}.items())
        if len(points) > 1:
            axes.plot(*zip(*points, strict=True), marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel="customers", ylabel="seconds")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--part", action="append", choices=PARTS, help="run this part only")
    parser.add_argument("--out", type=Path, help="write what ran to this file")
    arguments = parser.parse_args()
    chosen = arguments.part or list(PARTS)
    found: list[Measured] = []
    for part in chosen:
        rows = list(PARTS[part](arguments.customers))
        show(rows)
        found += rows
    found += growth(found)
    console = Console(width=150, highlight=False)
    is_complete = set(chosen) == set(PARTS) and max(arguments.customers) >= 1_000_000
    out = arguments.out or (RESULTS / "speed.json" if is_complete else None)
    show(row for row in found if row.goal is not None)
    keep_results(console, out, [asdict(row) for row in found])
    if out and len(arguments.customers) > 1:
        draw(found, out.with_suffix(".svg"))


if __name__ == "__main__":
    main()
