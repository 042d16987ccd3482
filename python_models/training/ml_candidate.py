"""The model version trained in this run: one row when the plan says training is due, else none."""

from attrition.dbt_models import ml_candidate


def model(dbt, session):
    dbt.config(materialized="kept_table")
    plan = dbt.ref("training_plan")
    catalog = dbt.ref("attrition_feature_catalog")
    dataset = dbt.ref("modeling_dataset")
    return ml_candidate(plan, catalog, dataset, session)
