"""The champion as rows, for SQL to score with."""

from attrition.dbt_models import ml_champion


def model(dbt, session):
    dbt.config(materialized="kept_table")
    champion = dbt.ref("attrition_champion")
    versions = dbt.ref("attrition_model_artefacts")
    return ml_champion(champion, versions, session)
