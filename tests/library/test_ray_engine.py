"""Fits on a real Ray cluster on this machine: same quality, nothing left behind, workers killed."""

import importlib.util
import os
import re
import signal
import sys
import threading
import time
from pathlib import Path
from unittest.mock import create_autospec

import numpy as np
import pytest
import training_fixture as fixture
import xgboost
from attrition import ray_engine
from attrition.dbt_models import ml_candidate
from attrition.errors import AttritionError
from attrition.settings import machine
from attrition.training import candidate
from attrition.training.rows import Rows
from attrition.training.search import fit_booster
from sklearn.metrics import roc_auc_score

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="ray is not installed: make ray-install"
)
# one cluster after the other: each takes both cores
pytestmark = pytest.mark.xdist_group("ray")

PARAMETERS = {"max_depth": 3, "eta": 0.1, "subsample": 0.5, "device": "cpu"}


def rows(count=4000, seed=0, shift=0.0):
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(count, 6)).astype("float32")
    margin = 2 * matrix[:, 0] - matrix[:, 1] - 1
    labels = (rng.random(count) < 1 / (1 + np.exp(-margin))).astype(int)
    matrix[rng.random((count, 6)) < 0.1] = np.nan
    return Rows(matrix, labels, (1, 0, 0, 0, 0, 0), log_odds_shift=shift)


def loaded(booster):
    return xgboost.Booster(model_file=bytearray(booster))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    storage = tmp_path_factory.mktemp("storage")
    with ray_engine.cluster(2, None, str(storage)) as fit:
        yield fit, storage


# What needs no cluster.


@pytest.mark.parametrize("count", [1, 2, 7])
def test_each_row_is_in_one_shard_with_its_label_and_weight(count):
    given = rows(1000)
    given = Rows(given.matrix, given.is_attrition, weight=np.arange(1000, dtype="float32"))
    tables = list(ray_engine.shards(given, count))
    assert len(tables) == count
    stacked = np.concatenate([table.to_pandas().to_numpy() for table in tables])
    expected = np.column_stack([given.matrix, given.is_attrition, given.weight])
    np.testing.assert_array_equal(stacked, expected)
    assert max(map(len, tables)) - min(map(len, tables)) <= 1


def node(cpus, gpus=0, alive=True):
    return {"Alive": alive, "Resources": {"CPU": cpus, "GPU": gpus}}


@pytest.mark.parametrize(
    ("nodes", "workers", "share"),
    [
        ([node(2)], 2, 1),
        ([node(8), node(8)], 2, 8),
        ([node(8), node(8)], 3, 4),
        ([node(16), node(4)], 2, 8),
        ([node(8), node(64, alive=False)], 1, 8),
    ],
)
def test_a_worker_gets_the_most_cpus_with_which_all_find_a_node(nodes, workers, share):
    assert ray_engine.cpus_of_worker(nodes, workers, use_gpu=False) == share


def test_a_cluster_that_is_too_small_is_refused_rather_than_waited_for():
    with pytest.raises(AttritionError, match="num_workers is 3 and the Ray cluster has 2 CPUs"):
        ray_engine.cpus_of_worker([node(2)], 3, use_gpu=False)
    with pytest.raises(AttritionError, match="for each of 2 workers, and the Ray cluster has 1"):
        ray_engine.cpus_of_worker([node(8, gpus=1)], 2, use_gpu=True)


def test_without_ray_the_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    connection = fixture.connect(engine="ray", num_workers=2, ray_address=None, ray_storage=None)
    tables = ("training_plan", "attrition_feature_catalog", "modeling_dataset")
    with pytest.raises(AttritionError, match="make ray-install"):
        ml_candidate(*(connection.table(name) for name in tables), connection)


def test_an_xgboost_without_cuda_has_no_graphics_card():
    assert machine.has_gpu() is False or xgboost.build_info()["USE_CUDA"]


def test_a_graphics_card_that_is_not_there_is_no_silent_fit_on_the_cpu(monkeypatch):
    monkeypatch.setattr(machine, "has_gpu", lambda: False)
    with pytest.raises(AttritionError, match=r"XGBoost finds no graphics card; .* gpu-install"):
        fixture.train(device="cuda")


def test_the_device_reaches_the_search_and_the_fits_and_the_version_is_not_reproducible(
    monkeypatch,
):
    monkeypatch.setattr(candidate, "lacking", lambda engine, device: iter(()))
    devices = []
    real = xgboost.Booster

    class Spy(real):
        def __init__(self, params=None, *arguments, **options):
            if isinstance(params, dict) and "device" in params:
                devices.append(params["device"])
                params = {**params, "device": "cpu"}
            super().__init__(params, *arguments, **options)

    monkeypatch.setattr("xgboost.Booster", Spy)
    monkeypatch.setattr("xgboost.training.Booster", Spy)
    row = fixture.train(device="cuda", num_tuning_rounds=1)
    assert devices == ["cuda"] * 3
    assert not row["is_reproducible"]


# What runs on one.


@needs_ray
@pytest.mark.slow
def test_a_fit_that_fails_says_why_and_leaves_no_cluster_and_no_checkpoints(monkeypatch):
    import ray

    monkeypatch.setattr(ray_engine, "MAX_FAILURES", 0)
    seen = []

    def failing():
        with ray_engine.cluster(1, None, None) as fit:
            folder = Path(fit.keywords["storage"])
            seen.extend([folder, folder.is_dir(), ray.is_initialized()])
            fit(rows(), {**PARAMETERS, "max_depth": -1}, 5, 7)

    with pytest.raises(AttritionError, match=r"could not fit 5 trees .*max_depth"):
        failing()
    folder, *is_there = seen
    assert is_there == [True, True]
    assert not folder.exists()
    assert not ray.is_initialized()


@needs_ray
@pytest.mark.slow
def test_two_workers_fit_as_well_as_one_machine_and_keep_its_promises(cluster):
    fit, storage = cluster
    given, unseen = rows(20_000, shift=0.7), rows(20_000, seed=1)
    arguments = {**PARAMETERS, "subsample": 1.0}, 100, 7
    there, here = loaded(fit(given, *arguments)), loaded(fit_booster(given, *arguments))
    matrix = xgboost.DMatrix(unseen.matrix)
    margins = [one.predict(matrix, output_margin=True) for one in (there, here)]
    aucs = [roc_auc_score(unseen.is_attrition, margin) for margin in margins]
    assert aucs[0] == pytest.approx(aucs[1], abs=0.001)
    # base score and sampling correction are the same
    assert np.mean(margins[0]) == pytest.approx(np.mean(margins[1]), abs=0.02)
    assert there.num_boosted_rounds() == 100
    assert there.feature_names is None
    line = np.zeros((50, 6), dtype="float32")
    line[:, 0] = np.linspace(-3, 3, 50)
    assert (np.diff(there.predict(xgboost.DMatrix(line))) >= 0).all()
    assert list(storage.iterdir()) == []


TREES = 2000


@needs_ray
@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced_and_the_fit_goes_on_from_its_checkpoint(
    cluster, caplog
):
    import ray
    from ray.util.state import list_actors

    fit, storage = cluster
    killed = []

    def kill():
        while not list(storage.glob("*/checkpoint_manager_snapshot.json")):
            time.sleep(0.05)
        [worker, *_] = list_actors(
            # what another cluster left on this machine is not asked
            address=ray.get_runtime_context().gcs_address,
            filters=[("class_name", "=", "RayTrainWorker"), ("state", "=", "ALIVE")],
        )
        os.kill(worker.pid, signal.SIGKILL)
        killed.append(worker.pid)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    # long enough that the workers are still at it when one is found
    booster = loaded(fit(rows(), PARAMETERS, TREES, 7))
    killer.join(timeout=10)
    assert len(killed) == 1
    [went_on] = re.findall(r"went on from its checkpoint of (\d+) trees", caplog.text)
    assert int(went_on) % ray_engine.ROUNDS_BETWEEN_CHECKPOINTS == 0
    assert booster.num_boosted_rounds() == TREES


@needs_ray
def test_a_cluster_that_does_not_answer_is_named(monkeypatch):
    import ray

    spy = create_autospec(ray.init, side_effect=ConnectionError("no answer"))
    monkeypatch.setattr("ray.init", spy)
    with (
        pytest.raises(AttritionError, match=r"No Ray cluster at ray_address head:6379: no answer"),
        ray_engine.cluster(2, "head:6379", "s3://bucket"),
    ):
        pass
    assert spy.call_args.args == ("head:6379",)
