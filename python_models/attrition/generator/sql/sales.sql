-- What the month's orders bring: consumables, and with them sensors, accessories and
-- goods sent back; a pump with each warranty that came with one.
insert into store.sales
with
orders as (
    select
        *,
        1 + 0.03 * getvariable('month') / 12 as price_level,
    from next_state
    where event_is_order or event_warranty_day is not null
),

lines as (
    select
        customer,
        event_key,
        1 as line,
        last_order_day as day,
        'consumable' as product_type,
        'SET-' || (6 + 3 * (customer % 3)) as product_id,
        event_quantity as quantity,
        event_quantity * (9.4 + customer % 3) * price_level as amount,
        false as is_return,
    from orders
    where event_is_order

    union all

    select
        customer,
        event_key,
        2 as line,
        last_order_day as day,
        'sensor' as product_type,
        'SENSOR-' || (1 + customer % 2) as product_id,
        greatest(1, round(event_quantity / 3.3))::integer as quantity,
        greatest(1, round(event_quantity / 3.3)) * 41.5 * price_level as amount,
        false as is_return,
    from orders
    where event_is_order and is_sensor_user and uniform(event_key, 30) < 0.8

    union all

    select
        customer,
        event_key,
        3 as line,
        event_warranty_day as day,
        'device' as product_type,
        'PUMP-' || case when getvariable('month') < 24 then 'A' else 'B' end
            as product_id,
        1 as quantity,
        3950 * price_level as amount,
        false as is_return,
    from orders
    where
        event_warranty_day is not null
        and (event_is_new or uniform(event_key, 31) < 0.5)

    union all

    select
        customer,
        event_key,
        4 as line,
        last_order_day as day,
        'accessory' as product_type,
        ['CASE', 'CLIP', 'BATTERY', 'SKIN'][
            1 + floor(4 * uniform(event_key, 32))::integer
        ] as product_id,
        1 as quantity,
        (12 + 20 * uniform(event_key, 33)) * price_level as amount,
        false as is_return,
    from orders
    where event_is_order and uniform(event_key, 34) < 0.12

    union all

    -- Part of the order goes back later in the same month.
    select
        customer,
        event_key,
        5 as line,
        last_order_day + floor(
            (getvariable('month_start') + getvariable('month_days') - last_order_day)
            * uniform(event_key, 35)
        )::integer as day,
        'consumable' as product_type,
        'SET-' || (6 + 3 * (customer % 3)) as product_id,
        -greatest(1, floor(event_quantity * 0.5))::integer as quantity,
        -greatest(1, floor(event_quantity * 0.5)) * (9.4 + customer % 3) * price_level
            as amount,
        true as is_return,
    from orders
    where event_is_order and event_is_return
),

arrived as (
    select *
    from lines
    where day + arrival_delay(event_key, 1000 + line) < getvariable('end_day')
),

final as (
    select
        record_name('S', customer, getvariable('month'), line) as sale_id,
        customer_name(customer) as customer_id,
        day_to_date(day) as sold_on,
        product_type,
        product_id,
        quantity,
        round(amount, 2)::decimal(12, 2) as amount,
        is_return,
    from arrived
    order by day, customer, line
)

select * from final;
