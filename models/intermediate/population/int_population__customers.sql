with sales as (

    select * from {{ ref('int_records__sales') }}

),

newest as (

    select as_of_date
    from {{ ref('int_population__buckets') }}
    where is_newest_snapshot

),

-- what no snapshot can see changes nothing here
first_sales as (

    select
        sales.customer_id,
        min(sales.sold_on) as first_sale_on,
        min(case when sales.is_target_purchase then sales.sold_on end)
            as first_target_purchase_on
    from sales
    inner join newest
        on sales.sold_on < newest.as_of_date
    group by sales.customer_id

),

final as (

    select
        customer_id,
        first_sale_on,
        first_target_purchase_on,
        {{ attrition.hash_text('customer_id', 'calibration') }}
            < '{{ attrition.hash_below(0.15) }}' as is_calibration_customer,
        {{ attrition.hash_text('customer_id', 'test') }} as test_hash,
        {{ attrition.hash_text('customer_id', 'validation') }} as validation_hash,
        {{ attrition.hash_text('customer_id', 'sample') }} as customer_hash
    from first_sales

)

select * from final
