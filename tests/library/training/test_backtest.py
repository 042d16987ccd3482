import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import training_fixture as fixture
import xgboost
from attrition import schemas
from attrition.training.backtest import backtests
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

ORIGIN, LAST_FIT = dt.date(2024, 6, 1), dt.date(2024, 4, 1)


def backtest(table=None, origins=((ORIGIN, LAST_FIT),), most_rows=1_000_000, **changed):
    connection = fixture.connect(table)
    row = fixture.trained() | changed
    fixture.store(connection, "versions", schemas.table_of_rows([row], schemas.CANDIDATE))
    wanted = [
        {
            "version_id": row["version_id"],
            "origin_date": origin,
            "last_fit_date": last_fit,
            "most_rows": most_rows,
        }
        for origin, last_fit in origins
    ]
    schema = pa.schema(
        {
            "version_id": pa.string(),
            "origin_date": pa.date32(),
            "last_fit_date": pa.date32(),
            "most_rows": pa.int32(),
        }
    )
    fixture.store(connection, "origins", pa.Table.from_pylist(wanted, schema))
    return backtests(*fixture.read(connection, "origins", "versions", "modeling_dataset"))


def ridge(fit, label, judged, strength):
    """Return log-odds of a scikit-learn pipeline with the library's transformation."""
    logs = FunctionTransformer(lambda x: np.sign(x) * np.log1p(np.abs(x)))
    imputer = SimpleImputer(strategy="median", add_indicator=True)
    model = make_pipeline(logs, imputer, StandardScaler(), LogisticRegression(C=strength, tol=1e-8))
    return model.fit(fit.astype(float), label).decision_function(judged.astype(float))


def test_each_labelled_customer_of_the_origin_is_predicted_once():
    found, table = backtest(), fixture.dataset()
    assert found.schema.equals(schemas.BACKTEST)
    expected = table.filter(pc.equal(table["as_of_date"], ORIGIN))
    assert found["customer_id"].to_pylist() == expected["customer_id"].to_pylist()
    assert found["is_attrition"].to_pylist() == expected["is_attrition"].to_pylist()
    assert set(found["as_of_date"].to_pylist()) == set(found["origin_date"].to_pylist()) == {ORIGIN}
    assert set(found["last_label_date"].to_pylist()) == {LAST_FIT}


def test_it_is_the_recipe_fitted_on_what_was_labelled_by_then():
    row, table = fixture.trained(), fixture.dataset()
    learnt = table.filter(
        pc.and_(
            pc.less_equal(table["as_of_date"], LAST_FIT),
            pc.invert(table["is_calibration_customer"]),
        )
    )
    found = backtest(judged_calibration='{"method": "none"}')
    assert set(found["fit_row_count"].to_pylist()) == {learnt.num_rows}
    names = sorted(name for name, kind, _, used in fixture.CATALOG if used and kind != "category")

    def matrix(rows):
        payer = np.array(rows["payer_type"].to_pylist(), dtype=object)
        dummies = [(payer == level).astype("float32") for level in fixture.PAYERS[:3]]
        columns = {name: rows[name].to_numpy().astype("float32") for name in names}
        ordered = sorted([*names, "payer_type"])
        stacked = [dummies if name == "payer_type" else [columns[name]] for name in ordered]
        return np.column_stack([column for group in stacked for column in group])

    label = learnt["is_attrition"].to_numpy()
    booster = xgboost.train(
        json.loads(row["hyperparameters"])
        | {"objective": "binary:logistic", "seed": 42, "base_score": np.float32(label.mean())},
        xgboost.QuantileDMatrix(matrix(learnt), label),
        row["num_round"],
    )
    judged = table.filter(pc.equal(table["as_of_date"], ORIGIN))
    weights = json.loads(row["weights"])
    assert set(weights) == {"boosted_trees", "logistic_regression"}
    strength = json.loads(row["baselines"])["logistic_regression"]["judged"]["strength"]
    trees = booster.predict(xgboost.DMatrix(matrix(judged)), output_margin=True)
    linear = ridge(matrix(learnt), label, matrix(judged), strength)
    margin = weights["boosted_trees"] * trees + weights["logistic_regression"] * linear
    expected = 1 / (1 + np.exp(-margin))
    np.testing.assert_allclose(found["probability"].to_numpy(), expected, atol=1e-5)


def test_what_came_after_changes_no_prediction():
    table = fixture.dataset()
    later = pc.greater(table["as_of_date"], LAST_FIT).combine_chunks()
    labels = pc.if_else(later, pc.subtract(1, table["is_attrition"]), table["is_attrition"])
    spoilt = fixture.replaced(table, is_attrition=labels.cast(pa.int32()))
    assert backtest(spoilt)["probability"].equals(backtest()["probability"])


def test_decisions_are_taken_at_the_threshold_of_the_version():
    found = backtest(decision_threshold=0.4)
    expected = (found["probability"].to_numpy() >= 0.4).astype(int)
    assert found["decision"].to_pylist() == expected.tolist()


def test_several_origins_stand_one_below_the_other():
    found = backtest(origins=((ORIGIN, LAST_FIT), (dt.date(2024, 4, 1), dt.date(2024, 2, 1))))
    counted = found.group_by("origin_date").aggregate([("customer_id", "count")])
    assert counted["customer_id_count"].to_pylist() == [fixture.CUSTOMERS] * 2


def test_beyond_most_rows_whole_customers_are_fitted_on_and_judged():
    table = fixture.dataset()
    found = backtest(most_rows=900)
    assert 800 < found.num_rows <= 900
    [fit_row_count] = set(found["fit_row_count"].to_pylist())
    [everything] = set(backtest()["fit_row_count"].to_pylist())
    assert fit_row_count < 900 * everything / (fixture.CUSTOMERS * 4)
    hashes = {
        row["customer_id"]: row["customer_hash"]
        for row in table.select(["customer_id", "customer_hash"]).to_pylist()
    }
    kept = set(found["customer_id"].to_pylist())
    largest = max(hashes[customer] for customer in kept)
    assert kept == {customer for customer, value in hashes.items() if value <= largest}


def test_an_earlier_origin_learns_nothing_of_what_a_later_one_reads():
    earlier = (dt.date(2024, 4, 1), dt.date(2024, 2, 1))
    both = backtest(origins=((ORIGIN, LAST_FIT), earlier))
    alone = backtest(origins=(earlier,))
    assert both.filter(pc.equal(both["origin_date"], earlier[0])).equals(alone)


def test_one_outcome_alone_is_left_out():
    table = fixture.dataset()
    labels = pc.if_else(pc.less_equal(table["as_of_date"], LAST_FIT), 0, table["is_attrition"])
    found = backtest(fixture.replaced(table, is_attrition=labels.combine_chunks().cast(pa.int32())))
    assert found.num_rows == 0


@pytest.mark.parametrize("sampling", ["up", "down"])
def test_the_version_s_sampling_is_part_of_the_recipe(sampling):
    settings = json.loads(fixture.trained()["settings"]) | {"sampling": sampling}
    found = backtest(settings=json.dumps(settings))
    assert not found["probability"].equals(backtest()["probability"])


def test_nothing_to_do_is_an_empty_table():
    assert backtest(origins=()).schema.equals(schemas.BACKTEST)
