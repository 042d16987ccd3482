-- One row per customer: what never changes, and the state in which they join.
create or replace table customers as
with
numbered as (
    select
        number::integer as customer,
        mixed_key(hash(number::bigint), getvariable('seed')::bigint) as customer_key,
    from range(1, getvariable('customer_count') + 1) as numbers (number)
),

drawn as (
    select
        customer,
        customer_key,
        -- A quarter joins in the first eighth of the history, so that it does not
        -- start empty; the others evenly.
        floor(
            getvariable('joining_days')
            * case
                when uniform(customer_key, 1) < 0.25
                    then uniform(customer_key, 2) / 8
                else uniform(customer_key, 2)
            end
        )::integer as join_day,
        case
            when uniform(customer_key, 3) < 0.55
                then 12 + 24 * uniform(customer_key, 4)
            else 30 + 48 * uniform(customer_key, 4)
        end as drawn_age,
        uniform(customer_key, 5) < 0.03 as is_birth_date_missing,
        uniform(customer_key, 6) as insulin_draw,
        uniform(customer_key, 7) as diagnosis_draw,
        case
            when uniform(customer_key, 8) < 0.04 then 0
            else 1 + floor(6 * pow(uniform(customer_key, 15), 1.4))
        end::integer as region,
        drawn_payer(uniform(customer_key, 9)) as drawn_payer_code,
        uniform(customer_key, 10) as gap_draw,
        normal(customer_key, 11) as gap_noise,
        normal(customer_key, 12) as hidden_noise,
        uniform(customer_key, 13) as sensor_draw,
        uniform(customer_key, 14) as reorder_draw,
    from numbered
),

aged as (
    select
        *,
        -- Age in years on the first day of the history; those born later than that
        -- would be too young for a pump.
        drawn_age - join_day / 365.25 as true_age,
        diagnosis_draw < case when drawn_age < 30 then 0.92 else 0.45 end as is_type_1,
    from drawn
),

final as (
    select
        customer,
        customer_key,
        join_day,
        (
            extract(year from day_to_date(join_day)) * 12
            + extract(month from day_to_date(join_day))
            - 2021 * 12 - 1
        )::integer as join_month,
        case when not is_birth_date_missing then true_age end as age,
        case when is_type_1 then 'TYPE_1' else 'TYPE_2' end as diagnosis_type,
        -- Years on insulin when they join.
        (drawn_age - 6) * insulin_draw * case when is_type_1 then 0.9 else 0.35 end
            as insulin_years,
        region,
        sensor_draw < 0.45 as is_sensor_user,
        -- Days for which one order usually lasts.
        case
            when gap_draw < getvariable('share_gap_30') then 30
            when gap_draw < getvariable('share_gap_60') then 60
            else 90
        end * exp(0.08 * gap_noise) as usual_gap,
        getvariable('hidden_spread') * hidden_noise as hidden_log_odds,
        -- From here on: what changes every month.
        case
            when drawn_payer_code = 1 and drawn_age >= 66 then 5
            else drawn_payer_code
        end as payer,
        reorder_draw < 0.35 as is_auto_reorder,
        join_day as last_order_day,
        join_day as supply_ends_day,
        0 as order_count,
        0.0::double as complaint_heat,
        0.0::double as harm_heat,
        0.0::double as inbound_heat,
        0.0::double as outbound_heat,
        0.0::double as return_heat,
        join_day as warranty_ends_day,
        -- 0 not enrolled, 1 enrolled, 2 completed, 3 withdrawn.
        0 as onboarding,
        0 as session_count,
        false as is_left,
        0.0::double as left_belief,
        1.0::double as silence_probability,
        null::double as log_odds,
    from aged
)

select * from final
order by customer;
