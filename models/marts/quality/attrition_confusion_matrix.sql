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
        is_attrition,
        decision
    from predictions
    where
        system = 'model'
        and {{ attrition.is_new_key('predictions', key) }}

),

totals as (

    select
        version_id,
        split,
        newest_label_date,
        count(*) as row_count
    from new_predictions
    group by version_id, split, newest_label_date

),

cells as (

    select
        version_id,
        split,
        newest_label_date,
        is_attrition as actual,
        decision as predicted,
        count(*) as row_count
    from new_predictions
    group by version_id, split, newest_label_date, is_attrition, decision

),

-- an empty cell is a finding, so all four are listed
grid as (

    select
        0 as actual,
        0 as predicted

    union all

    select
        0 as actual,
        1 as predicted

    union all

    select
        1 as actual,
        0 as predicted

    union all

    select
        1 as actual,
        1 as predicted

),

final as (

    select
        totals.version_id,
        totals.split,
        totals.newest_label_date,
        grid.actual,
        grid.predicted,
        coalesce(cells.row_count, 0) as row_count,
        {{ attrition.ratio('coalesce(cells.row_count, 0)', 'totals.row_count') }}
            as row_share
    from totals
    cross join grid
    left join cells
        on
            totals.version_id = cells.version_id
            and totals.split = cells.split
            and totals.newest_label_date = cells.newest_label_date
            and grid.actual = cells.actual
            and grid.predicted = cells.predicted

)

select * from final
