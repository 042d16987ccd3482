-- Attritions and what was lost with them, month by month, and what is expected from
-- here on: one line to draw, with the interval of 80 % where it is a forecast.
with rates as (

    select * from {{ ref('attrition_rate') }}

),

forecasts as (

    select * from {{ ref('attrition_forecast') }}

),

final as (

    select
        as_of_date as bucket_starts_on,
        'actual' as kind,
        cast(bucket_attrition_count as double) as attrition_count,
        cast(null as double) as lower_80,
        cast(null as double) as upper_80,
        bucket_value_lost as value_lost
    from rates
    where
        segment = 'all'
        and bucket_attrition_count is not null

    union all

    select
        bucket_starts_on,
        'expected' as kind,
        round(expected_attrition_count, 1) as attrition_count,
        round(attrition_count_lower_80, 1) as lower_80,
        round(attrition_count_upper_80, 1) as upper_80,
        round(expected_value_lost, 2) as value_lost
    from forecasts
    where segment = 'all'

)

select * from final
order by bucket_starts_on
