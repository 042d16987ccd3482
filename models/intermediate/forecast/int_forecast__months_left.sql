{%- set horizon = attrition.setting('attrition_horizon') -%}
{%- set months_in_bucket = 1 if attrition.setting('time_grain') == 'month' else '(12 / cast(52 as double))' -%}
{%- set most_months = 60 -%}

with hazards as (

    select * from {{ ref('int_forecast__hazards') }}

),

spine as (

    select * from {{ ref('int_population__spine') }}

),

buckets as (

    select * from {{ ref('int_population__buckets') }}

),

spells as (

    select * from {{ ref('int_forecast__spells') }}

),

customers as (

    select
        spine.customer_id,
        spine.as_of_date,
        spine.bucket
    from spine
    inner join buckets
        on spine.bucket = buckets.bucket
    where buckets.is_newest_snapshot

),

newest as (

    select max(bucket) as bucket from customers

),

staying as (

    select
        hazards.frequency_band,
        hazards.silence,
        coalesce({{ attrition.exact_sum('ln(1 - least(hazards.purchase_rate, 0.999999))') }} over (
            partition by hazards.frequency_band
            order by hazards.silence
            rows between unbounded preceding and 1 preceding
        ), 0) as log_so_far,
        {{ attrition.exact_sum('ln(1 - least(hazards.purchase_rate, 0.999999))') }} over (
            partition by hazards.frequency_band
        ) as log_to_horizon,
        count(hazards.purchase_rate) over (partition by hazards.frequency_band) as rate_count
    from hazards
    inner join newest on hazards.bucket = newest.bucket
    where hazards.segment = 'all'

),

-- how many buckets pass until they buy again or the silence reaches the horizon, and how
-- likely it is that it does
ends as (

    select
        staying.frequency_band,
        staying.silence,
        cast({{ attrition.exact_sum('exp(later.log_so_far - staying.log_so_far)') }} as double)
            as buckets_to_end,
        max(exp(staying.log_to_horizon - staying.log_so_far)) as attrition_share
    from staying
    inner join staying as later
        on
            staying.frequency_band = later.frequency_band
            and staying.silence <= later.silence
    where staying.rate_count = {{ horizon }}
    group by staying.frequency_band, staying.silence

),

-- Whoever buys again starts anew: a geometric number of times. What is counted ends with
-- the last purchase, a horizon before the attrition is certain.
lasting as (

    select
        ends.frequency_band,
        ends.silence,
        ends.buckets_to_end
        + (1 - ends.attrition_share) * beginning.buckets_to_end / beginning.attrition_share
        - {{ horizon }}
        + ends.attrition_share * ends.silence as buckets_left
    from ends
    inner join ends as beginning
        on
            ends.frequency_band = beginning.frequency_band
            and beginning.silence = 0

),

final as (

    select
        customers.customer_id,
        customers.as_of_date,
        greatest(0, least(lasting.buckets_left * {{ months_in_bucket }}, {{ most_months }}))
            as expected_months_left
    from customers
    left join spells
        on
            customers.customer_id = spells.customer_id
            and spells.next_bucket is null
    left join lasting
        on
            spells.frequency_band = lasting.frequency_band
            and customers.bucket - 1 - spells.bucket = lasting.silence

)

select * from final
