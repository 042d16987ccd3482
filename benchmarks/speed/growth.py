"""How time grows with the number of customers."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.speed import Measured

GROWTH_GOAL = 1.05
"""Ten times the customers may take so many times ten times as long."""


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
