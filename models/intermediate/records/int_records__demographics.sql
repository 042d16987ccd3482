with customers as (

    select * from {{ ref('stg_demographics__customers') }}

),

final as (

    select
        customer_id,
        valid_from,
        birth_date,
        insulin_since,
        region,
        payer_type,
        diagnosis_type,
        is_auto_reorder,
        is_dated
    from customers
    where broken_rule is null

)

select * from final
