"""Predictions of the versions in `shadow_versions`, for the customers that the champion scores."""

from attrition.dbt_models import ml_shadow_predictions


def model(dbt, session):
    dbt.config(materialized="kept_table")
    versions = dbt.ref("attrition_model_artefacts")
    plan = dbt.ref("training_plan")
    dataset = dbt.ref("modeling_dataset")
    source = dbt.config.meta_get("package_source")
    return ml_shadow_predictions(versions, plan, dataset, session, source)
