"""What the project is compared with: simple models, and the usual libraries with fixed settings.

Nothing here is tuned. The boosting libraries read the project's own features; what they do not set
keeps their default. None sees a test row's outcome, and none stops early.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.bg_nbd import BgNbd, Histories
from benchmarks.problem import DAYS_IN_WEEK, Problem

THREADS = 2


@dataclass(frozen=True)
class Peer:
    """A system that learns a problem and predicts its test rows.

    Attributes:
        name: The system in the results.
        predict: Function of the problem and a seed; probabilities of the test rows.
        is_seeded: Whether the seed matters; if not, it runs once.
        package: What it imports; doing so counts as nobody's time.
    """

    name: str
    predict: Callable[[Problem, int], np.ndarray]
    is_seeded: bool = False
    package: str = "sklearn.linear_model"


def logistic_regression_rfm(problem: Problem, seed: int) -> np.ndarray:
    """Recency, frequency and money before each snapshot, from the raw purchases."""
    return _logistic(problem, ["recency_days", "purchase_count", "amount"])


def recency_alone(problem: Problem, seed: int) -> np.ndarray:
    """Days since the last purchase, made a probability by a logistic regression."""
    return _logistic(problem, ["recency_days"])


def _logistic(problem: Problem, columns: list[str]) -> np.ndarray:
    """Fit on the logarithms of these columns, standardised."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def logs(rows: pd.DataFrame) -> np.ndarray:
        return np.log1p(np.maximum(problem.history(rows)[columns].to_numpy(dtype=float), 0))

    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(logs(problem.fit), problem.fit["is_attrition"])
    return model.predict_proba(logs(problem.test))[:, 1]


def xgboost_depth_6(problem: Problem, seed: int) -> np.ndarray:
    """100 rounds of depth 6 at eta 0.1; one column per category."""
    import xgboost

    fit, test = _one_hot(problem)
    parameters = {
        "objective": "binary:logistic",
        "max_depth": 6,
        "eta": 0.1,
        "tree_method": "hist",
        "nthread": THREADS,
    }
    train = xgboost.DMatrix(fit, problem.fit["is_attrition"])
    return xgboost.train(parameters, train, 100).predict(xgboost.DMatrix(test))


def _one_hot(problem: Problem) -> tuple[pd.DataFrame, pd.DataFrame]:
    columns = problem.numbers + problem.categories
    fit, test = (
        pd.get_dummies(rows[columns], columns=problem.categories, dtype="float32")
        for rows in (problem.fit, problem.test)
    )
    # a level that nothing was learnt about is no level
    return fit, test.reindex(columns=fit.columns, fill_value=0)


def lightgbm_defaults(problem: Problem, seed: int) -> np.ndarray:
    """LightGBM's classifier with its defaults; categories as it takes them."""
    from lightgbm import LGBMClassifier

    fit, test = problem.fit.copy(), problem.test.copy()
    for name in problem.categories:
        fit[name] = fit[name].astype("category")
        test[name] = test[name].astype(fit[name].dtype)
    columns = problem.numbers + problem.categories
    model = LGBMClassifier(random_state=seed, n_jobs=THREADS, verbose=-1)
    model.fit(fit[columns], fit["is_attrition"])
    return model.predict_proba(test[columns])[:, 1]


def catboost_defaults(problem: Problem, seed: int) -> np.ndarray:
    """CatBoost's classifier with its defaults; categories as it takes them."""
    from catboost import CatBoostClassifier

    columns = problem.numbers + problem.categories

    def filled(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[columns].assign(
            **{name: rows[name].fillna("unknown").astype(str) for name in problem.categories}
        )

    model = CatBoostClassifier(
        random_seed=seed,
        thread_count=THREADS,
        verbose=False,
        allow_writing_files=False,
        cat_features=problem.categories,
    )
    model.fit(filled(problem.fit), problem.fit["is_attrition"])
    return model.predict_proba(filled(problem.test))[:, 1]


def bg_nbd(problem: Problem, seed: int) -> np.ndarray:
    """Probability of no purchase in the horizon; fitted on all that was known at the test's start.

    One minus the probability of being alive would be another question, and a bad score.
    """
    starts_on = problem.test["as_of_date"].min()
    everyone = pd.DataFrame(
        {"customer_id": _customers(problem, starts_on), "as_of_date": starts_on}
    )
    model = BgNbd.fit(_histories(problem, everyone))
    return model.silence(_histories(problem, problem.test), problem.weeks_ahead(problem.test))


def _customers(problem: Problem, before: pd.Timestamp) -> list[str]:
    import duckdb

    with duckdb.connect() as connection:
        found = connection.execute(
            f"select distinct customer_id from ({problem.purchases}) as purchases "
            "where sold_on < ?::date order by 1",
            [str(before)],
        )
        return [customer for (customer,) in found.fetchall()]


def _histories(problem: Problem, rows: pd.DataFrame) -> Histories:
    known = problem.history(rows)
    return Histories(
        repeats=known["purchase_count"].to_numpy(dtype=float) - 1,
        last=known["active_days"].to_numpy(dtype=float) / DAYS_IN_WEEK,
        observed=known["observed_days"].to_numpy(dtype=float) / DAYS_IN_WEEK,
    )


PEERS = (
    Peer("logistic regression on RFM", logistic_regression_rfm),
    Peer("XGBoost, 100 rounds of depth 6", xgboost_depth_6, package="xgboost"),
    Peer("LightGBM", lightgbm_defaults, is_seeded=True, package="lightgbm"),
    Peer("CatBoost", catboost_defaults, is_seeded=True, package="catboost"),
    Peer("BG/NBD", bg_nbd, package="scipy.optimize"),
    Peer("recency alone", recency_alone),
)
