"""Speed, memory and growth: python -m benchmarks.speed --customers 10000 100000 1000000

Everything goes through the project's own build and library; peers and limits run in turn with it.
Parts can be run alone: `--part features --part build`.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from benchmarks.records import keep_results
from benchmarks.speed import Measured, features, reasons, show, sql_scoring, training
from benchmarks.speed import build as whole
from benchmarks.speed import ray as engines
from benchmarks.speed.growth import draw, growth
from benchmarks.speed.kept import KEPT, kept_rows, updated

SIZES = (10_000, 100_000)
HANDED_OVER, SEARCHED = 5_000_000, 500_000


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
    "training": lambda _: training.measured(HANDED_OVER, SEARCHED),
    "reasons": lambda _: reasons.measured(),
    "sql_scoring": lambda _: sql_scoring.measured(),
    "ray": lambda sizes: engines.measured(min(sizes)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--part", action="append", choices=PARTS, help="run this part only")
    parser.add_argument("--out", type=Path, help="write what ran to this file")
    parser.add_argument(
        "--update", action="store_true", help="put what ran into the kept results, by name and size"
    )
    arguments = parser.parse_args()
    chosen = arguments.part or list(PARTS)
    found: list[Measured] = []
    for part in chosen:
        rows = list(PARTS[part](arguments.customers))
        show(rows)
        found += rows
    if arguments.update:
        found = updated(kept_rows(), found)
    found += growth(found)
    console = Console(width=150, highlight=False)
    is_complete = set(chosen) == set(PARTS) and max(arguments.customers) >= 1_000_000
    out = arguments.out or (KEPT if is_complete or arguments.update else None)
    show(row for row in found if row.goal is not None)
    keep_results(console, out, [asdict(row) for row in found])
    if out:
        draw(found, out.with_suffix(".svg"))


if __name__ == "__main__":
    main()
