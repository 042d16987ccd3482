insert into store.warranty
with
arrived as (
    select *
    from next_state
    where
        event_warranty_day is not null
        and event_warranty_day + arrival_delay(event_key, 1400) < getvariable('end_day')
),

final as (
    select
        record_name('W', customer, getvariable('month'), 0) as warranty_id,
        customer_name(customer) as customer_id,
        record_name('D', customer, getvariable('month'), 0) as device_serial,
        day_to_date(event_warranty_day) as starts_on,
        day_to_date(warranty_ends_day) as ends_on,
    from arrived
    order by event_warranty_day, customer
)

select * from final;
