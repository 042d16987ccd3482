{%- set horizon = attrition.setting('attrition_horizon') -%}

with buckets as (

    select * from {{ ref('int_population__buckets') }}
    where as_of_date > {{ attrition.kept_until() }}

),

spine as (

    select
        *,
        {{ attrition.add_buckets('as_of_date', horizon) }} as label_matures_on
    from {{ ref('int_population__spine') }}

),

totals as (

    select
        customer_id,
        bucket,
        {{ attrition.next_event_bucket() }} as next_bucket,
        last_consumable_bucket,
        last_sensor_bucket
    from {{ ref('int_events__sales') }}

),

-- What was known of a customer on the day after the label window. There is no such day
-- while the window has not ended.
ends as (

    {{ attrition.as_of_each_bucket('totals', 'buckets') }}

),

-- The label window starts with the snapshot's own bucket: as_of_date <= date.
final as (

    select
        spine.customer_id,
        spine.as_of_date,
        spine.label_matures_on,
        case
            when ends.bucket is null then null
            when ends.last_consumable_bucket >= spine.bucket then 0
            else 1
        end as is_attrition_c,
        case
            when ends.bucket is null then null
            when ends.last_sensor_bucket >= spine.bucket then 0
            else 1
        end as is_attrition_s,
        case
            when ends.bucket is null then null
            when ends.last_consumable_bucket >= spine.bucket then 0
            when ends.last_sensor_bucket >= spine.bucket then 0
            else 1
        end as is_attrition_cs
    from spine
    left join ends
        on
            spine.customer_id = ends.customer_id
            and spine.label_matures_on = ends.as_of_date
    where spine.label_matures_on > {{ attrition.kept_until() }}

)

select * from final
