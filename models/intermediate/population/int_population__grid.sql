with buckets as (

    select * from {{ ref('int_population__buckets') }}

),

customers as (

    select * from {{ ref('int_population__customers') }}

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

final as (

    select
        customers.customer_id,
        buckets.bucket,
        buckets.as_of_date,
        coalesce(purchases.consumable_purchase_count, 0)
            as consumable_purchase_count,
        coalesce(purchases.sensor_purchase_count, 0) as sensor_purchase_count,
        coalesce(purchases.target_purchase_count, 0) as target_purchase_count
    from customers
    inner join buckets
        on customers.first_bucket <= buckets.bucket
    left join purchases
        on
            customers.customer_id = purchases.customer_id
            and buckets.bucket = purchases.bucket

)

select * from final
