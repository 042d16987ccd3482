"""Predictions of the contenders on train, validation and test rows, for SQL to judge them by."""

from attrition.dbt_models import ml_test_predictions


def model(dbt, session):
    dbt.config(materialized="kept_table")
    plan = dbt.ref("training_plan")
    contenders = dbt.ref("int_evaluation__contenders")
    versions = dbt.ref("attrition_model_artefacts")
    dataset = dbt.ref("modeling_dataset")
    return ml_test_predictions(plan, contenders, versions, dataset, session)
