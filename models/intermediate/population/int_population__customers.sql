with sales as (

    select * from {{ ref('int_records__sales') }}

),

first_sales as (

    select
        customer_id,
        min(sold_on) as first_sale_on,
        min(case when is_target_purchase then sold_on end)
            as first_target_purchase_on
    from sales
    group by customer_id

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
