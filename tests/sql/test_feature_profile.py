"""The feature profile against pandas and scikit-learn, over compiled SQL."""

from __future__ import annotations

import json
from types import SimpleNamespace

import duckdb
import numpy as np
import pandas as pd
import pytest
from compiled_project import Variation
from macro_harness import Macros
from sklearn.metrics import roc_auc_score

SPLITS = ("train", "validation", "calibration", "test")
MODELS = ("int_profile__levels", "int_profile__separation", "attrition_feature_profile")
QUANTILES = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
NUMBERS = ["mean", "standard_deviation", "minimum", *QUANTILES, "maximum"]


def expected_separation(values: pd.Series, label: pd.Series, is_category: bool) -> float:
    """Return the best ROC AUC of three rankings, either way round, by scikit-learn."""
    rankings = []
    if not is_category:
        known = values.dropna()
        for missing in (known.min() - 1, known.max() + 1):
            rankings.append(values.fillna(missing))
    if is_category or values.nunique(dropna=False) <= 20:
        level = values.astype(object).where(values.notna(), "is missing")
        level = level.where(level.map(level.value_counts()) >= 30, "is rare")
        rankings.append(label.groupby(level).transform("mean"))
    areas = [roc_auc_score(label, ranking) for ranking in rankings]
    return max(max(area, 1 - area) for area in areas)


def expected_profile(values: pd.Series, label: pd.Series) -> dict[str, float]:
    """Return what the profile must say of the values of one feature in one split."""
    is_category = values.dtype == object
    is_labelled = label.notna().all()
    facts = {
        "profiled_row_count": len(values),
        "missing_count": values.isna().sum(),
        "missing_share": values.isna().mean(),
        "distinct_count": values.nunique(),
        "attrition_count": label.sum() if is_labelled else np.nan,
        "separation": expected_separation(values, label, is_category) if is_labelled else np.nan,
        **dict.fromkeys(NUMBERS, np.nan),
    }
    if not is_category:
        facts |= {"mean": values.mean(), "standard_deviation": values.std()}
        facts |= {"minimum": values.min(), "maximum": values.max()}
        facts |= {name: values.quantile(share) for name, share in QUANTILES.items()}
    return facts


def profiled(variation: Variation) -> pd.DataFrame:
    profile = variation.built.query("select * from attrition_feature_profile").to_pandas()
    return profile.set_index(["feature", "split"])


def rows_of(variation: Variation, split: str) -> pd.DataFrame:
    """Return the rows of one split; numbers, booleans and the label are doubles."""
    newest = "as_of_date = (select max(as_of_date) from modeling_dataset)"
    where = newest if split == "scored" else f"split = '{split}'"
    rows = variation.built.query(f"select * from modeling_dataset where {where}").to_pandas()
    catalog = variation.built.rows("select feature, data_type from attrition_feature_catalog")
    numbers = [row["feature"] for row in catalog if row["data_type"] != "category"]
    return rows.astype(dict.fromkeys([*numbers, "is_attrition"], "float64"))


@pytest.mark.parametrize("split", [*SPLITS, "scored"])
@pytest.mark.parametrize("name", ["monthly", "weekly"])
def test_the_profile_equals_what_pandas_and_scikit_learn_say(
    name: str, split: str, request: pytest.FixtureRequest
) -> None:
    variation = request.getfixturevalue(name)
    profile = profiled(variation)
    rows = rows_of(variation, split)
    features = [
        column
        for column in variation.built.table("int_features__vector").schema.names
        if column not in {"customer_id", "as_of_date"}
    ]

    assert len(rows) > 50
    assert sorted(profile.xs(split, level="split").index) == sorted(features)
    for feature in features:
        said = profile.loc[feature, split]
        assert said.row_count == len(rows)
        expected = expected_profile(rows[feature], rows.is_attrition)
        found = {key: np.nan if said[key] is None else said[key] for key in expected}
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True), feature


def test_top_categories_are_the_ten_most_frequent_as_json(monthly: Variation) -> None:
    region = rows_of(monthly, "train").region
    shares = region.value_counts() / len(region)

    said = json.loads(profiled(monthly).loc["region", "train"].top_categories)

    assert said == pytest.approx(shares.to_dict(), abs=0.00005)
    assert list(said.values()) == sorted(said.values(), reverse=True)


def test_a_category_with_quotes_and_backslashes_is_still_json(monthly: Variation) -> None:
    odd = "* replace (case when region is not null then 'a \"b\" \\ c' end as region)"
    said = changed(monthly, odd).loc["region", "train"]
    assert list(json.loads(said.top_categories)) == ['a "b" \\ c']


def test_splits_are_dated_by_their_rows(monthly: Variation) -> None:
    profile = profiled(monthly)
    for split in (*SPLITS, "scored"):
        dates = rows_of(monthly, split).as_of_date
        said = profile.loc["active_months", split]
        assert (said.first_as_of_date, said.last_as_of_date) == (dates.min(), dates.max())


def changed(variation: Variation, replaced: str, rows: str = "int_profile__rows") -> pd.DataFrame:
    """Return the profile after a change of the dataset's columns or of the rows to read."""
    connection = variation.built.connection.cursor()
    connection.execute('use "scratch".main')
    connection.execute(
        f"create temp table changed_dataset as select {replaced} from modeling_dataset"
    )
    made = {"modeling_dataset": "changed_dataset", "int_profile__rows": rows}
    for model in MODELS:
        sql = variation.project.sql_of(model)
        for name, table in made.items():
            sql = sql.replace(f'"scratch"."main"."{name}"', table)
        made[model] = f"changed_{model}"
        connection.execute(f"create temp table changed_{model} as {sql}")
    profile = connection.sql("select * from changed_attrition_feature_profile").df()
    for table in ("changed_dataset", *(f"changed_{model}" for model in MODELS)):
        connection.execute(f"drop table {table}")
    return profile.set_index(["feature", "split"])


@pytest.mark.parametrize("factor", [1e30, 1e-30, -1e250, 0.0])
def test_numbers_of_any_size_have_a_mean_and_a_deviation(factor: float, monthly: Variation) -> None:
    values = rows_of(monthly, "train").consumable_amount_3m * factor

    said = changed(
        monthly,
        f"* replace (cast(consumable_amount_3m as double) * {factor!r} as consumable_amount_3m)",
    ).loc["consumable_amount_3m", "train"]

    assert said["mean"] == pytest.approx(values.mean(), rel=1e-9)
    # divided before it is squared, for pandas' own squares would not fit
    size = abs(factor) or 1
    assert said.standard_deviation / size == pytest.approx((values / size).std(), rel=1e-9)


def test_infinite_and_undefined_numbers_count_as_missing(monthly: Variation) -> None:
    odd = "case order_count when 1 then 'nan' when 2 then 'inf' when 3 then '-inf' else '7' end"
    orders = rows_of(monthly, "train").order_count

    said = changed(monthly, f"* replace (cast({odd} as double) as order_count)")
    said = said.loc["order_count", "train"]

    assert said.missing_count == orders.isin([1, 2, 3]).sum() > 0
    assert (said["mean"], said.standard_deviation, said.distinct_count) == (7, 0, 1)


def test_every_bit_is_the_same_for_any_number_of_threads(monthly: Variation) -> None:
    first = changed(monthly, "*").sort_index()
    connection = monthly.built.connection
    connection.execute("set threads = 1")
    connection.execute("create table reversed as from int_profile__rows order by all desc")

    again = changed(monthly, "*", rows="reversed").sort_index()

    connection.execute("drop table reversed")
    connection.execute("set threads = 2")
    pd.testing.assert_frame_equal(first, again, check_exact=True)


def test_a_large_split_is_thinned_by_whole_customers_and_says_so(monthly: Variation) -> None:
    sql = monthly.project.sql_of("int_profile__rows")
    assert "rows_before < 50000" in sql
    connection = monthly.built.connection.cursor()
    connection.execute('use "scratch".main')
    thin = sql.replace("rows_before < 50000", "rows_before < 500")
    connection.execute(f"create or replace table thinned as {thin}")
    rows = connection.sql("select * from thinned where split = 'train'").df()
    train = rows_of(monthly, "train")

    counts = train.customer_id.value_counts()
    by_hash = train.groupby("customer_hash").customer_id.first()
    kept = by_hash[by_hash.isin(rows.customer_id)]
    assert kept.tolist() == by_hash.head(len(kept)).tolist()
    assert rows.customer_id.value_counts().to_dict() == counts[kept].to_dict()
    assert 500 <= len(rows) < 500 + counts.max()
    said = changed(monthly, "*", rows="thinned").loc["order_count", "train"]
    assert (said.row_count, said.profiled_row_count) == (len(train), len(rows))
    thinned = train[train.customer_id.isin(rows.customer_id)].order_count
    assert said["mean"] == pytest.approx(thinned.mean(), rel=1e-12)
    connection.execute("drop table thinned")


def test_a_feature_that_knows_the_label_separates_it_perfectly(monthly: Variation) -> None:
    side = "(hash(customer_id) % 2)::int"
    leaks = {
        "order_count": "is_attrition",
        "active_months": "-3 * is_attrition",
        "overdue_ratio": "case when is_attrition = 1 then active_months end",
        "recency_over_tenure": f"case is_attrition when 1 then 2 else 1 + 2 * {side} end",
        "region": f"case is_attrition when 1 then 'b' else chr(97 + 2 * {side}) end",
    }
    replaced = ", ".join(f"{sql} as {name}" for name, sql in leaks.items())

    said = changed(monthly, f"* replace ({replaced})")

    for name in leaks:
        assert said.loc[name, "train"].separation == 1, name
    assert said.loc["days_since_last_order", "train"].separation < 0.9


# -- the data tests that read it


def failing(name: str, tables: dict[str, pd.DataFrame], **variables: object) -> list[tuple]:
    """Return the failing rows of a data test over given tables."""
    names = {"execute": False, "flags": SimpleNamespace(WHICH="build")}
    with duckdb.connect() as connection:
        for table, rows in tables.items():
            connection.register(table, rows)
        return connection.sql(Macros(variables, names=names).data_test(name)).fetchall()


def separating(**changes: object) -> pd.DataFrame:
    row = {
        "feature": "gap",
        "split": "train",
        "is_selected": True,
        "separation": 0.99,
        "profiled_row_count": 60,
        "attrition_count": 30,
    }
    return pd.DataFrame([row | changes])


def test_a_separating_feature_is_named_with_its_value_and_what_to_do() -> None:
    [(feature, value, finding)] = failing(
        "no_feature_separates_the_label", {"attrition_feature_profile": separating()}
    )

    assert (feature, value) == ("gap", 0.99)
    assert finding.startswith("gap alone separates those who left from those who stayed: ROC AUC")
    assert "0.9900 on 60 training rows" in finding
    assert "drop: [gap]" in finding
    assert "population" not in finding
    [(_, _, finding)] = failing(
        "no_feature_separates_the_label",
        {"attrition_feature_profile": separating()},
        population="ever",
    )
    assert "population: active" in finding


@pytest.mark.parametrize(
    "changes",
    [
        {"separation": 0.9899},
        {"attrition_count": 29},
        {"attrition_count": 31},
        {"is_selected": False},
        {"split": "test"},
        {"separation": None},
    ],
    ids=str,
)
def test_what_is_not_sure_to_be_a_leak_does_not_fail(changes: dict[str, object]) -> None:
    profile = separating(**changes).astype({"separation": "float64"})

    assert failing("no_feature_separates_the_label", {"attrition_feature_profile": profile}) == []


def judged(*areas: tuple[str, str, str, float], day: str = "2024-01-01") -> dict[str, pd.DataFrame]:
    metrics = pd.DataFrame(areas, columns=["version_id", "newest_label_date", "split", "roc_auc"])
    made = {"old": "2024-01-01", "new": "2024-02-01", "untested": "2024-03-01"}
    versions = pd.DataFrame(made.items(), columns=["version_id", "created_at"])
    return {"attrition_model_metrics": metrics, "attrition_model_artefacts": versions}


def test_a_test_far_above_validation_is_told_of_the_newest_judged_version() -> None:
    areas = [
        ("old", "2023-06-01", "test", 0.9),
        ("old", "2023-06-01", "validation", 0.5),
        ("new", "2023-07-01", "test", 0.80),
        ("new", "2023-07-01", "validation", 0.72),
        ("new", "2023-07-01", "train", 0.99),
        ("untested", "2023-08-01", "train", 0.99),
    ]

    [(version, test, validation, finding)] = failing(
        "test_is_not_far_above_validation", judged(*areas)
    )

    assert (version, test, validation) == ("new", 0.80, 0.72)
    assert "0.800 on test rows and of 0.720 on validation rows" in finding


@pytest.mark.parametrize("validation", [0.76, 0.85])
def test_a_test_near_validation_is_not_told(validation: float) -> None:
    areas = [
        ("old", "2023-06-01", "test", 0.9),
        ("old", "2023-06-01", "validation", 0.5),
        ("new", "2023-07-01", "test", 0.80),
        ("new", "2023-07-01", "validation", validation),
    ]

    assert failing("test_is_not_far_above_validation", judged(*areas)) == []


RANDOMIZED = {"split": {"mode": "randomized", "perc_test": 0.25}}


@pytest.mark.parametrize(("name", "variables"), [("monthly", {}), ("weekly", RANDOMIZED)])
def test_splits_that_share_something_are_seen(
    name: str, variables: dict[str, object], request: pytest.FixtureRequest
) -> None:
    variation = request.getfixturevalue(name)
    splits = variation.built.query("select * from int_population__splits").to_pandas()

    def problems(changed: pd.DataFrame) -> set[str]:
        rows = failing(
            "train_and_test_share_nothing", {"int_population__splits": changed}, **variables
        )
        return {problem for *_, problem in rows}

    assert problems(splits) == set()
    # of the customer with the fewest snapshots: some day is left on which others were fitted
    snapshots = splits.groupby("customer_id").as_of_date.transform("count")
    tested = snapshots[splits.split == "test"].idxmin()
    fitted = splits.copy()
    fitted.loc[tested, "is_fit"] = True
    assert "test row is fitted on" in problems(fitted)
    twice = pd.concat([splits, splits.loc[[tested]].assign(split="train")])
    assert "test row is fitted on" in problems(twice)
    calibrating = splits.copy()
    calibrating.loc[splits.index[splits.split == "train"][0], "is_calibration_customer"] = True
    assert problems(calibrating) == {"calibration customer is fitted on"}
    customer = splits.customer_id[tested]
    taken = splits.as_of_date[splits.customer_id == customer]
    mixed = splits.copy()
    other_day = splits.index[splits.is_fit & ~splits.as_of_date.isin(taken)][0]
    mixed.loc[other_day, "customer_id"] = customer
    assert problems(mixed) == ({"test customer is fitted on"} if variables else set())
