{%- set year = attrition.buckets_in_months(12) -%}
{%- set ahead = attrition.buckets_ahead() + attrition.setting('attrition_horizon') -%}

with exposure as (

    select * from {{ ref('int_forecast__exposure') }}

),

numbers as (

    {{ dbt.generate_series(ahead) }}

),

steps as (

    select cast(generated_number - 1 as integer) as step from numbers

),

-- what the year before makes of those who may buy: a year has every season once
yearly as (

    select
        *,
        bucket - min(bucket) over () >= {{ year }} as has_year,
        {%- for part in ['bought', 'at_risk'] %}
        sum({{ part }}_count) over (
            partition by frequency_band, silence
            order by bucket
            rows between {{ year }} preceding and 1 preceding
        ) as {{ part }}_before
        {{- ',' if not loop.last }}
        {%- endfor %}
    from exposure
    where segment = 'all'

),

surprises as (

    select
        bucket,
        as_of_date,
        {{ attrition.ratio(
            'sum(bought_count)',
            attrition.exact_sum('at_risk_count * ' ~ attrition.ratio('bought_before', 'at_risk_before'))
        ) }} as surprise
    from yearly
    where
        has_year
        and at_risk_before > 0
        and not is_newest_snapshot
    group by bucket, as_of_date

),

origins as (

    select distinct
        bucket,
        as_of_date
    from exposure

),

-- of each calendar month, and of all, what was known before the origin
months as (

    select
        origins.bucket,
        extract(month from surprises.as_of_date) as calendar_month,
        count(distinct extract(year from surprises.as_of_date)) as year_count,
        {{ attrition.exact_sum('surprises.surprise') }} as month_surprise,
        count(*) as month_buckets
    from origins
    inner join surprises on origins.bucket > surprises.bucket
    where surprises.surprise is not null
    group by origins.bucket, extract(month from surprises.as_of_date)

),

compared as (

    select
        bucket,
        calendar_month,
        year_count,
        {{ attrition.ratio('month_surprise', 'month_buckets') }} as month_mean,
        {{ attrition.ratio(
            'sum(month_surprise) over (partition by bucket)',
            'sum(month_buckets) over (partition by bucket)'
        ) }} as overall_mean
    from months

),

days as (

    select
        origins.bucket,
        steps.step,
        {{ attrition.add_buckets('origins.as_of_date', 'steps.step') }} as starts_on
    from origins
    cross join steps

),

-- of two years a half is believed, of three two thirds
final as (

    select
        days.bucket,
        days.step,
        coalesce(
            1 + ({{ attrition.ratio('compared.month_mean', 'compared.overall_mean') }} - 1)
            * {{ attrition.ratio('compared.year_count - 1', 'compared.year_count') }},
            1
        ) as season
    from days
    left join compared
        on
            days.bucket = compared.bucket
            and extract(month from days.starts_on) = compared.calendar_month

)

select * from final
