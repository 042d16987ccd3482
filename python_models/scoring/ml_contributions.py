"""What each feature adds to the champion's scores, for a sample of customers."""

from attrition.dbt_models import ml_contributions


def model(dbt, session):
    dbt.config(materialized="kept_table")
    champion = dbt.ref("attrition_champion")
    versions = dbt.ref("attrition_model_artefacts")
    catalog = dbt.ref("attrition_feature_catalog")
    plan = dbt.ref("training_plan")
    dataset = dbt.ref("modeling_dataset")
    return ml_contributions(champion, versions, catalog, plan, dataset, session)
