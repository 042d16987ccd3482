-- Calls, letters and chats: lines 1 to 3 come from the customer, 4 to 6 from the maker.
insert into store.touchpoint
with
numbered as (
    select
        next_state.*,
        numbers.line,
        mixed_key(event_key, 1200 + numbers.line) as line_key,
    from next_state
    inner join (from range(1, 7) as numbers (line)) as numbers
        on
            numbers.line <= next_state.event_inbound
            or (numbers.line - 3 between 1 and next_state.event_outbound)
    where event_inbound + event_outbound > 0
),

dated as (
    select
        *,
        getvariable('month_start')
        + floor(getvariable('month_days') * uniform(line_key, 1))::integer as day,
    from numbered
),

arrived as (
    select *
    from dated
    where day + arrival_delay(line_key, 2) < getvariable('end_day')
),

final as (
    select
        record_name('T', customer, getvariable('month'), line) as touchpoint_id,
        customer_name(customer) as customer_id,
        day_to_date(day) as occurred_on,
        case when line <= 3 then 'inbound' else 'outbound' end as direction,
        ['phone', 'phone', 'email', 'chat', 'portal'][
            1 + floor(5 * uniform(line_key, 3))::integer
        ] as channel,
        uniform(line_key, 4) < 0.45 as has_note,
    from arrived
    order by day, customer, line
)

select * from final;
