{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}

{%- set key = ['version_id', 'newest_label_date', 'segment', 'segment_value'] %}

with predictions as (

    select * from {{ ref('int_evaluation__predictions') }}

),

segments as (

    select * from {{ ref('int_evaluation__segments') }}

),

test_predictions as (

    select
        predictions.version_id,
        predictions.newest_label_date,
        segments.segment,
        segments.segment_value,
        predictions.customer_id,
        predictions.is_attrition,
        predictions.probability,
        predictions.decision
    from predictions
    inner join segments
        on
            predictions.customer_id = segments.customer_id
            and predictions.as_of_date = segments.as_of_date
    where
        predictions.system = 'model'
        and predictions.split = 'test'

),

new_predictions as (

    select * from test_predictions
    -- a segment is measured as a whole, so that the shares of its values add up to 1
    where {{ attrition.is_new_key('test_predictions', key[:3]) }}

),

metrics as (

    {{ attrition.metrics_with_intervals('new_predictions', key, 'new_predictions') }}

),

final as (

    select
        version_id,
        newest_label_date,
        segment,
        segment_value,
        row_count,
        {{ attrition.ratio(
            'row_count',
            'sum(row_count) over (partition by version_id, newest_label_date, segment)'
        ) }} as row_share,
        attrition_count,
        attrition_share,
        mean_probability,
        roc_auc,
        roc_auc_lower,
        roc_auc_upper,
        average_precision,
        log_loss,
        brier_score,
        ece,
        lift_top_decile
    from metrics

)

select * from final
