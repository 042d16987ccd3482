"""Training as a Snowflake ML Job: the same training, on the nodes of a compute pool.

What is submitted is `job_entry.py`, with the library that is running here as a zip beside it. Of
the data nothing is submitted but the names of three tables; the job reads them itself.
"""

from __future__ import annotations

import importlib.metadata
import json
import logging
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrition.errors import AttritionError, first_line
from attrition.snowflake.job_entry import decoded
from attrition.snowflake.library import library_files, write_library
from attrition.snowflake.package_source import PYPI, REPOSITORIES

if TYPE_CHECKING:
    from snowflake.ml.jobs import MLJob

logger = logging.getLogger(__name__)

JOB_STAGE = "attrition_jobs"
"""Where a job's script and library lie while it runs; in the session's database and schema."""
SCRIPT = "attrition/snowflake/job_entry.py"
PACKAGE_REPOSITORY = REPOSITORIES[PYPI]
"""Snowflake's mirror of PyPI: a container without it has no way out to install from."""
ENDED = frozenset({"DONE", "FAILED", "CANCELLED", "INTERNAL_ERROR", "DELETED"})
SECONDS_BETWEEN_LOOKS = 60
LONGEST_SECONDS = 6 * 60 * 60
LAST_LINES = 20


def train_in_job(
    plan: Any, catalog: Any, dataset: Any, planned: Mapping[str, Any], session: Any
) -> dict[str, Any] | None:
    """Train a version in a job, wait for it, and return its row as `candidate.train` does.

    Args:
        plan: Table `training_plan`.
        catalog: Table `attrition_feature_catalog`.
        dataset: Table `modeling_dataset`.
        planned: The row of the plan; its settings name the compute pool and count the nodes.
        session: The Snowpark session.

    Raises:
        AttritionError: The job could not be submitted, failed, or took too long.
    """
    settings = json.loads(planned["settings"])
    tables = [_name(table) for table in (plan, catalog, dataset)]
    job = submit(tables, settings["compute_pool"], settings["num_workers"], session)
    logger.info("training runs as job %s on compute pool %s", job.id, settings["compute_pool"])
    row = decoded(_result(job))
    _delete(job, session)
    return row


def submit(
    tables: Sequence[str], compute_pool: str, target_instances: int, session: Any
) -> MLJob[Any]:
    """Submit the training of a version.

    Args:
        tables: Names of `training_plan`, `attrition_feature_catalog` and `modeling_dataset`.
        compute_pool: Where it runs.
        target_instances: Number of nodes; the job starts once it has all of them.
        session: The Snowpark session.

    Raises:
        AttritionError: The package is missing, or Snowflake refused.
    """
    try:
        from snowflake.ml.jobs import submit_file
        from snowflake.snowpark.exceptions import SnowparkClientException
    except ImportError as error:
        raise AttritionError(
            "snowflake-ml-python is not installed where ml_candidate runs, and engine "
            "snowflake_ml_job needs it: add it to the packages of that model."
        ) from error
    with tempfile.TemporaryDirectory() as folder:
        # the name of the job begins like that of its script
        script = Path(folder, "attrition_training.py")
        script.write_bytes(library_files()[SCRIPT])
        try:
            return submit_file(
                str(script),
                compute_pool,
                stage_name=JOB_STAGE,
                args=[*tables, str(target_instances)],
                target_instances=target_instances,
                pip_requirements=requirements(),
                session=session,
                imports=[str(write_library(Path(folder)))],
                artifact_repositories=[PACKAGE_REPOSITORY],
            )
        except (SnowparkClientException, RuntimeError, ValueError) as error:
            raise AttritionError(
                f"The training job could not be submitted to compute pool {compute_pool!r} with "
                f"{target_instances} nodes: {first_line(error)} Check the pool's name and its "
                "max_nodes, usage on it, and create service and create stage on the schema."
            ) from error


def requirements() -> list[str]:
    """Return what the container runtime may lack, in the version that is installed here."""
    return [f"optuna=={importlib.metadata.version('optuna')}"]


def wait(job: MLJob[Any], longest_seconds: float = LONGEST_SECONDS) -> str:
    """Wait until a job has ended, telling its status now and then, and return the last status.

    A wait that ends in any other way cancels the job, or it would go on costing.

    Raises:
        AttritionError: The job did not end in time.
    """
    started = time.monotonic()
    try:
        while True:
            status = _status(job)
            passed = time.monotonic() - started
            if status in ENDED:
                return status
            logger.info("job %s: %s after %.0f s", job.id, status, passed)
            if passed >= longest_seconds:
                raise AttritionError(
                    f"The training job {job.id} is {status} after {passed:.0f} s, expected DONE "
                    f"within {longest_seconds:.0f} s, and was cancelled: give it a larger compute "
                    f"pool, or lower max_rows or num_tuning_rounds. {_end_of_log(job)}"
                )
    except BaseException:
        _cancel(job)
        raise


def _result(job: MLJob[Any]) -> str:
    """Return what the job's script returned."""
    status = wait(job)
    if status != "DONE":
        raise AttritionError(
            f"The training job {job.id} ended as {status}, expected DONE. {_end_of_log(job)}"
        )
    try:
        return job.result()
    except RuntimeError as error:
        raise AttritionError(
            f"The training job {job.id} left no result: {first_line(error)} {_end_of_log(job)}"
        ) from error


def _status(job: MLJob[Any]) -> str:
    try:
        return job.wait(timeout=SECONDS_BETWEEN_LOOKS)
    except TimeoutError:
        return job.status


def _end_of_log(job: MLJob[Any]) -> str:
    """Return the last lines of a job's log."""
    try:
        lines = job.get_logs(as_list=True)[-LAST_LINES:]
    except Exception as error:
        # whatever goes wrong here must not hide what went wrong with the job
        return f"Its log cannot be read: {first_line(error)}"
    if not lines:
        return "Its log is empty; `show services` and the compute pool's events say more."
    return "Its log ends:" + "".join(f"\n  {line}" for line in lines)


def _cancel(job: MLJob[Any]) -> None:
    try:
        job.cancel()
    except Exception as error:
        logger.warning("job %s could not be cancelled: %s", job.id, first_line(error))


def _delete(job: MLJob[Any], session: Any) -> None:
    """Remove a job that is done, with its files; a failed one stays for whoever looks into it."""
    from snowflake.ml.jobs import delete_job

    try:
        delete_job(job, session=session)
    except Exception as error:
        logger.warning("job %s could not be deleted: %s", job.id, first_line(error))


def _name(table: Any) -> str:
    name = getattr(table, "table_name", None)
    if not name:
        raise AttritionError(
            f"A {type(table).__name__} has no name that a training job could open, expected the "
            "table of dbt.ref: materialize it as a table."
        )
    return name
