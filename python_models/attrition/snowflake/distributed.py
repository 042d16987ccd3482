"""Fitting one booster on several nodes, with the XGBoost distributor of the container runtime.

Its classes are not in the package snowflake-ml-python; they exist in the runtime alone. They are
used as documented in
https://docs.snowflake.com/developer-guide/snowpark-ml/reference/latest/container-runtime/distributors.xgboost
and what they return is checked: nothing here could be tried without an account.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from attrition.errors import AttritionError
from attrition.training.rows import Rows
from attrition.training.sampling import corrected
from attrition.training.search import booster_parameters

if TYPE_CHECKING:
    import pandas as pd
    import xgboost

logger = logging.getLogger(__name__)

LABEL = "is_attrition"
ROWS_PER_BLOCK = 20_000
"""Rows that travel to a worker at once."""
EVERYTHING_THERE_IS = -1
PENALTIES = {"gamma": 0.0, "min_child_weight": 1.0, "reg_alpha": 0.0, "reg_lambda": 1.0}
"""XGBoost's defaults of the parameters that are compared with sums of weights."""


def fit_booster_distributed(
    rows: Rows,
    parameters: Mapping[str, Any],
    num_round: int,
    random_seed: int,
    threads: int | None = None,
    workers: int | None = None,
) -> bytes:
    """Fit a booster on all nodes of a job and return its bytes (UBJSON), as `search.fit_booster`.

    Each worker holds a part of the rows, and the workers add up their histograms. Bins are made
    from all parts together, and rows are sampled in each part, so other numbers of workers give
    other trees.

    Args:
        rows: Rows of the fit; a weight must be the same for all rows of an outcome.
        parameters: Hyperparameters as in `Trial.parameters`, and the `device` if it is no CPU.
        num_round: Number of trees.
        random_seed: Seed of row and column samples.
        threads: Threads of each worker; none for all of its node.
        workers: Number of workers; none for what the runtime finds.

    Raises:
        AttritionError: This is not the container runtime, or it fitted something else.
    """
    estimator_class, scaling_class = _distributor()
    settings = distributed_parameters(rows, parameters, random_seed)
    estimator = estimator_class(
        n_estimators=num_round,
        objective=settings.pop("objective"),
        params=settings,
        scaling_config=scaling_class(
            num_workers=workers or EVERYTHING_THERE_IS,
            num_cpu_per_worker=threads or EVERYTHING_THERE_IS,
            use_gpu=parameters.get("device") == "cuda",
        ),
    )
    names = column_names(rows)
    logger.info("fitting %d trees on %d rows with %s workers", num_round, len(rows), workers)
    booster = estimator.fit(dataset=_connector(rows), input_cols=names, label_col=LABEL)
    _check(booster, names, num_round, settings["base_score"])
    # A version's features are known by their position, as where one machine fits.
    booster.feature_names = booster.feature_types = None
    return corrected(bytes(booster.save_raw("ubj")), rows.log_odds_shift)


def distributed_parameters(
    rows: Rows, parameters: Mapping[str, Any], random_seed: int
) -> dict[str, Any]:
    """Return XGBoost's parameters for a fit whose rows carry no weight.

    The estimator takes no weights of rows. A weight of each outcome is a `scale_pos_weight`, where
    the other outcome weighs 1. Where it weighs w, all is divided by w, the penalties as well: the
    trees are the same. What differs from weighted rows is where the bins of a column with more than
    256 values lie, for `scale_pos_weight` does not move them.

    Raises:
        ValueError: Rows of the same outcome weigh differently.
    """
    settings = booster_parameters(parameters, rows, random_seed, threads=None)
    # Ray Train reports the metric of each round, and finds none without it.
    del settings["disable_default_eval_metric"]
    if rows.weight is None:
        return settings
    stays, leaves = (_only(rows.weight[rows.is_attrition == outcome]) for outcome in (0, 1))
    penalties = {name: settings.get(name, default) for name, default in PENALTIES.items()}
    return {
        **settings,
        **({name: value / stays for name, value in penalties.items()} if stays != 1 else {}),
        "scale_pos_weight": leaves / stays,
    }


def column_names(rows: Rows) -> list[str]:
    """Return a name for each column of the matrix; in alphabetical order they are in theirs."""
    return [f"f{position:05d}" for position in range(rows.width)]


def frames(rows: Rows) -> Iterator[pd.DataFrame]:
    """Yield rows with their label as frames of up to `ROWS_PER_BLOCK` rows, in their order."""
    import pandas as pd

    for part in np.array_split(np.arange(len(rows)), math.ceil(len(rows) / ROWS_PER_BLOCK)):
        frame = pd.DataFrame(rows.part(part), columns=column_names(rows))
        frame[LABEL] = rows.is_attrition[part]
        yield frame


def _connector(rows: Rows) -> Any:
    """Return the rows as the distributor takes them, with missing values as NaN.

    A Ray dataset is handed over as in
    https://docs.snowflake.com/en/developer-guide/snowflake-ml/load-data
    """
    import ray.data
    from snowflake.ml.data.data_connector import DataConnector

    return DataConnector.from_ray_dataset(ray.data.from_pandas(list(frames(rows))))


def _distributor() -> tuple[Any, Any]:
    try:
        from snowflake.ml.modeling.distributors.xgboost import XGBEstimator, XGBScalingConfig
    except ImportError as error:
        raise AttritionError(
            "snowflake.ml.modeling.distributors is not installed: a fit on several nodes runs in "
            "Snowflake's container runtime alone. Set engine to local, or num_workers to 1."
        ) from error
    return XGBEstimator, XGBScalingConfig


def _only(values: np.ndarray) -> float:
    distinct = np.unique(values)
    if len(distinct) != 1:
        raise ValueError(f"rows of one outcome have {len(distinct)} weights, expected one")
    return float(distinct[0])


def _check(booster: xgboost.Booster, names: list[str], num_round: int, base_score: float) -> None:
    """Compare what came back with what was asked for."""
    model = json.loads(booster.save_config())["learner"]["learner_model_param"]
    # a list since XGBoost 3.1
    found_score = float(model["base_score"].strip("[]"))
    is_as_asked = math.isclose(found_score, base_score, rel_tol=1e-4)
    compared = {
        "trees": (booster.num_boosted_rounds(), num_round),
        "columns": (booster.feature_names or names, names),
        "base_score": (base_score if is_as_asked else found_score, base_score),
    }
    for name, (found, expected) in compared.items():
        if found != expected:
            raise AttritionError(
                f"XGBEstimator fitted {name} {found}, expected {expected}: this version of the "
                "container runtime is not supported. Set num_workers to 1."
            )
