"""What each control does to quality: python -m benchmarks.controls

One scratch database per data set, built once; then one setting changes at a time and only training
repeats. Every figure is the project's own, of the version that the build trained, on its test rows.
`refit` cannot be seen there: it is what scores, not what is judged. So the project is built as of
an earlier month, its newest scores are kept, and the labels that came true later judge them.
Monotone directions are always on; they have no control.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from attrition.training.calibration import CALIBRATIONS
from rich.console import Console
from rich.table import Table

from benchmarks.data_sets import (
    DRIFT,
    SHARED_DATA,
    Task,
    UnavailableError,
    cdnow,
    chosen_tasks,
    control_tasks,
    generated,
)
from benchmarks.measures import Ranked
from benchmarks.problem import match
from benchmarks.records import RESULTS, keep_results
from benchmarks.scratch_project import (
    JUDGED,
    SCORED,
    TRAINED,
    BuildError,
    ScratchProject,
    trained_version,
)

CUSTOMERS = 8_000
TRIALS = 6
"""Of a search, where they are not the control: what a control changes shows with few already."""
DEFAULT = "default"
FIGURES = ("roc_auc", "log_loss", "ece", "f1")
ALWAYS = {"backtest_quarters": 0}
METRICS_SQL = """
    select roc_auc, log_loss, ece, f1, row_count
    from attrition_model_metrics
    where version_id = $version and split = 'test'
    order by newest_label_date desc
    limit 1
"""
SCORES_SQL = """
    select customer_id, as_of_date, attrition_probability as probability from attrition_scores
"""
LABELS_SQL = """
    select customer_id, as_of_date, is_attrition
    from modeling_dataset
    where as_of_date = $as_of and is_attrition is not null
"""


@dataclass(frozen=True)
class Variant:
    """One value of one control, and the settings that make it."""

    control: str
    value: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Effect:
    """What one value of one control gave on a data set.

    Attributes:
        change: Each figure minus the same with the default settings.
        seconds: Time of the build, where it repeats training only.
    """

    data_set: str
    task: str
    control: str
    value: str
    rows: int
    metrics: dict[str, float]
    change: dict[str, float]
    seconds: float | None = None


@dataclass(frozen=True)
class RefitTask:
    """Months as of which the project is built, and data that has the labels that came later."""

    task: Task
    months: tuple[str, ...]


def variants() -> list[Variant]:
    """Return every control's values; the default ones come out as the default build does."""
    settings: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "features": [(value, {"features": value}) for value in ("core",)],
        "sampling": [(value, {"sampling": value}) for value in ("up", "down", "weight")],
        "calibration": [(value, {"calibration": value}) for value in CALIBRATIONS],
        "threshold": [("fixed at 0.5", {"threshold": {"mode": "fixed", "value": 0.5}})],
        "max_depth": [
            (str(depth), {"hyperparameters": {"max_depth": depth}}) for depth in (1, 2, 3, 6)
        ],
        "num_tuning_rounds": [
            (str(trials), {"num_tuning_rounds": trials}) for trials in (1, 20, 50)
        ],
    }
    return [
        Variant(control, value, changed)
        for control, values in settings.items()
        for value, changed in values
    ]


DEFAULT_VALUES = {
    "features": "all",
    "sampling": "none",
    "calibration": "auto",
    "threshold": "best f1",
    "max_depth": "1 to 6",
    "num_tuning_rounds": str(TRIALS),
}


def refit_tasks(data: Path, customers: int) -> list[RefitTask]:
    """Return where `refit` is measured: CDNOW at three months, and drifting generated data."""
    quarter = Task(
        name="cdnow-refit",
        data_set="cdnow",
        question="three months, ever, scored as of earlier months",
        prepare=cdnow(data),
        settings={
            "attrition_horizon": 3,
            "split": {"mode": "last_n_months", "months": 1},
            "population": "ever",
        },
    )
    drifting = Task(
        name="generated-refit",
        data_set=f"generated, drifting, {customers:,} customers",
        question="six months, active, scored as of earlier months",
        prepare=generated(customers, drift=DRIFT, truth=False),
    )
    return [
        RefitTask(quarter, ("1998-02", "1998-03", "1998-04")),
        RefitTask(drifting, ("2023-07", "2024-01", "2024-07")),
    ]


def effects(
    task: Task, folder: Path, chosen: Sequence[Variant], common: Mapping[str, Any], console: Console
) -> Iterator[Effect]:
    """Build with the default settings, then with each variant; yield what came out.

    Raises:
        UnavailableError: The data is not there.
    """
    source = task.prepare(folder / "raw")
    project = ScratchProject(folder, {**source.settings, **task.settings, **ALWAYS, **common})
    project.build(JUDGED, num_tuning_rounds=1)
    default, rows, seconds = _measured(project, {})
    _say(console, task, DEFAULT, "", default, seconds)
    for control in dict.fromkeys(variant.control for variant in chosen):
        yield _effect(task, control, DEFAULT_VALUES[control], rows, (default, default), seconds)
    for variant in chosen:
        found, rows, seconds = _measured(project, variant.settings)
        _say(console, task, variant.control, variant.value, found, seconds)
        yield _effect(task, variant.control, variant.value, rows, (found, default), seconds)


def _measured(
    project: ScratchProject, settings: Mapping[str, Any]
) -> tuple[dict[str, float], int, float]:
    """Train with these settings; return figures, test rows and seconds."""
    started = time.monotonic()
    project.build(TRAINED, **settings)
    seconds = round(time.monotonic() - started, 1)
    found = project.query(METRICS_SQL, version=trained_version(project)).iloc[0]
    return {name: float(found[name]) for name in FIGURES}, int(found["row_count"]), seconds


def _effect(
    task: Task,
    control: str,
    value: str,
    rows: int,
    figures: tuple[Mapping[str, float], Mapping[str, float]],
    seconds: float | None = None,
) -> Effect:
    found, default = figures
    change = {name: found[name] - default[name] for name in found}
    return Effect(task.data_set, task.question, control, value, rows, dict(found), change, seconds)


def refit_effects(
    measured: RefitTask, folder: Path, common: Mapping[str, Any], console: Console
) -> Iterator[Effect]:
    """Score as of each month with and without the refit; yield the means over the months."""
    task = measured.task
    source = task.prepare(folder / "raw")
    shared = {**source.settings, **task.settings, **ALWAYS, **common}
    history = ScratchProject(folder / "history", shared)
    history.build(["+modeling_dataset"])
    found: dict[str, list[dict[str, float]]] = {"none": [], "all_labelled": []}
    rows = 0
    for month in measured.months:
        labels = history.query(LABELS_SQL, as_of=f"{month}-01")
        rows += len(labels)
        project = ScratchProject(folder / month, {**shared, "max_month": month})
        project.build(JUDGED, num_tuning_rounds=1)
        for refit, figures_so_far in found.items():
            scores = _newest_scores(project, refit)
            probability = match(labels, scores, ["probability"])["probability"].to_numpy()
            ranked = Ranked.of(probability, labels["is_attrition"].to_numpy(dtype=int))
            figures = ranked.metrics()
            judged = {name: figures[name] for name in FIGURES if name in figures}
            figures_so_far.append(judged)
            _say(console, task, "refit", f"{refit} as of {month}", judged)
    means = {refit: _means(values) for refit, values in found.items()}
    default = means["all_labelled"]
    for refit in ("all_labelled", "none"):
        yield _effect(task, "refit", refit, rows, (means[refit], default))


def _newest_scores(project: ScratchProject, refit: str) -> pd.DataFrame:
    """Train, pin what was trained, and return its scores of the newest snapshot."""
    project.build(TRAINED, refit=refit)
    version = trained_version(project)
    project.build(SCORED, champion_version=version, retrain="never", refit=refit)
    return project.query(SCORES_SQL)


def _means(values: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([one[name] for one in values])) for name in values[0]}


def _say(
    console: Console,
    task: Task,
    control: str,
    value: str,
    found: Mapping[str, float],
    seconds: float | None = None,
) -> None:
    figures = ", ".join(f"{name} {figure:.4f}" for name, figure in found.items())
    taken = "" if seconds is None else f" ({seconds:.0f} s)"
    console.print(f"{task.name}: {' '.join(filter(None, (control, value)))}: {figures}{taken}")


def show(console: Console, found: Sequence[Effect]) -> None:
    """Print one table per data set: the figures, and what changed against the default."""
    controls = list(dict.fromkeys(one.control for one in found))
    for data_set, question in dict.fromkeys((one.data_set, one.task) for one in found):
        own = [one for one in found if (one.data_set, one.task) == (data_set, question)]
        own.sort(key=lambda one: controls.index(one.control))
        title = f"{data_set}; {question}; {own[0].rows:,} rows"
        table = Table("control", "value", title=title, title_justify="left")
        for name in FIGURES:
            table.add_column(name.replace("_", " "), justify="right")
        table.add_column("seconds", justify="right")
        previous = None
        for one in own:
            if previous not in (None, one.control):
                table.add_section()
            cells = [_cell(one, name) for name in FIGURES]
            label = "" if previous == one.control else one.control
            seconds = "" if one.seconds is None else f"{one.seconds:.0f}"
            table.add_row(label, one.value, *cells, seconds)
            previous = one.control
        console.print(table)
    console.print("The first value of each control is the default; behind it the change.")


def _cell(one: Effect, name: str) -> str:
    if name not in one.metrics:
        return ""
    change = one.change[name]
    return f"{one.metrics[name]:.4f}" + (f" ({change:+.4f})" if change else "          ")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=SHARED_DATA, help="folder of CDNOW_master.txt")
    parser.add_argument("--task", action="append", help="run this task only; repeatable")
    parser.add_argument("--control", action="append", help="this control only; repeatable")
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="of the generated data")
    parser.add_argument(
        "--trials",
        type=int,
        default=TRIALS,
        help="trials of a search, unless they are the control",
    )
    parser.add_argument("--out", type=Path, help="write what ran to this file")
    return parser.parse_args()


def run(arguments: argparse.Namespace, console: Console) -> tuple[list[Effect], bool]:
    """Run what was asked for; return what was found, and whether that is everything."""
    common = {"num_tuning_rounds": arguments.trials}
    chosen = [
        one
        for one in variants()
        if arguments.control in (None, []) or one.control in arguments.control
    ]
    is_refit = not arguments.control or "refit" in arguments.control
    found: list[Effect] = []
    is_complete = not (arguments.task or arguments.control)
    is_complete = is_complete and (arguments.customers, arguments.trials) == (CUSTOMERS, TRIALS)
    plain = control_tasks(arguments.data, arguments.customers) if chosen else []
    refits = refit_tasks(arguments.data, arguments.customers) if is_refit else []
    tasks = {
        **{task.name: task for task in plain},
        **{measured.task.name: measured for measured in refits},
    }
    for task_name in chosen_tasks(list(tasks), arguments.task):
        one = tasks[task_name]
        with tempfile.TemporaryDirectory(prefix="controls_") as name:
            try:
                if isinstance(one, RefitTask):
                    found += refit_effects(one, Path(name), common, console)
                else:
                    found += effects(one, Path(name), chosen, common, console)
            except (UnavailableError, BuildError) as error:
                console.print(f"{task_name}: skipped, {error}")
                is_complete = False
    return found, is_complete


def main() -> None:
    console = Console(width=120, highlight=False)
    arguments = parse()
    found, is_complete = run(arguments, console)
    show(console, found)
    out = arguments.out or (RESULTS / "controls.json" if is_complete else None)
    keep_results(console, out, [asdict(one) for one in found])


if __name__ == "__main__":
    main()
