"""What a new version's recipe would have predicted, had it been fitted at past quarters."""

from attrition.dbt_models import ml_backtest


def model(dbt, session):
    dbt.config(materialized="kept_table")
    origins = dbt.ref("int_evaluation__backtest_origins")
    versions = dbt.ref("attrition_model_artefacts")
    dataset = dbt.ref("modeling_dataset")
    return ml_backtest(origins, versions, dataset, session)
