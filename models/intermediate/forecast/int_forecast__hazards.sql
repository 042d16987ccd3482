{%- set windows = {'year': attrition.buckets_in_months(12), 'recent': attrition.buckets_in_months(4)} -%}
{%- set measures = ['count', 'worth'] -%}
{#- How many customers the coarser rate weighs as much as. -#}
{%- set year_weight = 20 -%}
{%- set recent_weight = 50 -%}

with exposure as (

    select * from {{ ref('int_forecast__exposure') }}

),

seasons as (

    select * from {{ ref('int_forecast__seasons') }}

),

-- who bought in a good month might not have in another
adjusted as (

    select
        exposure.*,
        {%- for measure in measures %}
        exposure.at_risk_{{ measure }} * seasons.season as usual_{{ measure }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from exposure
    inner join seasons
        on
            exposure.bucket = seasons.bucket
            and seasons.step = 0

),

sums as (

    select
        segment,
        segment_value,
        bucket,
        frequency_band,
        silence
        {%- for measure in measures %}
        {%- for window, length in windows.items() %}
        {%- for part in ['bought', 'usual'] %},
        {{ attrition.exact_sum(part ~ '_' ~ measure) }} over (
            partition by segment, segment_value, frequency_band, silence
            order by bucket
            rows between {{ length }} preceding and 1 preceding
        ) as {{ window }}_{{ part }}_{{ measure }}
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
    from adjusted

),

-- bands together, and what a customer is worth
together as (

    select
        segment,
        segment_value,
        bucket,
        frequency_band,
        silence,
        {%- for measure in measures %}
        {{ attrition.ratio(
            'sum(year_bought_' ~ measure ~ ') over (partition by segment, segment_value, bucket, silence)',
            'sum(year_usual_' ~ measure ~ ') over (partition by segment, segment_value, bucket, silence)'
        ) }} as pool_{{ measure }},
        {%- for window in windows %}
        {%- for part in ['bought', 'usual'] %}
        cast({{ window }}_{{ part }}_{{ measure }} as double) as {{ window }}_{{ part }}_{{ measure }},
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
        cast(1 as double) as unit_count,
        {{ attrition.ratio(
            'sum(year_usual_worth) over (partition by segment, segment_value, bucket, silence)',
            'sum(year_usual_count) over (partition by segment, segment_value, bucket, silence)'
        ) }} as unit_worth
    from sums

),

-- A silence that nobody came to within the year, though there was time, is one that nobody
-- is known to have broken; what has no worth is bought as customers buy.
pooled as (

    select
        * exclude (pool_count, pool_worth),
        {%- for measure in measures %}
        coalesce(
            {{ "pool_worth, " if measure == 'worth' }}pool_count,
            case
                when bucket - min(bucket) over () >= {{ attrition.setting('attrition_horizon') }}
                    then 0
            end
        ) as pool_{{ measure }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from together

),

all_years as (

    select
        *,
        {%- for measure in measures %}
        {{ attrition.shrunk_rate(
            'year_bought_' ~ measure, 'year_usual_' ~ measure,
            year_weight, 'unit_' ~ measure, 'pool_' ~ measure
        ) }} as year_rate_{{ measure }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from pooled
    where segment = 'all'

),

all_rates as (

    select
        *,
        {%- for measure in measures %}
        {{ attrition.shrunk_rate(
            'recent_bought_' ~ measure, 'recent_usual_' ~ measure,
            recent_weight, 'unit_' ~ measure, 'year_rate_' ~ measure
        ) }} as rate_{{ measure }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from all_years

),

-- a segment leans on all customers of the band, as a band leans on all bands
segment_years as (

    select
        pooled.segment,
        pooled.segment_value,
        pooled.bucket,
        pooled.frequency_band,
        pooled.silence,
        all_rates.unit_count,
        all_rates.unit_worth,
        {%- for measure in measures %}
        pooled.recent_bought_{{ measure }},
        pooled.recent_usual_{{ measure }},
        {{ attrition.shrunk_rate(
            'pooled.year_bought_' ~ measure, 'pooled.year_usual_' ~ measure,
            year_weight, 'all_rates.unit_' ~ measure, 'all_rates.rate_' ~ measure
        ) }} as year_rate_{{ measure }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from pooled
    inner join all_rates
        on
            pooled.bucket = all_rates.bucket
            and pooled.frequency_band = all_rates.frequency_band
            and pooled.silence = all_rates.silence
    where pooled.segment <> 'all'

),

rates as (

    select
        segment,
        segment_value,
        bucket,
        frequency_band,
        silence,
        rate_count,
        rate_worth
    from all_rates

    union all

    select
        segment,
        segment_value,
        bucket,
        frequency_band,
        silence,
        {%- for measure in measures %}
        {{ attrition.shrunk_rate(
            'recent_bought_' ~ measure, 'recent_usual_' ~ measure,
            recent_weight, 'unit_' ~ measure, 'year_rate_' ~ measure
        ) }} as rate_{{ measure }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from segment_years

),

final as (

    select
        segment,
        segment_value,
        bucket,
        frequency_band,
        silence,
        rate_count as purchase_rate,
        coalesce(rate_worth, rate_count) as worth_purchase_rate
    from rates

)

select * from final
