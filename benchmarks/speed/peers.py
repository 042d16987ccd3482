"""What the peers of the features share: the rules of the task, and how they are run and measured.

`python -m benchmarks.speed.in_pandas RAW OUT` reads the raw tables in the folder RAW, writes a row
for each snapshot of a customer to the Parquet file OUT, and prints its seconds and peak memory.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.speed import own_peak_mb

# the project's defaults; windows in months
HORIZON = 6
WINDOWS = (3, 6, 12)
YEAR = 12
SUPPLY_DAYS = 3
DAYS_OF_YEAR = 365.25


def measured(peer: Callable[[Path, Path], None]) -> None:
    """Run a peer as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("raw", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    start = time.perf_counter()
    peer(arguments.raw, arguments.out)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "peak_mb": own_peak_mb()}))
