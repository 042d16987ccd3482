-- Steps of the onboarding programme. Enrolment comes on or after the day of joining.
insert into store.startright
with
dated as (
    select
        *,
        greatest(
            join_day,
            getvariable('month_start')
            + floor(getvariable('month_days') * uniform(event_key, 40))::integer
        ) as day,
    from next_state
    where event_startright is not null
),

arrived as (
    select *
    from dated
    where day + arrival_delay(event_key, 1300) < getvariable('end_day')
),

final as (
    select
        record_name('E', customer, getvariable('month'), 0) as event_id,
        customer_name(customer) as customer_id,
        day_to_date(day) as occurred_on,
        event_startright as event_type,
    from arrived
    order by day, customer
)

select * from final;
