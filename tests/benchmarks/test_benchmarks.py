"""The benchmarks' own arithmetic: metrics, BG/NBD, purchase histories, peers, tables."""

import importlib.util
import io
import json
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from benchmarks.bg_nbd import BgNbd, Histories
from benchmarks.controls import DEFAULT_VALUES, variants
from benchmarks.data_sets import SHARED_DATA, Source, UnavailableError, cdnow, quality_tasks
from benchmarks.measures import METRICS, Ranked, measure
from benchmarks.peers import PEERS
from benchmarks.problem import Problem, match, purchase_history, read_problem
from benchmarks.records import THIS_PROJECT, Record, as_json, show_records, write_json
from benchmarks.replay import Month, missing_events
from benchmarks.scratch_project import ScratchProject

BENCH_PACKAGES = ("lightgbm", "catboost")
ABSENT = [name for name in BENCH_PACKAGES if importlib.util.find_spec(name) is None]


@pytest.fixture(scope="module")
def predictions():
    """Probabilities with ties, and outcomes that follow them; 1,203 rows of 400 customers."""
    rng = np.random.default_rng(3)
    probability = np.round(rng.beta(1, 3, 1_203), 2)
    outcome = (rng.random(1_203) < 0.7 * probability + 0.05).astype(int)
    return probability, outcome, rng.integers(400, size=1_203)


def ece_by_loop(probability, outcome, weight):
    gaps = defaultdict(float)
    for p, y, w in zip(probability, outcome, weight, strict=True):
        gaps[min(int(p * 10), 9)] += w * (p - y)
    return sum(map(abs, gaps.values())) / weight.sum()


def lift_by_loop(probability, outcome):
    """Rate in the top tenth over the rate of all; rows that tie at the border count in part."""
    top = -(-len(probability) // 10)
    border = np.sort(probability)[::-1][top - 1]
    above, at = probability > border, probability == border
    hits = outcome[above].sum() + outcome[at].mean() * (top - above.sum())
    return hits / top / outcome.mean()


def test_metrics_are_those_of_scikit_learn_and_of_a_loop(predictions):
    probability, outcome, _ = predictions
    expected = {
        "roc_auc": roc_auc_score(outcome, probability),
        "average_precision": average_precision_score(outcome, probability),
        "log_loss": log_loss(outcome, probability),
        "brier": brier_score_loss(outcome, probability),
        "ece": ece_by_loop(probability, outcome, np.ones(len(outcome))),
        "lift_top_decile": lift_by_loop(probability, outcome),
    }
    found = Ranked.of(probability, outcome).metrics()
    assert set(found) == set(METRICS)
    assert found == pytest.approx(expected, abs=1e-12)


def test_a_weight_counts_like_that_many_rows(predictions):
    probability, outcome, _ = predictions
    weight = np.random.default_rng(4).integers(0, 4, len(outcome))
    weighted = Ranked.of(probability, outcome).metrics(weight)
    repeated = Ranked.of(np.repeat(probability, weight), np.repeat(outcome, weight)).metrics()
    assert weighted == pytest.approx(repeated, abs=1e-12)


def test_a_sure_and_wrong_probability_costs_what_scikit_learn_says():
    probability, outcome = np.array([0.0, 1.0, 0.5, 0.5]), np.array([1, 0, 1, 0])
    found = Ranked.of(probability, outcome).metrics()
    assert found["log_loss"] == pytest.approx(log_loss(outcome, probability))


def test_mean_over_seeds_with_its_spread_and_an_interval_of_customers(predictions):
    probability, outcome, customers = predictions
    seeds = [probability, np.clip(probability + 0.03, 0, 1), probability**2]
    areas = [roc_auc_score(outcome, one) for one in seeds]
    losses = [brier_score_loss(outcome, one) for one in seeds]
    found = measure(seeds, outcome, customers)
    assert found.metrics["roc_auc"] == pytest.approx(np.mean(areas))
    assert found.metrics["brier"] == pytest.approx(np.mean(losses))
    assert found.spread["brier"] == pytest.approx(np.std(losses, ddof=1))
    assert measure(seeds[:1], outcome, customers, 10).spread == {}
    for name in ("roc_auc", "log_loss", "brier"):
        low, high = found.interval[name]
        assert low < found.metrics[name] < high


def test_interval_covers_what_new_customers_give():
    """Of many worlds with the same true AUC, most intervals hold it; rows alone would not do.

    Margins are normal, with means one standard deviation apart: the AUC is Phi(1 / sqrt(2)).
    """
    rng = np.random.default_rng(8)
    worlds, rows_each, held = 60, 12, 0
    truth = 0.7602
    for _ in range(worlds):
        outcome = np.repeat(rng.integers(2, size=150), rows_each)
        # all rows of a customer say the same
        margin = np.repeat(rng.normal(size=150), rows_each) + outcome
        found = measure([1 / (1 + np.exp(-margin))], outcome, np.repeat(np.arange(150), rows_each))
        low, high = found.interval["roc_auc"]
        held += low <= truth <= high
    assert held >= 0.85 * worlds


def simulated_histories(customers, weeks, model, seed):
    """Play out BG/NBD's story; return the histories, and who bought in the weeks after."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(model.r, 1 / model.alpha, customers)
    stops = rng.beta(model.a, model.b, customers)
    observed = rng.uniform(weeks - 12, weeks, customers)
    repeats, last = np.zeros(customers), np.zeros(customers)
    bought_later = np.zeros(customers, dtype=bool)
    for i in range(customers):
        time = 0.0
        while True:
            time += rng.exponential(1 / rates[i])
            if time > observed[i]:
                bought_later[i] = time <= observed[i] + 26
                break
            repeats[i], last[i] = repeats[i] + 1, time
            if rng.random() < stops[i]:
                break
    return Histories(repeats, last, observed), bought_later


PUBLISHED = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)


@pytest.fixture(scope="module")
def simulated():
    return simulated_histories(20_000, 60, PUBLISHED, seed=2)


def test_bg_nbd_finds_the_parameters_that_made_the_data(simulated):
    histories, _ = simulated
    found = BgNbd.fit(histories)
    assert found.r == pytest.approx(PUBLISHED.r, rel=0.1)
    assert found.alpha == pytest.approx(PUBLISHED.alpha, rel=0.1)
    # only the mean of the drop-out is well determined by histories this short
    mean, published_mean = (one.a / (one.a + one.b) for one in (found, PUBLISHED))
    assert mean == pytest.approx(published_mean, rel=0.1)
    best = found.log_likelihood(histories).sum()
    assert best >= PUBLISHED.log_likelihood(histories).sum()


def test_bg_nbd_on_cdnow_is_near_the_published_estimates(tmp_path):
    """The paper has a tenth of the customers, here are all: 39 weeks, near r 0.243, alpha 4.414."""
    try:
        source = cdnow(SHARED_DATA)(tmp_path)
    except UnavailableError as error:
        pytest.skip(str(error))
    customers = pd.read_parquet(tmp_path / "sales.parquet")["customer_id"].unique()
    rows = pd.DataFrame({"customer_id": customers, "as_of_date": pd.Timestamp("1997-10-01")})
    known = purchase_history(source.purchases, rows)
    weeks = known[["active_days", "observed_days"]].to_numpy() / 7
    found = BgNbd.fit(Histories(known["purchase_count"].to_numpy() - 1, weeks[:, 0], weeks[:, 1]))
    assert found.r == pytest.approx(PUBLISHED.r, rel=0.1)
    assert found.alpha == pytest.approx(PUBLISHED.alpha, rel=0.15)
    assert found.a / (found.a + found.b) == pytest.approx(0.793 / (0.793 + 2.426), rel=0.15)


def test_bg_nbd_likelihood_and_share_alive_are_the_integrals_over_customers():
    """One customer's likelihood by the story, integrated over rates and drop-outs numerically."""
    from scipy.integrate import quad
    from scipy.stats import beta, gamma

    model = BgNbd(r=0.8, alpha=5.0, a=1.5, b=2.5)
    rate, stop = gamma(model.r, scale=1 / model.alpha), beta(model.a, model.b)

    def over_rates(x, until):
        """Mean probability density of x purchases at given times and none after, until a time."""
        return quad(lambda lam: lam**x * np.exp(-lam * until) * rate.pdf(lam), 0, np.inf)[0]

    def over_stops(share):
        return quad(lambda p: share(p) * stop.pdf(p), 0, 1)[0]

    for x, last, observed in [(0, 0.0, 9.0), (1, 4.0, 11.0), (3, 8.0, 11.0)]:
        alive = over_rates(x, observed) * over_stops(lambda p, x=x: (1 - p) ** x)
        stopped = 0.0
        if x:
            stopped = over_rates(x, last) * over_stops(lambda p, x=x: p * (1 - p) ** (x - 1))
        histories = Histories(np.array([x]), np.array([last]), np.array([observed]))
        found = model.log_likelihood(histories)[0]
        assert found == pytest.approx(np.log(alive + stopped), abs=1e-6)
        assert model.alive(histories)[0] == pytest.approx(alive / (alive + stopped), abs=1e-6)


def test_silence_is_calibrated_and_not_the_same_as_having_stopped(simulated):
    histories, bought_later = simulated
    silence = PUBLISHED.silence(histories, np.full(len(bought_later), 26.0))
    for rows in np.array_split(np.argsort(silence, kind="stable"), 8):
        error = np.sqrt((silence[rows] * (1 - silence[rows])).mean() / len(rows))
        assert abs((~bought_later[rows]).mean() - silence[rows].mean()) < 4 * error
    never_again = histories.repeats == 0
    assert (PUBLISHED.alive(histories)[never_again] == 1).all()
    assert roc_auc_score(~bought_later, silence) > 0.7


def random_purchases(path, seed=5):
    """Write purchases of 60 customers; return them as (customer, day, amount)."""
    rng = np.random.default_rng(seed)
    start = date(2024, 1, 1)
    rows = [
        (f"c{customer}", start + timedelta(days=int(day)), float(amount))
        for customer in range(60)
        for day, amount in zip(rng.integers(0, 300, 6), rng.integers(1, 90, 6), strict=True)
    ]
    columns = ["customer_id", "sold_on", "amount"]
    pd.DataFrame(rows, columns=columns).to_parquet(path)
    return rows


def test_history_holds_what_was_bought_before_the_snapshot_and_nothing_later(tmp_path):
    sales = random_purchases(tmp_path / "sales.parquet")
    snapshots = [
        (customer, as_of)
        for as_of in (date(2024, 6, 1), date(2024, 9, 1))
        for customer in sorted({one for one, _, _ in sales}, reverse=True)
        if any(one == customer and day < as_of for one, day, _ in sales)
    ]
    rows = pd.DataFrame(snapshots, columns=["customer_id", "as_of_date"])
    found = purchase_history(f"select * from '{tmp_path}/sales.parquet'", rows)
    for (customer, as_of), one in zip(snapshots, found.itertuples(), strict=True):
        before = [(day, amount) for who, day, amount in sales if who == customer and day < as_of]
        days = {day for day, _ in before}
        assert one.purchase_count == len(days)
        assert one.amount == pytest.approx(sum(amount for _, amount in before))
        assert one.recency_days == (as_of - max(days)).days
        assert one.active_days == (max(days) - min(days)).days
        assert one.observed_days == (as_of - min(days)).days


def test_a_purchase_on_the_snapshots_own_day_does_not_count(tmp_path):
    random_purchases(tmp_path / "sales.parquet")
    sql = "select 'c' as customer_id, date '2024-05-01' as sold_on, 3.0 as amount"
    rows = pd.DataFrame({"customer_id": ["c"], "as_of_date": [date(2024, 5, 1)]})
    with pytest.raises(ValueError, match="1 rows have no purchase"):
        purchase_history(sql, rows)


def test_predictions_are_matched_by_customer_and_date():
    rows = pd.DataFrame({"customer_id": ["b", "a"], "as_of_date": [date(2024, 1, 1)] * 2})
    told = pd.DataFrame(
        {"customer_id": ["a", "b"], "as_of_date": [date(2024, 1, 1)] * 2, "p": [0.1, 0.2]}
    )
    assert match(rows, told, ["p"])["p"].tolist() == [0.2, 0.1]
    with pytest.raises(ValueError, match="1 of 2 rows have no prediction"):
        match(rows, told.tail(1), ["p"])


@pytest.fixture
def problem(tmp_path):
    """A small problem: one number that tells, one category, missing values, a new level."""
    random_purchases(tmp_path / "sales.parquet")
    rng = np.random.default_rng(6)
    customers = [f"c{i}" for i in range(60)]

    def rows(as_of, levels):
        signal = rng.normal(size=60)
        table = pd.DataFrame({"customer_id": customers, "as_of_date": pd.Timestamp(as_of)})
        table["is_attrition"] = (signal + rng.normal(size=60) > 0).astype(int)
        table["signal"] = np.where(rng.random(60) < 0.1, np.nan, signal).astype("float32")
        table["payer"] = rng.choice(levels, 60)
        return table.sort_values("customer_id").reset_index(drop=True)

    months = ["2024-11-01", "2024-12-01", "2025-01-01"]
    fit = pd.concat([rows(month, ["x", "y", None]) for month in months], ignore_index=True)
    test = rows("2025-06-01", ["x", "y", "new", None])
    purchases = f"select * from '{tmp_path}/sales.parquet'"
    return Problem(fit, test, ["signal"], ["payer"], purchases)


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_peer_predicts_every_test_row_from_the_fit_rows_alone(problem, peer):
    if peer.name.lower() in ABSENT:
        pytest.skip(f"{peer.name} is not installed; `make bench-quality` installs it")
    probability = peer.predict(problem, 1)
    assert len(probability) == len(problem.test)
    assert ((probability >= 0) & (probability <= 1)).all()
    turned = problem.test.assign(is_attrition=1 - problem.test["is_attrition"])
    blind = Problem(problem.fit, turned, problem.numbers, problem.categories, problem.purchases)
    np.testing.assert_array_equal(peer.predict(blind, 1), probability)


def test_bg_nbd_peer_counts_repeat_purchases_in_weeks_up_to_the_test(problem):
    sales = defaultdict(set)
    for customer, day, _ in duckdb.sql(problem.purchases).fetchall():
        sales[customer].add(day)
    as_of = date(2025, 6, 1)
    known = [
        (len(days) - 1, (max(days) - min(days)).days / 7, (as_of - min(days)).days / 7)
        for _, days in sorted(sales.items())
    ]
    histories = Histories(*np.array(known, dtype=float).T)
    expected = BgNbd.fit(histories).silence(histories, np.full(len(known), 183 / 7))
    peer = next(one for one in PEERS if one.name == "BG/NBD")
    # the test's rows are in the order of their customers too
    np.testing.assert_allclose(peer.predict(problem, 1), expected, rtol=1e-6)


def test_recency_peer_ranks_by_the_days_since_the_last_purchase(problem):
    peer = next(one for one in PEERS if one.name == "recency alone")
    days = problem.history(problem.test)["recency_days"].to_numpy()
    area = roc_auc_score(days > np.median(days), peer.predict(problem, 1))
    assert area in (0.0, 1.0)


def test_label_windows_have_the_length_of_their_months(problem):
    rows = pd.DataFrame({"as_of_date": pd.to_datetime(["2024-01-01", "2024-07-01"])})
    assert (problem.weeks_ahead(rows) * 7).round(6).tolist() == [182, 184]


def test_label_windows_at_week_grain_have_that_many_weeks(problem):
    rows = pd.DataFrame({"as_of_date": pd.to_datetime(["2024-01-29", "2024-02-26", "2024-07-01"])})
    weekly = replace(problem, horizon=4, time_grain="week")
    assert weekly.weeks_ahead(rows).tolist() == [4, 4, 4]


def test_the_horizon_and_its_grain_are_those_of_the_plan(tmp_path):
    project = ScratchProject(tmp_path)
    with duckdb.connect(str(project.database)) as connection:
        connection.execute("""
            create table attrition_feature_catalog as
            select 'signal' as feature, 'number' as data_type, true as is_selected;
            create table modeling_dataset as
            select 'a' as customer_id, date '2024-01-01' as as_of_date, 1 as is_attrition,
                true as is_fit, 'train' as split, 0.5 as signal
            union all
            select 'a', date '2024-02-26', 0, false, 'test', 0.25;
            create table training_plan as
            select '{"attrition_horizon": 4, "time_grain": "week"}' as settings
        """)
    found = read_problem(project, Source(tmp_path, "select 1", {}))
    assert (found.horizon, found.time_grain) == (4, "week")
    assert found.weeks_ahead(found.test).tolist() == [4]


def test_rfm_without_amounts_is_recency_and_frequency(problem):
    """Amounts of 0, as where a file has none, change nothing; without them the fit is the same."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import scale

    unpaid = replace(
        problem,
        purchases=f"select customer_id, sold_on, 0::double as amount "
        f"from ({problem.purchases}) as purchases",
    )
    logs = [
        np.log1p(problem.history(rows)[["recency_days", "purchase_count"]].to_numpy(dtype=float))
        for rows in (problem.fit, problem.test)
    ]
    fit, test = np.split(
        (np.vstack(logs) - logs[0].mean(axis=0)) / logs[0].std(axis=0), [len(logs[0])]
    )
    np.testing.assert_allclose(fit, scale(logs[0]))
    expected = LogisticRegression().fit(fit, problem.fit["is_attrition"]).predict_proba(test)[:, 1]
    peer = next(one for one in PEERS if one.name == "logistic regression on RFM")
    np.testing.assert_allclose(peer.predict(unpaid, 1), expected, atol=1e-4)


def test_missing_data_is_named(tmp_path):
    with pytest.raises(UnavailableError, match=r"CDNOW_master\.txt is not there"):
        cdnow(tmp_path)(tmp_path / "raw")


def test_tasks_have_names_of_their_own(tmp_path):
    names = [task.name for task in quality_tasks(tmp_path, 100)]
    assert len(set(names)) == len(names) >= 3


def test_every_control_has_a_default_and_its_values_change_one_setting():
    assert {variant.control for variant in variants()} == set(DEFAULT_VALUES)
    assert all(len(variant.settings) == 1 for variant in variants())
    pairs = [(variant.control, variant.value) for variant in variants()]
    assert len(set(pairs)) == len(pairs)
    assert not set(pairs) & set(DEFAULT_VALUES.items())


def record(system, area):
    metrics = dict.fromkeys(METRICS, 0.5) | {"roc_auc": area}
    interval = {name: (value - 0.1, value + 0.1) for name, value in metrics.items()}
    return Record("cdnow", "six months", system, 10, 5, metrics, interval)


def test_table_puts_the_best_first_and_marks_this_project():
    console = Console(width=210, record=True, file=io.StringIO())
    show_records(console, [record("LightGBM", 0.7), record(THIS_PROJECT, 0.8)])
    text = console.export_text()
    assert f"> {THIS_PROJECT}" in text
    assert text.index(THIS_PROJECT) < text.index("LightGBM")
    assert "0.8000" in text
    assert "0.700-0.900" in text


def test_table_shows_time_a_perfect_models_ece_and_what_the_project_gains():
    ours = replace(record(THIS_PROJECT, 0.8), decision="kept", reason="nothing to learn")
    peer = replace(
        record("LightGBM", 0.7),
        seconds=12.345,
        ece_perfect=0.0123,
        gain={"roc_auc": 0.1, "log_loss": -0.2},
        gain_interval={"roc_auc": (0.05, 0.15), "log_loss": (-0.25, 0.15)},
    )
    console = Console(width=210, record=True, file=io.StringIO())
    show_records(console, [ours, peer])
    text = console.export_text()
    for header in ("seconds", "gain in roc auc", "gain in log loss", "ece of a perfect"):
        assert header in text
    for cell in (" 12.3 ", "0.0123", "+0.1000", "+0.0500 to +0.1500", "-0.2000"):
        assert cell in text
    assert "search, evaluation and dbt itself" in text
    assert "this project, kept: nothing to learn" in text


def test_results_are_the_list_that_readers_expect(tmp_path):
    path = tmp_path / "results" / "quality.json"
    write_json(path, as_json([record("LightGBM", 0.7)]))
    (written,) = json.loads(path.read_text())
    assert {"data_set", "task", "system", "rows", "seeds", "metrics", "interval"} <= set(written)
    assert set(written["metrics"]) == set(METRICS) == set(written["interval"])
    assert written["interval"]["roc_auc"] == pytest.approx([0.6, 0.8])
    assert list(path.parent.iterdir()) == [path]


def month(**changes):
    plain = {
        "month": "2025-01", "action": "", "plan": "training", "trained": "2025-01",
        "decision": "kept", "reason": "", "champion": "2025-01", "decided_by": "gate",
        "scores": 1, "mean_score": 0.1, "is_scored_by_champion": True,
    }  # fmt: skip
    return Month(**{**plain, **changes})


def test_replay_says_what_its_course_lacks():
    wins = month(decision="promoted", reason="roc_auc 0.8 against 0.7")
    rolled = month(
        action="operator rolls back to 2025-01", decided_by="operator", trained=None, decision=None
    )
    frozen = month(trained=None, decision=None)
    assert missing_events([wins, month(), rolled, frozen]) == []
    assert missing_events([month(), rolled]) == [
        "a challenger that wins against a champion",
        "a month that trains nothing",
    ]
    unscored = month(
        action="operator rolls back to 2024-12", decided_by="operator", trained=None, decision=None
    )
    assert "a rollback after which the former version scores" in missing_events([wins, unscored])
