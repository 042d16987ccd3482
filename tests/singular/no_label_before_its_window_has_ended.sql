{{ config(group='attrition') }}

-- A label that is given too early calls customers lost who had not yet had the time
-- to buy.
with labels as (

    select * from {{ ref('int_population__labels') }}

),

sales as (

    select * from {{ ref('int_records__sales') }}

),

reach as (

    select {{ dbt.dateadd('day', 1, 'max(sold_on)') }} as first_day_without_data
    from sales

),

final as (

    select
        labels.customer_id,
        labels.as_of_date,
        labels.label_matures_on
    from labels
    cross join reach
    where
        labels.label_matures_on > reach.first_day_without_data
        and coalesce(
            labels.is_attrition_c, labels.is_attrition_s, labels.is_attrition_cs
        ) is not null

)

select * from final
