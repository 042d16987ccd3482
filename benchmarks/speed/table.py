"""The table of docs/scale.md, from the kept results: python -m benchmarks.speed.table"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.speed.kept import KEPT


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what has a goal as a Markdown table."""
    heads = ("", "size", "measured", "times", "of", "peak", "goal", "met")
    return "\n".join([f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *_lines(rows)])


def _lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        if row["goal"] is None:
            continue
        peak = "" if row["peak_mb"] is None else f"{row['peak_mb']:,.0f} MB"
        times = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        goal = f"{row['goal']:.3g}" if row["goal"] < 10 else f"{row['goal']:,.0f}"
        yield (
            f"| {row['name']} | {row['size']:,} | {_number(row['value'])} {row['unit']} | {times} "
            f"| {row['against'] or ''} | {peak} | {goal} | {'yes' if row['met'] else '**no**'} |"
        )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


if __name__ == "__main__":
    print(table(json.loads(KEPT.read_text(encoding="utf-8"))))
