"""The generated sample: the raw contract, a known behaviour and a truth that holds."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest
from attrition.generator import (
    DRIFT_PAYER,
    DRIFT_STARTS_ON,
    PAYER_TYPES,
    generate,
    seed_files,
)
from attrition.generator.behaviour import Behaviour
from attrition.generator.simulation import (
    History,
    connect,
    month_number,
    month_start,
    simulate,
    step,
)
from sklearn.metrics import roc_auc_score

SEEDS = Path(__file__).parents[3] / "seeds"

COLUMNS = {
    "sales": "sale_id customer_id sold_on product_type product_id quantity amount is_return",
    "complaint": "complaint_id customer_id opened_on closed_on reason is_harm",
    "touchpoint": "touchpoint_id customer_id occurred_on direction channel has_note",
    "startright": "event_id customer_id occurred_on event_type",
    "warranty": "warranty_id customer_id device_serial starts_on ends_on",
    "demographics": "customer_id valid_from birth_date insulin_since region payer_type "
    "diagnosis_type is_auto_reorder",
}
KEYS = {
    "sales": "sale_id",
    "complaint": "complaint_id",
    "touchpoint": "touchpoint_id",
    "startright": "event_id",
    "warranty": "warranty_id",
    "demographics": "customer_id, valid_from",
}
DATES = {
    "sales": "sold_on",
    "complaint": "opened_on",
    "touchpoint": "occurred_on",
    "startright": "occurred_on",
    "warranty": "starts_on",
    "demographics": "valid_from",
}
CATEGORIES = {
    ("sales", "product_type"): {"consumable", "sensor", "device", "accessory"},
    ("touchpoint", "direction"): {"inbound", "outbound"},
    ("startright", "event_type"): {"enrolled", "session", "completed", "withdrawn"},
    ("demographics", "payer_type"): set(PAYER_TYPES),
    ("demographics", "diagnosis_type"): {"TYPE_1", "TYPE_2"},
}
MAY_BE_NULL = {
    ("complaint", "closed_on"),
    ("demographics", "birth_date"),
    ("demographics", "region"),
    ("demographics", "payer_type"),
}
END = date(2025, 1, 1)


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """Views on 48 months of 6,000 customers, and the truth at five snapshots."""
    folder = tmp_path_factory.mktemp("sample")
    snapshots = ["2022-07", "2023-01", "2023-07", "2024-01", "2024-07"]
    paths = generate(6_000, 48, 5, folder, truth=True, snapshots=snapshots, futures=20, threads=2)
    connection = duckdb.connect(config={"threads": 2})
    for path in paths:
        connection.execute(f"create view {path.stem} as from '{path}'")
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def simulation(tmp_path_factory):
    """A connection that holds the customers' hidden state after 30 months."""
    connection = connect(tmp_path_factory.mktemp("simulation"), threads=2)
    simulate(connection, History(customers=8_000, months=30, seed=21))
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def known(sample):
    """Active customers of every snapshot: date, true probability, realised attrition."""
    return sample.sql(
        "select as_of_date, true_probability, is_attrition from truth where is_active "
        "order by as_of_date, customer_id"
    ).df()


def value(connection, query):
    return connection.execute(query).fetchall()[0][0]


def test_same_seed_gives_the_same_bytes_whatever_the_number_of_threads(tmp_path):
    options = {"truth": True, "snapshots": ["2022-01"], "futures": 5}
    for threads in (1, 3):
        generate(600, 14, 3, tmp_path / str(threads), threads=threads, **options)
    assert contents(tmp_path / "1") == contents(tmp_path / "3")


def test_another_seed_gives_other_records(tmp_path):
    for seed in (3, 4):
        generate(200, 8, seed, tmp_path / str(seed), "csv", threads=2)
    first, second = contents(tmp_path / "3"), contents(tmp_path / "4")
    assert first.keys() == second.keys()
    assert all(first[name] != second[name] for name in first)


def test_only_the_files_are_left_in_the_folder(tmp_path):
    paths = generate(50, 8, 3, tmp_path, "csv", truth=True, futures=2, threads=2)
    assert {path.name for path in paths} == {f"{table}.csv" for table in COLUMNS} | {
        "truth.parquet"
    }
    assert sorted(tmp_path.iterdir()) == sorted(paths)


@pytest.mark.parametrize("table", COLUMNS)
def test_table_keeps_the_contract(sample, table):
    names = [row[0] for row in sample.execute(f"describe {table}").fetchall()]
    assert names == COLUMNS[table].split()
    key, day = KEYS[table], DATES[table]
    rows, keys = sample.execute(
        f"select count(*), (select count(*) from (select distinct {key} from {table})) from {table}"
    ).fetchall()[0]
    assert rows == keys > 0
    first, last = sample.execute(f"select min({day}), max({day}) from {table}").fetchall()[0]
    assert first >= date(2021, 1, 1)
    assert last < END
    for name in names:
        missing = value(sample, f"select count(*) from {table} where {name} is null")
        assert (missing > 0) == ((table, name) in MAY_BE_NULL), name


@pytest.mark.parametrize(("table", "column"), CATEGORIES)
def test_every_category_is_used_and_no_other(sample, table, column):
    found = sample.sql(f"select distinct {column} from {table} where {column} is not null")
    assert {row[0] for row in found.fetchall()} == CATEGORIES[table, column]


@pytest.mark.parametrize("table", COLUMNS)
def test_rows_stand_in_the_order_of_their_dates(sample, table):
    days = [row[0] for row in sample.sql(f"select {DATES[table]} from {table}").fetchall()]
    assert days == sorted(days)


def test_dates_of_a_customer_fit_together(sample):
    wrong = [
        "select count(*) from complaint where closed_on < opened_on",
        f"select count(*) from complaint where closed_on >= date '{END}'",
        "select count(*) from warranty where ends_on <= starts_on",
        "select count(*) from demographics where insulin_since < birth_date",
        "select count(*) from demographics where birth_date > valid_from",
        "select count(*) from demographics where insulin_since > valid_from",
    ]
    assert [value(sample, query) for query in wrong] == [0] * len(wrong)
    changed = value(
        sample,
        "select count(*) from (select customer_id from demographics group by all having "
        "count(distinct birth_date) > 1 or count(distinct diagnosis_type) > 1)",
    )
    assert changed == 0


def test_money_and_units_have_the_sign_of_the_record(sample):
    assert (
        value(
            sample,
            "select count(*) from sales where is_return <> (quantity < 0) "
            "or is_return <> (amount < 0) or quantity = 0 or amount = 0",
        )
        == 0
    )
    assert value(sample, "select any_value(typeof(amount)) from sales") == "DECIMAL(12,2)"


def test_customers_join_through_the_whole_history(sample):
    joined = sample.sql(
        "select year(min(sold_on)) as year, count(*) from sales group by customer_id"
    )
    counts = joined.aggregate("year, count(*)").order("year").fetchall()
    assert [year for year, _ in counts] == [2021, 2022, 2023, 2024]
    assert all(count > 6_000 * 0.15 for _, count in counts)


def test_orders_follow_the_customers_own_gap_and_quantity_matches_it(sample):
    gaps = sample.sql(
        "select median(gap) as gap, median(quantity) * 3 as supply from (select customer_id, "
        "quantity, sold_on - lag(sold_on) over (partition by customer_id order by sold_on) as gap "
        "from sales where product_type = 'consumable' and not is_return) group by customer_id "
        "having count(gap) >= 5"
    ).df()
    assert 0.8 < np.median(gaps["gap"] / gaps["supply"]) < 1.4
    assert np.corrcoef(gaps["gap"], gaps["supply"])[0, 1] > 0.75
    assert gaps["supply"].quantile(0.1) < 45
    assert gaps["supply"].quantile(0.9) > 75


def test_some_buy_once_and_some_come_back(sample):
    orders = sample.sql(
        "select count(*) as orders, max(gap) as longest, min(sold_on) as first from (select *, "
        "sold_on - lag(sold_on) over (partition by customer_id order by sold_on) as gap "
        "from sales where product_type = 'consumable' and not is_return) group by customer_id"
    ).df()
    early = orders[orders["first"] < "2024-01-01"]
    assert 0.05 < (early["orders"] == 1).mean() < 0.2
    assert 0.02 < (early["longest"] > 270).mean() < 0.2


def test_about_one_active_customer_in_seven_attrites(known):
    shares = known.groupby("as_of_date")["is_attrition"].mean()
    assert 0.125 < shares.mean() < 0.16


def test_truth_agrees_with_the_files(sample):
    """Label and population by brute force over the sales file, for the earlier snapshots."""
    orders = {}
    for customer, day in sample.sql(
        "select customer_id, sold_on from sales where product_type = 'consumable' and not is_return"
    ).fetchall():
        orders.setdefault(customer, []).append(day)
    for as_of in (date(2023, 1, 1), date(2024, 1, 1)):
        told = sample.execute(
            "select customer_id, is_active, is_attrition from truth where as_of_date = ?", [as_of]
        ).fetchall()
        back, ahead = (date(as_of.year + step, 7, 1) for step in (-1, 0))
        expected = [
            (
                customer,
                any(back <= day < as_of for day in orders[customer]),
                int(not any(as_of <= day < ahead for day in orders[customer])),
            )
            for customer, _, _ in told
        ]
        bought = {customer for customer, days in orders.items() if min(days) < as_of}
        assert told == expected
        assert {customer for customer, _, _ in told} == bought


def test_true_probability_is_told_for_active_customers_only(sample):
    assert value(sample, "select bool_and(is_active = (true_probability is not null)) from truth")
    assert value(
        sample, "select min(true_probability) > 0 and max(true_probability) < 1 from truth"
    )


def test_true_probability_is_calibrated(known):
    """Realised shares lie within sampling error of the truth, overall and in each tenth."""
    probability = known["true_probability"].to_numpy()
    realised = known["is_attrition"].to_numpy(dtype=float)
    tenths = np.array_split(np.argsort(probability, kind="stable"), 10)
    for rows in [np.arange(len(known)), *tenths]:
        # The same customer stands in several snapshots: allow for it with a wider bound.
        error = np.sqrt((probability[rows] * (1 - probability[rows])).sum()) / len(rows)
        assert abs(realised[rows].mean() - probability[rows].mean()) < 4 * error


def test_no_single_feature_gives_attrition_away(sample, known):
    truth = roc_auc_score(known["is_attrition"].astype(int), known["true_probability"])
    assert 0.80 < truth < 0.87
    features = sample.sql(
        "select truth.is_attrition, truth.as_of_date - max(sold_on) as recency, "
        "(truth.as_of_date - max(sold_on)) / (3 * arg_max(quantity, sold_on)) as used_share, "
        "3 * arg_max(quantity, sold_on) - (truth.as_of_date - max(sold_on)) as stock, "
        "-count(*) as orders from truth inner join sales on sales.customer_id = truth.customer_id "
        "and sales.sold_on < truth.as_of_date where is_active and product_type = 'consumable' "
        "and not is_return group by truth.customer_id, truth.as_of_date, truth.is_attrition"
    ).df()
    labels = features.pop("is_attrition").astype(int)
    areas = {name: roc_auc_score(labels, features[name]) for name in features}
    assert 0.62 < areas["recency"] < 0.72
    assert max(max(area, 1 - area) for area in areas.values()) < truth - 0.1


def test_hidden_part_is_about_a_tenth_of_the_variance(simulation):
    share = value(
        simulation,
        "select var_samp(hidden_log_odds) / var_samp(log_odds) from state "
        "where not is_left and log_odds is not null",
    )
    assert 0.07 < share < 0.13


def test_belief_in_having_left_is_calibrated(simulation):
    """Among silent customers alike in belief, the share who did leave equals it."""
    groups = simulation.sql(
        "select avg(left_belief), avg(is_left::integer), count(*), "
        "sqrt(avg(left_belief * (1 - left_belief)) / count(*)) from state "
        "where left_belief > 0 group by least(4, floor(5 * left_belief))"
    ).fetchall()
    assert len(groups) == 5
    for belief, share, rows, error in groups:
        assert rows > 20
        assert abs(belief - share) < 4 * error + 0.001


def test_planted_drift_shows_from_its_first_day(sample):
    shares = sample.execute(
        "select payer_type = ? as is_drifting, as_of_date >= ? as is_later, "
        "avg(is_attrition) from truth asof join demographics "
        "on demographics.customer_id = truth.customer_id "
        "and demographics.valid_from < truth.as_of_date "
        "where is_active and payer_type is not null group by all",
        [DRIFT_PAYER, DRIFT_STARTS_ON],
    ).fetchall()
    odds = {(drifting, later): np.log(p / (1 - p)) for drifting, later, p in shares}
    earlier = odds[True, False] - odds[False, False]
    later = odds[True, True] - odds[False, True]
    assert later - earlier > 0.35


def log_odds_after_a_month(simulation, month, behaviour):
    """One month of the same customers under another behaviour, by customer."""
    step(simulation, month, behaviour, is_future=True)
    rows = simulation.sql("select log_odds from next_state order by customer").fetchnumpy()
    simulation.execute("drop table next_state")
    return rows["log_odds"]


def test_drift_moves_the_tendency_and_the_weight_of_three_causes(simulation):
    """The difference that drift makes to one month, against the causes counted by hand."""
    month, drift = 30, 0.5
    now = simulation.sql(
        "select 0.55 * least(complaint_heat, 2.5) + case when harm_heat > 0.35 then 1.1 else 0 end "
        "as complaint, case when warranty_ends_day >= $day then 0 when age + $day / 365.25 < 40 "
        "then 1.4 else 0.7 end as warranty, case when is_auto_reorder then -0.8 else 0 end as auto "
        "from state order by customer",
        params={"day": (month_start(month) - month_start(0)).days},
    ).df()
    waves = {
        "complaint": np.sin(2 * np.pi * (30 / 56 + 0.25)),
        "warranty": np.sin(2 * np.pi * (30 / 48 + 0.5)),
        "auto": np.sin(2 * np.pi * 30 / 36),
    }
    tendency = np.sin(2 * np.pi * 30 / 40)
    expected = drift * (tendency + sum(now[cause] * wave for cause, wave in waves.items()))
    steady = log_odds_after_a_month(simulation, month, Behaviour())
    drifting = log_odds_after_a_month(simulation, month, Behaviour(drift=drift))
    assert all(now[cause].astype(float).std() > 0.1 for cause in waves)
    np.testing.assert_allclose(drifting - steady, expected, atol=1e-6)


def test_drift_changes_how_many_leave_and_the_truth_follows(tmp_path):
    snapshots = ["2023-07", "2025-01", "2025-07"]
    shares = {}
    for drift in (0.0, 1.0):
        generate(
            *(4_000, 60, 3, tmp_path / str(drift)),
            truth=True,
            snapshots=snapshots,
            futures=20,
            threads=2,
            drift=drift,
        )
        known = duckdb.sql(
            f"select as_of_date, avg(is_attrition) as share, avg(true_probability) as truth, "
            f"sqrt(sum(true_probability * (1 - true_probability))) / count(*) as error "
            f"from '{tmp_path}/{drift}/truth.parquet' where is_active group by 1 order by 1"
        ).df()
        assert (abs(known.share - known.truth) < 4 * known.error).all()
        shares[drift] = known.share.to_numpy()
    assert shares[1.0][0] < shares[0.0][0] - 0.03
    assert shares[1.0][1] > shares[0.0][1] + 0.05


def test_longer_history_begins_with_the_shorter_and_brings_late_records(tmp_path):
    for months in (18, 24):
        generate(1_500, months, 9, tmp_path / str(months), joining_months=18, threads=2, drift=0.7)
    connection = duckdb.connect()
    end = month_start(18)
    for table, day in DATES.items():
        short, long = (f"'{tmp_path}/{months}/{table}.parquet'" for months in (18, 24))
        unchanged = "* exclude (closed_on)" if table == "complaint" else "*"
        # A bag difference: every row of the shorter history stands in the longer one.
        assert not connection.execute(
            f"select {unchanged} from {short} except all select {unchanged} from {long}"
        ).fetchall()
        late = connection.execute(
            f"select day from (select {unchanged}, {day} as day from {long} where {day} < ? "
            f"except all select {unchanged}, {day} as day from {short})",
            [end],
        ).fetchall()
        assert all(day >= end - timedelta(days=42) for (day,) in late)
        if table in ("sales", "touchpoint"):
            assert late
    connection.close()


def test_snapshot_at_the_end_has_a_truth_and_no_label_yet(tmp_path):
    generate(300, 12, 3, tmp_path, truth=True, snapshots=["2022-01"], futures=3, threads=2)
    known, labelled = duckdb.execute(
        f"select count(true_probability), count(is_attrition) from '{tmp_path}/truth.parquet'"
    ).fetchall()[0]
    assert known > 100
    assert labelled == 0


def test_every_future_has_draws_of_its_own(tmp_path):
    """Futures that repeat the history's draws would all be one, and would know its outcome."""
    means = []
    for futures in (1, 2):
        generate(
            *(300, 9, 3, tmp_path / str(futures)),
            truth=True,
            snapshots=["2021-07"],
            futures=futures,
            threads=2,
        )
        query = f"from '{tmp_path}/{futures}/truth.parquet' where is_active order by customer_id"
        means.append([row[3] for row in duckdb.sql(query).fetchall()])
    one, two = np.array(means)
    assert len(one) > 50
    assert (one != two).mean() > 0.9


def test_default_snapshots_are_the_last_observed_one_and_a_year_before(tmp_path):
    generate(100, 24, 3, tmp_path, truth=True, futures=2, threads=2)
    found = duckdb.sql(
        f"select distinct as_of_date from '{tmp_path}/truth.parquet' order by 1"
    ).fetchall()
    assert found == [(date(2021, 7, 1),), (date(2022, 7, 1),)]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"customers": 0}, "customers is 0"),
        ({"months": 0}, "months is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"futures": 0}, "futures is 0"),
        ({"drift": 1.5}, "drift is 1.5"),
        ({"file_format": "xlsx"}, "file_format is 'xlsx'"),
        ({"snapshots": ["2024-13"]}, "2024-13"),
        ({"snapshots": ["2031-01"]}, "2031-01 lies outside"),
    ],
)
def test_wrong_argument_is_named_before_anything_is_written(tmp_path, change, named):
    arguments = {"customers": 10, "months": 8, "seed": 1, "truth": True} | change
    with pytest.raises(ValueError, match=named):
        generate(out=tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


def test_months_are_counted_from_the_start_of_the_history():
    assert month_start(0) == date(2021, 1, 1)
    assert month_start(47) == date(2024, 12, 1)
    assert month_start(-6) == date(2020, 7, 1)
    assert [month_number(month_start(month)) for month in range(60)] == list(range(60))


def test_seeds_are_the_generators_output_and_small(tmp_path):
    made = {path.name: path.read_bytes() for path in seed_files(tmp_path, threads=2)}
    kept = {name: (SEEDS / name).read_bytes() for name in made}
    assert [name for name in made if made[name] != kept[name]] == []
    assert sum(map(len, made.values())) < 6_000_000
