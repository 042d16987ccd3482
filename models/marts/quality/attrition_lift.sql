{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}

{%- set key = ['version_id', 'split', 'newest_label_date'] %}

with predictions as (

    select * from {{ ref('int_evaluation__predictions') }}

),

new_predictions as (

    select
        version_id,
        split,
        newest_label_date,
        customer_id,
        as_of_date,
        is_attrition,
        probability
    from predictions
    where
        system = 'model'
        and {{ attrition.is_new_key('predictions', key) }}

),

ranked as (

    select
        version_id,
        split,
        newest_label_date,
        is_attrition,
        probability,
        ntile(10) over (
            partition by version_id, split, newest_label_date
            order by probability desc, customer_id asc, as_of_date asc
        ) as decile
    from new_predictions

),

deciles as (

    select
        version_id,
        split,
        newest_label_date,
        decile,
        count(*) as row_count,
        sum(is_attrition) as attrition_count,
        min(probability) as min_probability,
        max(probability) as max_probability,
        {{ attrition.exact_sum('probability') }} as probability_sum
    from ranked
    group by version_id, split, newest_label_date, decile

),

cumulated as (

    select
        version_id,
        split,
        newest_label_date,
        decile,
        row_count,
        attrition_count,
        min_probability,
        max_probability,
        probability_sum,
        sum(row_count) over (
            partition by version_id, split, newest_label_date
        ) as all_rows,
        sum(attrition_count) over (
            partition by version_id, split, newest_label_date
        ) as all_attritions,
        sum(attrition_count) over (
            partition by version_id, split, newest_label_date
            order by decile
            rows between unbounded preceding and current row
        ) as attritions_so_far
    from deciles

),

final as (

    select
        version_id,
        split,
        newest_label_date,
        cast(decile as integer) as decile,
        row_count,
        cast(attrition_count as bigint) as attrition_count,
        {{ attrition.ratio('attrition_count', 'row_count') }} as attrition_rate,
        {{ attrition.ratio(
            'attrition_count * all_rows', 'row_count * all_attritions'
        ) }} as lift,
        {{ attrition.ratio('attritions_so_far', 'all_attritions') }}
            as cumulative_attrition_share,
        min_probability,
        max_probability,
        {{ attrition.ratio('probability_sum', 'row_count') }} as mean_probability
    from cumulated

)

select * from final
