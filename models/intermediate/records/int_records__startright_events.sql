with events as (

    select * from {{ ref('stg_startright__events') }}

),

final as (

    select
        event_id,
        customer_id,
        occurred_on,
        event_type
    from events
    where broken_rule is null

)

select * from final
