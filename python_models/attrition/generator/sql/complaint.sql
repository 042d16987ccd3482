-- A complaint is closed some days after it was opened, which the files know only once
-- it has happened; a few are never closed.
insert into store.complaint
with
numbered as (
    select
        next_state.*,
        numbers.line,
        mixed_key(event_key, 1100 + numbers.line) as line_key,
    from next_state
    inner join (from range(1, 4) as numbers (line)) as numbers
        on numbers.line <= next_state.event_complaints
    where event_complaints > 0
),

dated as (
    select
        *,
        getvariable('month_start')
        + floor(getvariable('month_days') * uniform(line_key, 1))::integer as day,
        case
            when uniform(line_key, 2) > 0.04
                then 1 + floor(-14 * ln(uniform(line_key, 3)))::integer
        end as open_days,
    from numbered
),

arrived as (
    select *
    from dated
    where day + arrival_delay(line_key, 4) < getvariable('end_day')
),

final as (
    select
        record_name('K', customer, getvariable('month'), line) as complaint_id,
        customer_name(customer) as customer_id,
        day_to_date(day) as opened_on,
        case
            when day + open_days < getvariable('end_day')
                then day_to_date(day + open_days)
        end as closed_on,
        case
            when event_is_harm
                then ['hypoglycaemia', 'hyperglycaemia', 'skin reaction'][
                    1 + floor(3 * uniform(line_key, 5))::integer
                ]
            else
                ['late delivery', 'wrong item', 'leaking set', 'pump alarm', 'billing'][
                    1 + floor(5 * uniform(line_key, 5))::integer
                ]
        end as reason,
        event_is_harm as is_harm,
    from arrived
    order by day, customer, line
)

select * from final;
