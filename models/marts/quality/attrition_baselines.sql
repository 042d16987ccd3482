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
        customer_id,
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
        customer_id,
        is_attrition,
        probability,
        decision
    from baseline_predictions
    where {{ attrition.is_new_key('baseline_predictions', key) }}

),

-- on rows that a fit has seen, an interval would promise too much
test_predictions as (

    select * from new_predictions
    where split = 'test'

),

final as (

    {{ attrition.metrics_with_intervals('new_predictions', key, 'test_predictions') }}

)

select * from final
