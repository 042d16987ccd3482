with complaints as (

    select * from {{ ref('stg_complaint__complaints') }}

),

final as (

    select
        complaint_id,
        customer_id,
        opened_on,
        closed_on,
        reason,
        coalesce(is_harm, false) as is_harm
    from complaints
    where broken_rule is null

)

select * from final
