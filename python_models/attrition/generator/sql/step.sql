-- One month: the state of every customer on its first day -> what they do in it and
-- their state on the first day of the next. The same statement makes the history and
-- re-simulates futures (variable is_future), where nobody joins and nobody orders, and
-- silence_probability gathers how probable that silence is.
--
-- One rule keeps the truth computable: the log-odds of leaving and everything else that
-- happens depend on what a record could show and on the customer's hidden part, never
-- on whether they have silently left. Only the orders tell. So left_belief, the
-- probability that a silent customer has left, follows from Bayes' rule month by month.
create or replace table next_state as
with
present as (
    select columns(lambda name: name not like 'event_%')
    from state
    union all by name
    select * exclude (diagnosis_type, insulin_years, region)
    from customers
    where
        join_month = getvariable('month')
        and not getvariable('is_future')
),

measured as (
    select
        *,
        mixed_key(customer_key, getvariable('month')) as row_key,
        join_month = getvariable('month') and order_count = 0 as is_new,
        getvariable('month_start') - join_day as tenure_days,
        getvariable('month_start') - last_order_day as recency_days,
        supply_ends_day - getvariable('month_start') as stock_days,
        (getvariable('month_start') - last_order_day) / usual_gap as overdue_ratio,
        age + getvariable('month_start') / 365.25 as age_now,
        warranty_ends_day < getvariable('month_start') as is_expired,
    from present
),

-- People who have not ordered for long also stop calling, complaining and renewing.
engaged as (
    select
        *,
        case
            when recency_days <= 150 then 1.0
            else exp(-(recency_days - 150) / 90.0)
        end as engagement,
        -- Log-odds of leaving for good this month.
        getvariable('base_log_odds')
        -- Stock left at home holds; running dry loosens, at two thresholds.
        + case
            when stock_days > 45 then -0.8
            when stock_days > 15 then -0.4
            when stock_days > -10 then 0.0
            when stock_days > -40 then 0.4
            else 0.7
        end
        + case when overdue_ratio > 1.5 and not is_auto_reorder then 0.3 else 0 end
        -- Complaints add up to a limit, more so without automatic orders.
        + getvariable('complaint_weight') * 0.55 * least(complaint_heat, 2.5)
        + getvariable('complaint_weight')
        * case when harm_heat > 0.35 then 1.1 else 0 end
        + case
            when complaint_heat > 0.6 and not is_auto_reorder then 0.5 else 0
        end
        + 0.5 * least(return_heat, 1.5)
        -- A warranty that has run out frees people to change pumps; the young do.
        + getvariable('warranty_weight')
        * case
            when is_expired and age_now < 40 then 1.4
            when is_expired then 0.7
            else 0
        end
        -- Onboarding protects when finished, and warns when it is not.
        + case
            when onboarding = 2 then -0.5
            when onboarding = 3 then 0.7
            when onboarding = 1 and tenure_days > 120 then 0.6
            when onboarding = 0 and tenure_days < 270 then 0.5
            else 0
        end
        + [0.0, -0.1, 0.3, 0.5, 0.0, -0.2, 0.4, 0.7, -0.5][payer + 1]
        + case
            when payer = getvariable('drift_payer') and getvariable('is_drifted')
                then getvariable('drift_log_odds')
            else 0
        end
        + case
            when age_now < 25 then 0.6
            when age_now > 72 then 0.4
            when age_now between 40 and 60 then -0.2
            else 0
        end
        + getvariable('auto_weight') * case when is_auto_reorder then -0.8 else 0 end
        -- Some try it once.
        + case when order_count = 1 then 0.7 else 0 end
        - 0.3 * ln(1 + greatest(tenure_days, 0) / 180.0)
        -- Callers are unhappy; being called helps a little while there is stock.
        + 0.3 * least(inbound_heat, 2)
        - case when stock_days > -30 then 0.3 * least(outbound_heat, 1.5) else 0 end
        + getvariable('season_log_odds')
        + hidden_log_odds
            as next_log_odds,
        -- The order comes about a week before the supply ends; those who order
        -- themselves put it off longer.
        case
            when is_auto_reorder then getvariable('order_cap_auto')
            else getvariable('order_cap')
        end
        * logistic(
            (getvariable('month_start') + getvariable('month_days')
            - supply_ends_day + 5) / 8.0
        ) as order_probability,
        case
            when recency_days between 60 and 900
                then getvariable('return_probability')
            else 0
        end as return_probability,
    from measured
),

decided as (
    select
        *,
        case when is_new then 0 else logistic(next_log_odds) end as leave_probability,
        uniform(row_key, 1) as leave_draw,
        uniform(row_key, 2) as order_draw,
        -- Day of the month, from 0, on which the order falls due.
        floor(
            supply_ends_day - 8 + 5 * normal(row_key, 3) - getvariable('month_start')
        )::integer as due_day,
    from engaged
),

ordered as (
    select
        *,
        left_belief * (1 - return_probability)
        + (1 - left_belief) * leave_probability as silent_left_probability,
        (1 - left_belief) * (1 - leave_probability) * (1 - order_probability)
            as silent_loyal_probability,
        not is_left and not is_new and leave_draw < leave_probability as is_leaving,
        case
            when getvariable('is_future') then false
            when is_new then true
            when is_left then order_draw < return_probability
            else
                leave_draw >= leave_probability
                and order_draw < order_probability
        end as is_order,
    from decided
),

-- What happens in the month. Days count from the first of the month.
happened as (
    select
        *,
        getvariable('month_start') + case
            when is_new then join_day - getvariable('month_start')
            when due_day between 0 and getvariable('month_days') - 1 then due_day
            else floor(getvariable('month_days') * uniform(row_key, 4))::integer
        end as order_day,
        greatest(
            1,
            round(
                usual_gap / 3
                * case
                    when is_new or uniform(row_key, 5) < 0.84 then 1.0
                    when uniform(row_key, 5) < 0.93 then 1.5
                    else 0.5
                end
                * (1 + 0.06 * normal(row_key, 6))
            )
        )::integer as order_quantity,
        is_order and not is_new and uniform(row_key, 7)
        < 0.03 + 0.05 * (complaint_heat > 0.5)::integer as is_returning_goods,
        poisson(
            0.055
            * case when is_expired then 1.8 else 1.0 end
            * case when tenure_days < 120 then 1.5 else 1.0 end
            * engagement * (not is_new)::integer,
            uniform(row_key, 8)
        ) as complaint_count,
        uniform(row_key, 9) < 0.18 as is_harm,
        poisson(
            (0.12 + 0.25 * least(complaint_heat, 2)
            + case when onboarding = 1 then 0.15 else 0 end)
            * engagement * (not is_new)::integer,
            uniform(row_key, 10)
        ) as inbound_count,
        poisson(
            (0.10 + case when stock_days < -15 then 0.3 else 0 end)
            * engagement * (not is_new)::integer,
            uniform(row_key, 11)
        ) as outbound_count,
        -- A warranty is renewed in the month it ends, or sometimes later.
        case
            when is_new then true
            when
                warranty_ends_day - getvariable('month_start')
                >= getvariable('month_days')
                then false
            when warranty_ends_day >= getvariable('month_start')
                then uniform(row_key, 12) < 0.35 * engagement
            else uniform(row_key, 12) < 0.03 * engagement
        end as is_warranty_starting,
        case
            when is_expired
                then getvariable('month_start')
                + floor(getvariable('month_days') * uniform(row_key, 17))::integer
            else warranty_ends_day
        end as warranty_starts_day,
        -- null, enrolled, session, completed or withdrawn.
        case
            when is_new and uniform(row_key, 13) < 0.60 then 'enrolled'
            when onboarding <> 1 or recency_days > 240 then null
            when session_count >= 3 and uniform(row_key, 13) < 0.55 then 'completed'
            when uniform(row_key, 13) > 0.94 then 'withdrawn'
            when session_count < 6 and uniform(row_key, 13) < 0.62 then 'session'
        end as startright_event,
        case
            when is_new or recency_days > 365 then false
            when is_auto_reorder then uniform(row_key, 14) < 0.012
            else uniform(row_key, 14) < 0.010
        end as is_switching_reorder,
        not is_new
        and recency_days <= 365
        and uniform(row_key, 15) < 0.006 as is_changing_payer,
    from ordered
),

final as (
    select
        customer,
        customer_key,
        join_day,
        join_month,
        age,
        is_sensor_user,
        usual_gap,
        hidden_log_odds,
        case
            when is_changing_payer then drawn_payer(uniform(row_key, 16)) else payer
        end as payer,
        is_auto_reorder <> is_switching_reorder as is_auto_reorder,
        case when is_order then order_day else last_order_day end as last_order_day,
        -- One unit lasts three days, on top of what is still at home.
        case
            when is_order
                then greatest(supply_ends_day, order_day) + 3 * order_quantity
            else supply_ends_day
        end as supply_ends_day,
        order_count + is_order::integer as order_count,
        0.85 * complaint_heat + complaint_count as complaint_heat,
        0.88 * harm_heat
        + case when is_harm then complaint_count else 0 end as harm_heat,
        0.75 * inbound_heat + inbound_count as inbound_heat,
        0.75 * outbound_heat + outbound_count as outbound_heat,
        0.75 * return_heat + is_returning_goods::integer as return_heat,
        case
            when is_warranty_starting
                then warranty_starts_day + case
                    when uniform(row_key, 18) < 0.40 then 365
                    when uniform(row_key, 18) < 0.75 then 730
                    else 1461
                end
            else warranty_ends_day
        end as warranty_ends_day,
        case startright_event
            when 'enrolled' then 1
            when 'completed' then 2
            when 'withdrawn' then 3
            else onboarding
        end as onboarding,
        session_count
        + (startright_event is not null and startright_event = 'session')::integer
            as session_count,
        case when is_order then false else is_left or is_leaving end as is_left,
        case
            when is_order then 0.0
            else
                silent_left_probability
                / (silent_left_probability + silent_loyal_probability)
        end as left_belief,
        case
            when is_order then 1.0
            else
                silence_probability
                * (silent_left_probability + silent_loyal_probability)
        end as silence_probability,
        case when not is_new then next_log_odds end as log_odds,
        row_key as event_key,
        is_new as event_is_new,
        is_order as event_is_order,
        order_quantity as event_quantity,
        is_returning_goods as event_is_return,
        complaint_count as event_complaints,
        is_harm as event_is_harm,
        inbound_count as event_inbound,
        outbound_count as event_outbound,
        case when is_warranty_starting then warranty_starts_day end
            as event_warranty_day,
        startright_event as event_startright,
        is_switching_reorder or is_changing_payer or is_new as event_is_changed,
    from happened
)

select * from final;
