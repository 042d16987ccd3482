-- Some active customers of a snapshot, each once for every future, with draws of its
-- own.
create or replace table futures.state as
with
numbers as (
    select number,
    from range(getvariable('future_count')) as numbers (number)
),

active as (
    select *
    from main.{snapshot}
    where
        last_order_day >= getvariable('active_from_day')
        and customer between {first_customer} and {last_customer}
),

final as (
    select
        active.* replace (
            mixed_key(mixed_key(active.customer_key, -1), numbers.number)
                as customer_key,
            -- The silence that counts begins with the snapshot.
            1.0::double as silence_probability
        ),
    from active
    cross join numbers
)

select * from final;
