"""What a training job runs, on the first of its nodes, in Snowflake's container runtime.

`attrition.snowflake.jobs` submits this file as the job's script; the library is a zip beside it,
which the runtime's launcher puts on `sys.path`. Arguments are texts, and what the script leaves in
`__return__` becomes the result of the job.
"""

from __future__ import annotations

import base64
import functools
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from attrition import schemas
from attrition.snowflake.distributed import fit_booster_distributed
from attrition.training.candidate import Fit, train
from attrition.training.search import fit_booster
from attrition.warehouse.snowflake import SnowparkRelation


def main(arguments: Sequence[str]) -> str:
    """Train a version as the plan says and return it as text.

    Args:
        arguments: Names of the tables `training_plan`, `attrition_feature_catalog` and
            `modeling_dataset`, and the number of nodes.
    """
    from snowflake.snowpark import Session

    *names, instances = arguments
    session = Session.builder.getOrCreate()
    plan, catalog, dataset = (SnowparkRelation(session.table(name)) for name in names)
    return encoded(train(plan.rows()[0], catalog, dataset, fit=fit_on(int(instances))))


def fit_on(instances: int) -> Fit:
    """Return what fits the boosters on so many nodes.

    One node fits as one does anywhere, hence with the same bytes.
    """
    if instances == 1:
        return fit_booster
    return functools.partial(fit_booster_distributed, workers=instances)


def encoded(row: Mapping[str, Any] | None) -> str:
    """Return a candidate's row, or that there is none, as text that any Python version reads."""
    table = schemas.table_of_rows([row] if row else [], schemas.CANDIDATE)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return base64.b64encode(sink.getvalue()).decode()


def decoded(text: str) -> dict[str, Any] | None:
    """Return what `encoded` was given."""
    with pa.ipc.open_stream(base64.b64decode(text)) as reader:
        rows = reader.read_all().to_pylist()
    return rows[0] if rows else None


if __name__ == "__main__":
    __return__ = main(sys.argv[1:])
