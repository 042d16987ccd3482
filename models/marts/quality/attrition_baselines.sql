{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}

{%- set key = ['version_id', 'baseline', 'split', 'newest_label_date'] %}

with predictions as (

    select * from {{ ref('int_evaluation__predictions') }}

),

baseline_predictions as (

    select
        version_id,
        system as baseline,
        split,
        newest_label_date,
        is_attrition,
        probability,
        decision
    from predictions
    where system <> 'model'

),

new_predictions as (

    select
        version_id,
        baseline,
        split,
        newest_label_date,
        is_attrition,
        probability,
        decision
    from baseline_predictions
    where {{ attrition.is_new_key('baseline_predictions', key) }}

),

final as (

    {{ attrition.binary_metrics('new_predictions', key) }}

)

select * from final
