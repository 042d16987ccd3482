"""The kept results, and how a part that ran again comes into them."""

import json
from collections.abc import Sequence

from benchmarks.records import RESULTS
from benchmarks.speed import Measured

KEPT = RESULTS / "speed.json"


def kept_rows() -> list[Measured]:
    """Return what was measured when everything ran, without the growth that is worked out of it."""
    rows = [Measured(**row) for row in json.loads(KEPT.read_text(encoding="utf-8"))]
    return [row for row in rows if not row.name.startswith("growth: ")]


def updated(kept: Sequence[Measured], found: Sequence[Measured]) -> list[Measured]:
    """Return kept rows with those of the same name, size and goal replaced, new ones last."""
    new = {(row.name, row.size, row.goal): row for row in found}
    both = [new.pop((row.name, row.size, row.goal), row) for row in kept]
    return [*both, *new.values()]
