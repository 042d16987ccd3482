with buckets as (

    select * from {{ ref('int_population__buckets') }}

),

sales as (

    select * from {{ ref('int_records__sales') }}

),

purchases as (

    select
        customer_id,
        {{ attrition.bucket_of('sold_on') }} as bucket,
        sum(case when product_type = 'consumable' then 1 else 0 end)
            as consumable_purchase_count,
        sum(case when product_type = 'sensor' then 1 else 0 end)
            as sensor_purchase_count,
        sum(case when is_target_purchase then 1 else 0 end) as target_purchase_count
    from sales
    where not is_return and quantity > 0
    group by all

),

totals as (

    select
        customer_id,
        bucket,
        {{ attrition.next_event_bucket() }} as next_bucket,
        {{ attrition.running_count('consumable_purchase_count') }}
            as consumable_purchase_count,
        {{ attrition.running_count('sensor_purchase_count') }} as sensor_purchase_count,
        {{ attrition.running_count('target_purchase_count') }} as target_purchase_count
    from purchases

),

final as (

    {{ attrition.as_of_each_bucket('totals', 'buckets') }}

)

select * from final
