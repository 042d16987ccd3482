"""The champion's prediction and reasons for each customer of the newest snapshot."""

from attrition.dbt_models import ml_predictions


def model(dbt, session):
    dbt.config(materialized="kept_table")
    champion = dbt.ref("attrition_champion")
    versions = dbt.ref("attrition_model_artefacts")
    metrics = dbt.ref("attrition_model_metrics")
    catalog = dbt.ref("attrition_feature_catalog")
    plan = dbt.ref("training_plan")
    dataset = dbt.ref("modeling_dataset")
    source = dbt.config.meta_get("package_source")
    return ml_predictions(champion, versions, metrics, catalog, plan, dataset, session, source)
