with touchpoints as (

    select * from {{ ref('stg_touchpoint__touchpoints') }}

),

final as (

    select
        touchpoint_id,
        customer_id,
        occurred_on,
        direction,
        channel,
        coalesce(has_note, false) as has_note
    from touchpoints
    where broken_rule is null

)

select * from final
