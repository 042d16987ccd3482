with warranties as (

    select * from {{ ref('stg_warranty__warranties') }}

),

final as (

    select
        warranty_id,
        customer_id,
        device_serial,
        starts_on,
        ends_on
    from warranties
    where broken_rule is null

)

select * from final
