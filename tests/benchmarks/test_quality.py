"""What a run of the quality benchmark says and records."""

import io
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from benchmarks import contest, quality
from benchmarks.bg_nbd import NoEstimateError
from benchmarks.contest import Contest, Decision, Entry, Log, peer_entry
from benchmarks.data_sets import Source, Task, UnavailableError
from benchmarks.measures import Ranked
from benchmarks.peers import Peer
from benchmarks.problem import Problem
from benchmarks.records import THIS_PROJECT, as_json
from benchmarks.scratch_project import BuildError, NoVersionError, ScratchProject

ROWS = 90


def task(name="relay"):
    return Task(name, "relay foods", "two months", prepare=lambda folder: Source(folder, "", {}))


@pytest.fixture
def problem():
    rng = np.random.default_rng(2)
    test = pd.DataFrame({"customer_id": [f"c{i % 30}" for i in range(ROWS)]})
    test["as_of_date"] = np.repeat(pd.date_range("2024-01-01", periods=3), 30)
    test["is_attrition"] = rng.integers(2, size=ROWS)
    return Problem(test, test, [], [], "")


@pytest.fixture
def played(problem, tmp_path):
    """A contest of two systems; the truth of the first date's rows is known."""
    rng = np.random.default_rng(3)
    truth = problem.test.head(30)[["customer_id", "as_of_date"]]
    truth.assign(true_probability=rng.random(30)).to_parquet(tmp_path / "truth.parquet")
    entries = {
        THIS_PROJECT: Entry([rng.random(ROWS), rng.random(ROWS)], [2.0, 4.0]),
        "peer": Entry([rng.random(ROWS)], [0.5]),
    }
    source = Source(tmp_path, "", {}, tmp_path / "truth.parquet")
    return Contest(task(), source, problem, entries, Decision("kept", "nothing to learn"))


def test_records_hold_times_gains_and_the_gates_decision(played):
    ours, peer, *_ = quality.records_of(played)
    assert (ours.seconds, peer.seconds) == (3.0, 0.5)
    assert (ours.decision, ours.reason) == ("kept", "nothing to learn")
    assert ours.gain == {}
    outcome = played.problem.outcome
    areas = {
        system: np.mean([Ranked.of(one, outcome).metrics()["roc_auc"] for one in entry.predictions])
        for system, entry in played.entries.items()
    }
    assert peer.gain["roc_auc"] == pytest.approx(areas[THIS_PROJECT] - areas["peer"])
    low, high = peer.gain_interval["roc_auc"]
    assert low < peer.gain["roc_auc"] < high
    assert peer.decision is None
    written = as_json([ours, peer])
    assert {"seconds", "ece_perfect", "gain", "gain_interval"} <= set(written[1])
    assert written[0]["reason"] == "nothing to learn"


def test_the_truth_is_compared_on_the_rows_where_it_is_known(played):
    known = [one for one in quality.records_of(played) if one.task == quality.KNOWN_ROWS]
    assert [one.rows for one in known] == [30, 30, 30]
    truth = next(one for one in known if one.system == quality.TRUTH)
    assert truth.seconds is None
    assert set(truth.gain) == {"roc_auc", "log_loss"}


def test_a_peers_time_is_taken_once_per_seed_it_needs(problem, monkeypatch):
    clock = iter([10.0, 12.0, 20.0, 23.0])
    monkeypatch.setattr(contest, "time", SimpleNamespace(perf_counter=clock.__next__))
    peer = Peer("guess", lambda problem, seed: np.full(ROWS, 0.1 * seed), is_seeded=True)
    found = peer_entry(peer, problem, 2, Log(Console(file=io.StringIO()), task()))
    assert found.seconds == [2.0, 3.0]
    assert [one[0] for one in found.predictions] == [0.1, 0.2]


class Played(ScratchProject):
    """A project that trains nothing and says what the gate decided."""

    def build(self, select=(), **settings):
        pass


def test_a_peer_without_an_estimate_does_not_stop_the_others(problem, monkeypatch, tmp_path):
    def none(problem, seed):
        raise NoEstimateError("BG/NBD: no maximum")

    guess = Peer("guess", lambda problem, seed: np.full(ROWS, 0.5))
    monkeypatch.setattr(contest, "PEERS", [Peer("BG/NBD", none), guess])
    monkeypatch.setattr(contest, "ScratchProject", Played)
    monkeypatch.setattr(contest, "read_problem", lambda project, source: problem)
    monkeypatch.setattr(contest, "project_predictions", lambda *_: np.full(ROWS, 0.4))
    monkeypatch.setattr(contest, "decide", lambda project: Decision("kept", "nothing to learn"))
    console = Console(record=True, file=io.StringIO(), width=120)
    found = contest.run_task(task(), tmp_path, 1, console)
    assert list(found.entries) == [THIS_PROJECT, "guess"]
    text = console.export_text()
    assert "relay: this project, kept: nothing to learn" in text
    assert "relay: BG/NBD: no predictions, BG/NBD: no maximum" in text


@pytest.mark.parametrize(
    ("error", "said", "is_complete"),
    [
        (UnavailableError("relay.csv is not there"), "skipped, relay.csv is not there", False),
        (BuildError("dbt build failed"), "skipped, dbt build failed", False),
        (NoVersionError("no version: no training: all left"), "no version: no training", True),
    ],
)
def test_a_task_that_cannot_run_says_why_and_the_next_one_runs(
    played, monkeypatch, error, said, is_complete
):
    def run_task(task, folder, seeds, console):
        if task.name == "broken":
            raise error
        return played

    monkeypatch.setattr(quality, "run_task", run_task)
    console = Console(record=True, file=io.StringIO(), width=120)
    records, complete = quality.run([task("broken"), task()], 1, console)
    assert said in console.export_text()
    assert complete is is_complete
    assert {one.system for one in records} == {THIS_PROJECT, "peer", quality.TRUTH}
