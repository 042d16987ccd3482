import hashlib
import json
import logging
import shutil
import subprocess
import sys
from types import SimpleNamespace
from unittest.mock import MagicMock, create_autospec

import job_fixture
import numpy as np
import pytest
import training_fixture as fixture
from attrition import schemas
from attrition.dbt_models import ml_candidate
from attrition.errors import AttritionError
from attrition.scoring.artefact import ModelVersion
from attrition.settings import machine
from attrition.settings.loading import SettingsError, check_settings
from attrition.snowflake import jobs
from attrition.snowflake.job_entry import decoded, encoded
from attrition.training.candidate import train
from attrition.training.fingerprints import version_id
from attrition.warehouse.abilities import abilities_of
from job_fixture import JOB_SETTINGS
from local_session import local_session
from macro_harness import Macros
from snowflake.ml.jobs import submit_file
from snowflake.ml.jobs.job import TERMINAL_JOB_STATUSES
from snowflake.snowpark.exceptions import SnowparkSQLException

ONE_TREE = {"hyperparameters": {"max_depth": 2, "num_round": 20}, "num_tuning_rounds": 1}
CHANGING = ("created_at", "trials")


def candidate(monkeypatch, **settings):
    """Return the candidate table of a plan that trains in jobs, and the spy on what it submits."""
    spy = job_fixture.running_jobs(monkeypatch)
    session = job_fixture.session_on_duckdb(monkeypatch, **(JOB_SETTINGS | settings))
    return ml_candidate(*session.tables(), session), spy


def expected_id(row, result=""):
    names = ("settings_fingerprint", "data_fingerprint", "code_fingerprint")
    return version_id(*(row[name] for name in names), row["preprocessing"] + result)


def test_a_job_on_one_node_returns_the_version_that_training_here_returns(monkeypatch):
    table, spy = candidate(monkeypatch, **ONE_TREE)
    assert table.schema.equals(schemas.CANDIDATE)
    [row] = table.to_pylist()
    here = fixture.train(**JOB_SETTINGS, **ONE_TREE)
    for name in schemas.CANDIDATE.names:
        assert name in CHANGING or row[name] == here[name], name
    assert (
        row["settings_fingerprint"]
        == fixture.plan(**JOB_SETTINGS, **ONE_TREE)["settings_fingerprint"]
    )
    assert row["version_id"] == expected_id(row)
    assert row["is_reproducible"] is True
    assert spy.call_count == 1
    assert spy.call_args.args[1] == "a_pool"
    assert spy.call_args.kwargs["target_instances"] == 1


def test_a_job_on_two_nodes_fits_the_final_boosters_on_both(monkeypatch):
    made = job_fixture.container_runtime(monkeypatch)
    table, spy = candidate(monkeypatch, num_workers=2, **ONE_TREE)
    [row] = table.to_pylist()
    assert [one.scaling_config.num_workers for one in made] == [2, 2]
    assert spy.call_args.kwargs["target_instances"] == 2
    # other machines, other bytes: the id is that of the result
    assert row["is_reproducible"] is False
    judged = hashlib.sha256(row["judged_booster"]).hexdigest()
    assert row["version_id"] == expected_id(row, judged)
    version, here = ModelVersion.from_row(row), ModelVersion.from_row(fixture.train(**ONE_TREE))
    for which in ("search", "judged", "serving"):
        np.testing.assert_array_equal(
            version.predict_probability(fixture.dataset(), which),
            here.predict_probability(fixture.dataset(), which),
        )


def test_a_job_reads_the_tables_of_dbts_session_by_their_names(monkeypatch):
    spy = job_fixture.running_jobs(monkeypatch)
    with local_session() as session:
        settings = JOB_SETTINGS | ONE_TREE
        tables = job_fixture.snowpark_tables(session, 150, **settings)
        row = jobs.train_in_job(*tables, fixture.plan(**settings), session)
    assert spy.call_args.kwargs["args"] == [*job_fixture.TABLES, "1"]
    assert spy.call_args.kwargs["session"] is session
    here = fixture.train(fixture.dataset().slice(0, 150 * len(fixture.MONTHS)), **settings)
    for name in schemas.CANDIDATE.names:
        assert name in CHANGING or row[name] == here[name], name


def test_a_plan_that_is_not_due_submits_nothing(monkeypatch):
    table, spy = candidate(monkeypatch, is_due=False)
    assert table.num_rows == 0
    spy.assert_not_called()


def test_engine_local_submits_nothing_and_leaves_the_version_as_it_was(monkeypatch):
    table, spy = candidate(monkeypatch, **(fixture.SETTINGS | {"engine": "local"}))
    spy.assert_not_called()
    settings = JOB_SETTINGS | {"engine": "local"}
    assert table.to_pylist()[0]["version_id"] == fixture.train(**settings)["version_id"]


def test_rows_that_allow_no_fit_come_back_as_none(monkeypatch):
    few = fixture.dataset().slice(0, 0)
    spy = job_fixture.running_jobs(monkeypatch)
    session = job_fixture.session_on_duckdb(monkeypatch, **JOB_SETTINGS)
    fixture.store(session.connection, "modeling_dataset", few)
    assert ml_candidate(*session.tables(), session).num_rows == 0
    assert spy.call_count == 1


def test_another_fit_is_used_for_the_judged_and_the_serving_booster_alone():
    calls = []

    def fit(rows, parameters, num_round, random_seed, threads):
        calls.append((len(rows), num_round, random_seed))
        return fixture.trained()["judged_booster"]

    connection = fixture.connect()
    tables = fixture.read(connection, *job_fixture.TABLES[1:])
    row = train(fixture.plan(), *tables, threads=1, fit=fit)
    assert len(calls) == 2
    assert calls[0] == (row["fit_row_count"], row["num_round"], 42)
    assert row["search_booster"] == fixture.trained()["search_booster"]
    assert row["serving_booster"] == fixture.trained()["judged_booster"]
    assert row["is_reproducible"] is False


def test_a_row_survives_its_way_as_text():
    row = fixture.trained()
    assert decoded(encoded(row)) == row
    assert decoded(encoded(None)) is None
    assert json.loads(json.dumps(encoded(row))) == encoded(row)


# What is submitted: the installed package itself, over a session that records.


@pytest.fixture
def submitted(monkeypatch, tmp_path, caplog):
    """Submit a job with the installed package; return the SQL's parameters and the files."""
    session = MagicMock()
    session.get_current_database.return_value = "ATTRITION"
    session.get_current_schema.return_value = "DEV"
    session.get_current_warehouse.return_value = "TRAINING"
    session.conf.get.return_value = None
    statements = []

    def put(path, stage, **options):
        shutil.copy(path, tmp_path)

    def run_query(_session, text, params=None, **options):
        statements.append((text, params))
        if "GET_ML_JOB_RUNTIME" in text:
            return [["repository/image:2.4.0"]]
        if "SHOW COMPUTE POOLS" in text:
            return [{"max_nodes": 4}]
        return [["ATTRITION.DEV.ATTRITION_TRAINING_1"]]

    session.file.put.side_effect = put
    session._conn._cursor._preprocess_pyformat_query.side_effect = lambda text, params: params
    monkeypatch.setattr("snowflake.ml.jobs._utils.query_helper.run_query", run_query)
    job = jobs.submit(["d.s.plan", "d.s.catalog", "d.s.dataset"], "a_pool", 2, session)
    [parameters] = [text for text, _ in statements if isinstance(text, list)]
    return SimpleNamespace(
        job=job,
        pool=parameters[1],
        specification=json.loads(parameters[2]),
        options=json.loads(parameters[3]),
        requirements=[
            call.args[0].getvalue().decode()
            for call in session.file.put_stream.call_args_list
            if (call.kwargs.get("stage_location") or call.args[1]).endswith("requirements.txt")
        ],
        folder=tmp_path,
        told=caplog.text,
    )


def test_the_installed_package_understands_all_that_is_asked_of_it(submitted):
    assert "unknown kwargs" not in submitted.told
    assert submitted.job.id == "ATTRITION.DEV.ATTRITION_TRAINING_1"
    assert submitted.pool == "A_POOL"
    assert submitted.options["TARGET_INSTANCES"] == 2
    assert submitted.options["MIN_INSTANCES"] == 2
    assert submitted.options["QUERY_WAREHOUSE"] == "TRAINING"
    assert submitted.specification["ARTIFACT_REPOSITORIES"] == [jobs.PACKAGE_REPOSITORY]
    assert submitted.specification["ARGS"][-4:] == ["d.s.plan", "d.s.catalog", "d.s.dataset", "2"]
    assert submitted.specification["ARGS"][-5].endswith("/app/attrition_training.py")
    assert jobs.requirements()[0] in submitted.requirements
    assert jobs.JOB_STAGE in submitted.specification["STAGE_PATH"]


def test_the_script_runs_with_the_zip_beside_it_and_no_other_library(submitted):
    names = sorted(path.name for path in submitted.folder.iterdir())
    [archive] = [name for name in names if name.endswith(".zip")]
    assert names == [archive, "attrition_training.py"]
    # as the launcher does: the zip goes first on sys.path, then the script is run
    code = (
        "import runpy, sys\n"
        f"sys.path.insert(0, {archive!r})\n"
        "found = runpy.run_path('attrition_training.py', run_name='imported')\n"
        "import attrition.training.search\n"
        "print(found['train'].__code__.co_filename)\n"
        "print(attrition.training.search.__file__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=submitted.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert all(archive in line for line in done.stdout.splitlines()), done.stdout


def test_a_wrong_argument_name_fails_against_the_installed_signature():
    with pytest.raises(TypeError, match="stage_name"):
        create_autospec(submit_file)("script.py", "a_pool", stage="attrition_jobs")


@pytest.mark.parametrize(
    "refusal",
    [
        SnowparkSQLException("Compute pool 'A_POOL' does not exist or not authorized.\nmore"),
        ValueError("The requested min_instances (4) exceeds the max_nodes (1)"),
    ],
)
def test_a_refused_submission_names_the_pool_and_what_to_check(monkeypatch, refusal):
    monkeypatch.setattr(
        "snowflake.ml.jobs.submit_file", create_autospec(submit_file, side_effect=refusal)
    )
    with pytest.raises(AttritionError) as raised:
        jobs.submit(["a", "b", "c"], "a_pool", 4, MagicMock())
    text = str(raised.value)
    assert "could not be submitted to compute pool 'a_pool' with 4 nodes:" in text
    assert "max_nodes" in text
    assert len(text.splitlines()) == 1


def test_a_relation_without_a_name_cannot_be_handed_to_a_job():
    with pytest.raises(AttritionError, match="materialize it as a table"):
        jobs.train_in_job(object(), object(), object(), fixture.plan(**JOB_SETTINGS), None)


# Waiting.


def test_all_statuses_that_end_a_job_are_known():
    assert jobs.ENDED == TERMINAL_JOB_STATUSES


def test_the_status_is_told_until_the_job_is_done(caplog):
    job = job_fixture.job()
    job.wait.side_effect = [TimeoutError(), "RUNNING", "DONE"]
    job.status = "PENDING"
    with caplog.at_level(logging.INFO, logger="attrition.snowflake.jobs"):
        assert jobs.wait(job) == "DONE"
    assert [line.split(":")[1].split()[0] for line in caplog.messages] == ["PENDING", "RUNNING"]
    job.cancel.assert_not_called()


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED", "INTERNAL_ERROR", "DELETED"])
def test_a_failed_job_raises_with_the_end_of_its_log_and_stays(monkeypatch, status):
    job = job_fixture.job(status, log=[f"line {number}" for number in range(50)])
    deleted = MagicMock()
    monkeypatch.setattr("snowflake.ml.jobs.delete_job", deleted)
    monkeypatch.setattr("attrition.snowflake.jobs.submit", lambda *arguments: job)
    session = job_fixture.session_on_duckdb(monkeypatch, **JOB_SETTINGS)
    with pytest.raises(AttritionError) as raised:
        ml_candidate(*session.tables(), session)
    lines = str(raised.value).splitlines()
    assert lines[0].startswith(f"The training job {job.id} ended as {status}, expected DONE.")
    assert [line.strip() for line in lines[1:]] == [f"line {n}" for n in range(30, 50)]
    job.result.assert_not_called()
    deleted.assert_not_called()


def test_a_log_that_cannot_be_read_does_not_hide_the_failure(monkeypatch):
    job = job_fixture.job("FAILED")
    job.get_logs.side_effect = RuntimeError("No logs were found.")
    monkeypatch.setattr("attrition.snowflake.jobs.submit", lambda *arguments: job)
    session = job_fixture.session_on_duckdb(monkeypatch, **JOB_SETTINGS)
    with pytest.raises(AttritionError, match=r"ended as FAILED.*No logs were found\.$"):
        ml_candidate(*session.tables(), session)


def test_a_job_that_takes_too_long_is_cancelled(monkeypatch):
    job = job_fixture.job("RUNNING", log=["trial 3/20"])
    clock = iter(range(0, 100_000, 3600))
    monkeypatch.setattr("attrition.snowflake.jobs.time.monotonic", lambda: next(clock))
    with pytest.raises(AttritionError, match=r"is RUNNING after .* lower max_rows.*\n  trial 3/20"):
        jobs.wait(job)
    job.cancel.assert_called_once_with()


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, SnowparkSQLException])
def test_a_job_whose_wait_is_interrupted_is_cancelled(interruption):
    job = job_fixture.job("RUNNING")
    job.wait.side_effect = interruption("stop")
    job.cancel.side_effect = RuntimeError("not allowed")
    with pytest.raises(interruption):
        jobs.wait(job)
    job.cancel.assert_called_once_with()


def test_a_job_that_is_done_is_deleted_and_that_it_cannot_be_is_no_error(monkeypatch, caplog):
    text = encoded(fixture.trained())
    job = job_fixture.job(result=text)
    monkeypatch.setattr("attrition.snowflake.jobs.submit", lambda *arguments: job)
    from snowflake.ml.jobs import delete_job

    spy = create_autospec(delete_job, side_effect=RuntimeError("no"))
    monkeypatch.setattr("snowflake.ml.jobs.delete_job", spy)
    session = job_fixture.session_on_duckdb(monkeypatch, **JOB_SETTINGS)
    assert ml_candidate(*session.tables(), session).num_rows == 1
    spy.assert_called_once_with(job, session=session)
    assert "could not be deleted: no." in caplog.text


# Settings.

CONFLICTS = {
    "a job on duckdb": (
        {"engine": "snowflake_ml_job", "compute_pool": "a_pool"},
        "duckdb",
        'engine: "snowflake_ml_job" is not allowed on this warehouse; allowed: local, ray.',
    ),
    "a job without a pool": (
        {"engine": "snowflake_ml_job"},
        "snowflake",
        "compute_pool is missing: engine snowflake_ml_job trains on a compute pool; "
        "set compute_pool to its name.",
    ),
    "ray on snowflake": (
        {"engine": "ray"},
        "snowflake",
        'engine: "ray" is not allowed on this warehouse; allowed: local, snowflake_ml_job.',
    ),
    "ray on a cluster without storage": (
        {"engine": "ray", "ray_address": "auto"},
        "duckdb",
        "ray_storage is missing: the workers of the cluster at ray_address keep their checkpoints "
        "there; set it to a folder or an s3:// address that all its nodes reach.",
    ),
    "a graphics card in a warehouse": (
        {"device": "cuda"},
        "snowflake",
        "device: cuda has no graphics card with engine local on this warehouse; set device to "
        "cpu, or engine to snowflake_ml_job.",
    ),
}


@pytest.mark.parametrize("name", CONFLICTS)
def test_an_engine_that_cannot_run_is_refused(name):
    values, warehouse, line = CONFLICTS[name]
    with pytest.raises(SettingsError) as raised:
        check_settings(values, abilities=abilities_of(warehouse))
    assert raised.value.problems == (line,)


def test_an_engine_that_can_run_is_no_problem(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    for values, warehouse in (
        (JOB_SETTINGS, "snowflake"),
        (JOB_SETTINGS | {"device": "cuda"}, "snowflake"),
        ({"engine": "local", "compute_pool": "a_pool"}, "duckdb"),
        ({"engine": "ray", "device": "cuda"}, "duckdb"),
    ):
        assert check_settings(values, abilities=abilities_of(warehouse)).engine == values["engine"]


def test_what_this_machine_lacks_is_said_by_the_check(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(machine, "has_gpu", lambda: False)
    for values, line in (
        ({"engine": "ray"}, machine.RAY_IS_MISSING),
        ({"device": "cuda"}, machine.GPU_IS_MISSING),
    ):
        with pytest.raises(SettingsError) as raised:
            check_settings(values, abilities=abilities_of("duckdb"))
        assert raised.value.problems == (line,)


def test_how_a_version_is_fitted_is_in_its_fingerprint_and_on_which_pool_is_not():
    names = Macros().training_settings()
    assert {"engine", "num_workers", "device"} <= set(names)
    assert not {"compute_pool", "ray_address", "ray_storage"} & set(names)
