-- One row when a customer joins and one for each later change.
insert into store.demographics
with
changed as (
    select
        next_state.*,
        customers.diagnosis_type,
        customers.insulin_years,
        customers.region,
        case
            when event_is_new then next_state.join_day
            else
                getvariable('month_start')
                + floor(getvariable('month_days') * uniform(event_key, 41))::integer
        end as day,
    from next_state
    inner join customers
        on next_state.customer = customers.customer
    where event_is_changed
),

arrived as (
    select *
    from changed
    where day + arrival_delay(event_key, 1500) < getvariable('end_day')
),

final as (
    select
        customer_name(customer) as customer_id,
        day_to_date(day) as valid_from,
        day_to_date(-round(365.25 * age)) as birth_date,
        day_to_date(join_day - round(365.25 * insulin_years)) as insulin_since,
        -- Region 0 was never recorded.
        ['NORTH', 'EAST', 'SOUTH', 'WEST', 'CENTRAL', 'ISLANDS'][nullif(region, 0)]
            as region,
        payer_name(nullif(payer, 0)) as payer_type,
        diagnosis_type,
        is_auto_reorder,
    from arrived
    order by day, customer
)

select * from final;
