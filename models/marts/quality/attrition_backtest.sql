{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}

{%- set key = ['version_id', 'origin_date'] %}

with predictions as (

    select * from {{ ref('ml_backtest') }}

),

new_predictions as (

    select
        version_id,
        origin_date,
        is_attrition,
        probability,
        decision
    from predictions
    where {{ attrition.is_new_key('predictions', key) }}

),

fits as (

    select
        version_id,
        origin_date,
        max(last_label_date) as last_fit_date,
        max(fit_row_count) as fit_row_count
    from predictions
    group by version_id, origin_date

),

metrics as (

    {{ attrition.binary_metrics('new_predictions', key) }}

),

final as (

    select
        metrics.version_id,
        metrics.origin_date,
        fits.last_fit_date,
        fits.fit_row_count,
        metrics.* exclude (version_id, origin_date)
    from metrics
    inner join fits
        on
            metrics.version_id = fits.version_id
            and metrics.origin_date = fits.origin_date

)

select * from final
