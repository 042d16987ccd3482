"""What each part of training is worth: python -m benchmarks.ablation

Each task's dataset is built once by `dbt build` and read back; then one part is taken away at a
time and the library trains on the same rows. Figures are those of the judged fit on test rows.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import numpy as np
from attrition.scoring.artefact import ModelVersion
from attrition.training import candidate
from attrition.training.blend import TREES
from attrition.training.linear import LINEAR
from attrition.warehouse.duckdb import DuckDBRelation
from rich.console import Console
from rich.table import Table

from benchmarks.data_sets import SHARED_DATA, UnavailableError, chosen_tasks, quality_tasks
from benchmarks.measures import Ranked
from benchmarks.records import RESULTS, keep_results
from benchmarks.scratch_project import BuildError, ScratchProject

CUSTOMERS = 20_000
TRIALS = 4
"""The points that are tried first; more trials are a variation of their own."""
FIGURES = ("roc_auc", "log_loss", "ece")
FEATURES = {
    "gaps": r"order_gap_days_(last|max)|recency_over_(last|longest)_gap",
    "basket": r"consumable_(lines|products)_.*",
    "last order": r"consumable_(quantity|amount)_(last_order|ratio)",
}
DATASET = "select * from modeling_dataset"
NEWEST_VALIDATION = """
    select * replace (
        case
            when split = 'validation' and as_of_date < max(as_of_date)
                filter (where split = 'validation') over ()
                then 'embargo'
            else split
        end as split
    )
    from modeling_dataset
"""


def _fixed(weights: Mapping[str, float]) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: patch.object(candidate, "choose_weights", lambda *_: dict(weights))


@dataclass(frozen=True)
class Variation:
    """One way to train.

    Attributes:
        name: What it is called in the results.
        settings: Settings that differ from the defaults.
        without: Pattern of the features that are left out.
        dataset: SQL of the rows, where they are marked in another way.
        changed: Puts another rule into the library while a version is trained.
    """

    name: str
    settings: Mapping[str, Any]
    without: str | None = None
    dataset: str = DATASET
    changed: Callable[[], AbstractContextManager[Any]] = nullcontext


VARIATIONS = (
    Variation("everything", {}),
    *(Variation(f"without the features: {name}", {}, without=p) for name, p in FEATURES.items()),
    Variation("boosted trees alone", {}, changed=_fixed({TREES: 1.0})),
    Variation("logistic regression alone", {}, changed=_fixed({LINEAR: 1.0})),
    Variation(
        "half of each, whatever validation says", {}, changed=_fixed({TREES: 0.5, LINEAR: 0.5})
    ),
    Variation("validation on its newest snapshot alone", {}, dataset=NEWEST_VALIDATION),
    Variation("optimize: auc", {"optimize": "auc"}),
    Variation("20 trials", {"num_tuning_rounds": 20}),
    Variation("calibration: none", {"calibration": "none"}),
    Variation("calibration: sigmoid", {"calibration": "sigmoid"}),
    Variation("calibration: seasonal", {"calibration": "seasonal"}),
)


@dataclass(frozen=True)
class Outcome:
    """The figures of one variation on one task; `form` says what the version is."""

    task: str
    variation: str
    form: str
    roc_auc: float
    log_loss: float
    ece: float


def outcomes(project: ScratchProject, task: str) -> Iterator[Outcome]:
    """Train every variation on a built dataset, and judge it on test rows."""
    with duckdb.connect(str(project.database), read_only=True) as connection:
        plan = connection.table("training_plan").to_arrow_table().to_pylist()[0]
        test = connection.sql(
            "select * from modeling_dataset where split = 'test' order by customer_id, as_of_date"
        ).to_arrow_table()
        for variation in VARIATIONS:
            version = _trained(connection, plan, variation)
            if version is None:
                continue
            row, read = version
            probability = read.predict_probability(test, "judged")
            metrics = Ranked.of(probability, np.asarray(test["is_attrition"])).metrics()
            figures = {name: round(metrics[name], 5) for name in FIGURES}
            yield Outcome(task, variation.name, row["model_form"], **figures)


def _trained(
    connection: duckdb.DuckDBPyConnection, plan: Mapping[str, Any], variation: Variation
) -> tuple[dict[str, Any], ModelVersion] | None:
    settings = json.loads(plan["settings"]) | {"num_tuning_rounds": TRIALS} | variation.settings
    pattern = variation.without or ""
    catalog = connection.sql(
        "select * replace (is_selected and not regexp_full_match(feature, $pattern) as is_selected)"
        " from attrition_feature_catalog",
        params={"pattern": pattern},
    )
    with variation.changed():
        row = candidate.train(
            {**plan, "settings": json.dumps(settings)},
            DuckDBRelation(catalog),
            DuckDBRelation(connection.sql(variation.dataset)),
        )
    return (row, ModelVersion.from_row(row)) if row else None


def show(console: Console, found: list[Outcome]) -> None:
    """Print a table per task."""
    for task in dict.fromkeys(one.task for one in found):
        table = Table(title=task, title_justify="left")
        for column in ("variation", "ROC AUC", "log loss", "ECE", "version"):
            table.add_column(column)
        for one in found:
            if one.task == task:
                figures = [f"{getattr(one, name):.4f}" for name in FIGURES]
                table.add_row(one.variation, *figures, one.form)
        console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=SHARED_DATA, help="folder of the real records")
    parser.add_argument("--task", action="append", help="run this task only; repeatable")
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="of the generated data")
    parser.add_argument("--out", type=Path, help="write what ran to this file")
    arguments = parser.parse_args()
    console = Console(width=150, highlight=False)
    tasks = quality_tasks(arguments.data, arguments.customers)
    names = chosen_tasks([task.name for task in tasks], arguments.task)
    is_complete = len(names) == len(tasks) and arguments.customers == CUSTOMERS
    found: list[Outcome] = []
    for task in [task for task in tasks if task.name in names]:
        with tempfile.TemporaryDirectory(prefix="ablation_") as folder:
            try:
                source = task.prepare(Path(folder) / "raw")
                project = ScratchProject(Path(folder), {**source.settings, **task.settings})
                project.build(("+training_plan",))
            except (UnavailableError, BuildError) as error:
                console.print(f"{task.name}: skipped, {error}")
                is_complete = False
                continue
            for one in outcomes(project, task.name):
                console.print(f"{one.task}: {one.variation}: {one.roc_auc:.4f} ({one.form})")
                found.append(one)
    show(console, found)
    out = arguments.out or (RESULTS / "ablation.json" if is_complete else None)
    keep_results(console, out, [asdict(one) for one in found])


if __name__ == "__main__":
    main()
