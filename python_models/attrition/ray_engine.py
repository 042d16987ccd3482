"""Fitting the judged and the serving booster on a Ray cluster: the setting `engine: ray`.

The rows go to the workers as Arrow tables, one each, and the workers add up their histograms, so
another number of workers gives other trees. A worker that dies is replaced, and all go on from the
newest checkpoint. Everything else of a training stays where it is: reading, search, linear models.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from attrition.errors import AttritionError, first_line
from attrition.settings.machine import RAY_IS_MISSING
from attrition.training.rows import Rows
from attrition.training.sampling import corrected
from attrition.training.search import booster_parameters

if TYPE_CHECKING:
    from attrition.training.candidate import Fit

logger = logging.getLogger(__name__)

ROUNDS_BETWEEN_CHECKPOINTS = 50
MAX_FAILURES = 3
"""How often a fit goes on after workers died; the next failure ends it."""
ENVIRONMENT = {
    # nobody is told that Ray was used
    "RAY_USAGE_STATS_ENABLED": "0",
    # a report waits until it is looked for, which is every two seconds unless told
    "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "0.2",
    "RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S": "600",
}
LABEL, WEIGHT = "is_attrition", "weight"


@contextmanager
def cluster(num_workers: int, address: str | None, storage: str | None) -> Iterator[Fit]:
    """Start or join a Ray cluster, yield what fits on it, and let go of it however that ends.

    Args:
        num_workers: Workers of a fit.
        address: Address of a cluster, as `ray.init` takes it; none starts one on this machine.
        storage: Where checkpoints are kept; none is a folder of this machine that goes at the end.

    Raises:
        AttritionError: Ray is not installed, or there is no cluster, or it is too small.
    """
    try:
        import ray
    except ImportError as error:
        raise AttritionError(RAY_IS_MISSING) from error
    with ExitStack() as stack:
        folder = storage or stack.enter_context(tempfile.TemporaryDirectory(prefix="attrition-"))
        stack.callback(ray.shutdown)
        url = _connect(num_workers, address)
        # nodes of a cluster need ray and xgboost, and not this library
        ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
        stack.callback(ray.cloudpickle.unregister_pickle_by_value, sys.modules[__name__])
        logger.info("Ray runs at %s, its dashboard at http://%s", address or "this machine", url)
        yield partial(fit_on_ray, num_workers=num_workers, storage=folder)


def fit_on_ray(
    rows: Rows,
    parameters: Mapping[str, Any],
    num_round: int,
    random_seed: int,
    threads: int | None = None,
    *,
    num_workers: int,
    storage: str,
) -> bytes:
    """Fit a booster on the workers and return its bytes (UBJSON); else as `search.fit_booster`.

    Args:
        rows: Rows of the fit.
        parameters: Hyperparameters as in `Trial.parameters`, and the `device`; with `cuda` each
            worker has a graphics card of its own.
        num_round: Number of trees.
        random_seed: Seed of row and column samples.
        threads: Threads of each worker; none for an equal share of the cluster.
        num_workers: Among how many the rows are divided.
        storage: Folder or address that all nodes reach.

    Raises:
        AttritionError: The cluster is too small, or the fit failed on it.
    """
    import ray
    from ray.train import CheckpointConfig, FailureConfig, RunConfig, ScalingConfig
    from ray.train.v2.api.exceptions import TrainingFailedError
    from ray.train.xgboost import RayTrainReportCallback, XGBoostTrainer

    use_gpu = parameters.get("device") == "cuda"
    cpus = cpus_of_worker(ray.nodes(), num_workers, use_gpu=use_gpu)
    trainer = XGBoostTrainer(
        _fit_here,
        train_loop_config={
            "parameters": booster_parameters(parameters, rows, random_seed, threads or cpus),
            "num_round": num_round,
            "shards": [ray.put(shard) for shard in shards(rows, num_workers)],
        },
        scaling_config=ScalingConfig(
            num_workers=num_workers, use_gpu=use_gpu, resources_per_worker={"CPU": cpus}
        ),
        run_config=RunConfig(
            storage_path=storage,
            failure_config=FailureConfig(max_failures=MAX_FAILURES),
            checkpoint_config=CheckpointConfig(num_to_keep=1),
        ),
    )
    text = "fitting %d trees on %d rows with %d workers of %d CPUs"
    logger.info(text, num_round, len(rows), num_workers, cpus)
    try:
        result = trainer.fit()
    except TrainingFailedError as error:
        raise AttritionError(
            f"Ray could not fit {num_round} trees with {num_workers} workers, after {MAX_FAILURES} "
            f"attempts more: {_reason(error)} Its logs are in session_latest/logs of Ray on "
            "each node. Take fewer max_rows or more workers if memory ran out."
        ) from error
    if result.metrics["went_on_from"]:
        text = "a worker was lost; the fit went on from its checkpoint of %d trees"
        logger.warning(text, result.metrics["went_on_from"])
    booster = RayTrainReportCallback.get_model(result.checkpoint)
    result.filesystem.delete_dir(result.path)
    if booster.num_boosted_rounds() != num_round:
        raise AttritionError(
            f"Ray fitted {booster.num_boosted_rounds()} trees, expected {num_round}: this version "
            "of Ray is not supported. Install that of requirements-ray.lock."
        )
    # a version's features are known by their position, as where one machine fits
    booster.feature_names = booster.feature_types = None
    return corrected(bytes(booster.save_raw("ubj")), rows.log_odds_shift)


def shards(rows: Rows, count: int) -> Iterator[pa.Table]:
    """Yield the rows in so many tables, each row once: columns by position, label and weight."""
    for part in np.array_split(np.arange(len(rows)), count):
        span = slice(part[0], part[-1] + 1) if len(part) else slice(0)
        columns = {f"f{at}": column for at, column in enumerate(rows.part(span).T)}
        columns[LABEL] = rows.is_attrition[span]
        if rows.weight is not None:
            columns[WEIGHT] = rows.weight[span]
        yield pa.table(columns)


def cpus_of_worker(nodes: Sequence[Mapping[str, Any]], num_workers: int, *, use_gpu: bool) -> int:
    """Return the most CPUs that each worker can have, where each fits on one node.

    Args:
        nodes: `ray.nodes()`.
        num_workers: Workers that there are to be.
        use_gpu: Whether each needs a graphics card, too.

    Raises:
        AttritionError: There are not that many CPUs or graphics cards.
    """
    found = [node["Resources"] for node in nodes if node["Alive"]]
    gpus = int(sum(node.get("GPU", 0) for node in found))
    if use_gpu and gpus < num_workers:
        raise AttritionError(
            f"device: cuda takes a graphics card for each of {num_workers} workers, and the Ray "
            f"cluster has {gpus}: lower num_workers, add nodes, or set device to cpu."
        )
    cpus = [int(node.get("CPU", 0)) for node in found]
    for share in range(max(cpus, default=0), 0, -1):
        if sum(count // share for count in cpus) >= num_workers:
            return share
    raise AttritionError(
        f"num_workers is {num_workers} and the Ray cluster has {sum(cpus)} CPUs: lower "
        "num_workers or add nodes."
    )


def _connect(num_workers: int, address: str | None) -> str:
    """Connect this process and return the address of the dashboard."""
    import ray

    here = {"num_cpus": max(num_workers, os.cpu_count() or 1), "include_dashboard": True}
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        context = ray.init(
            address or "local",
            logging_level=logging.ERROR,
            log_to_driver=False,
            **({} if address else here),
        )
    except (OSError, RuntimeError, ValueError) as error:
        raise AttritionError(
            f"No Ray cluster at ray_address {address or 'null'}: {first_line(error)} Start one "
            "(`ray start --head`) and let this machine join it (`ray start --address=...`), or "
            "set ray_address to null for one on this machine."
        ) from error
    return context.dashboard_url


def _reason(error: Exception) -> str:
    """Return what the workers or the controller said first."""
    causes = [*getattr(error, "worker_failures", {}).values()]
    return first_line(causes[0] if causes else getattr(error, "controller_failure", error))


def _fit_here(config: Mapping[str, Any]) -> None:
    """Fit on this worker's shard, together with the others; what Ray Train runs on each."""
    import json

    import ray
    import xgboost
    from ray.train.xgboost import RayTrainReportCallback

    class Checkpoints(RayTrainReportCallback):
        """Keeps the booster now and then; a report of each round takes longer than a round."""

        def _report_metrics(self, report_dict: dict[str, Any]) -> None:
            pass

        def _save_and_report_checkpoint(self, report_dict: dict[str, Any], model: Any) -> None:
            super()._save_and_report_checkpoint({"went_on_from": done}, model)

    table = ray.get(config["shards"][ray.train.get_context().get_world_rank()])
    matrix = xgboost.QuantileDMatrix(
        table.drop_columns([name for name in (LABEL, WEIGHT) if name in table.column_names]),
        label=table[LABEL].to_numpy(),
        weight=table[WEIGHT].to_numpy() if WEIGHT in table.column_names else None,
        nthread=config["parameters"]["nthread"],
    )
    checkpoint = ray.train.get_checkpoint()
    earlier = RayTrainReportCallback.get_model(checkpoint) if checkpoint else None
    done = earlier.num_boosted_rounds() if earlier else 0
    parameters = config["parameters"]
    booster = xgboost.train(
        # not the rows again that were drawn for the first trees
        {**parameters, "seed": parameters["seed"] + done},
        matrix,
        num_boost_round=config["num_round"] - done,
        xgb_model=earlier,
        callbacks=[Checkpoints(frequency=ROUNDS_BETWEEN_CHECKPOINTS)],
    )
    used = json.loads(booster.save_config())["learner"]["generic_param"]["device"]
    if not used.startswith(parameters.get("device", "cpu")):
        raise RuntimeError(f"a worker fitted on {used}, expected cuda: its xgboost has no CUDA")
