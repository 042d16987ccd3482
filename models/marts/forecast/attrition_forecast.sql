{%- set bounds = ['lower_80', 'upper_80', 'lower_95', 'upper_95'] -%}
{%- set horizon = attrition.setting('attrition_horizon') -%}
{%- set join_on = ['segment', 'segment_value', 'buckets_ahead'] -%}

with exposure as (

    select * from {{ ref('int_forecast__exposure') }}

),

outcomes as (

    select * from {{ ref('int_forecast__outcomes') }}

),

intervals as (

    select * from {{ ref('int_forecast__intervals') }}

),

numbers as (

    {{ dbt.generate_series(attrition.buckets_ahead()) }}

),

-- whoever has bought within the horizon
active as (

    select
        segment,
        segment_value,
        bucket,
        as_of_date,
        cast(sum(at_risk_count) as bigint) as customer_count,
        sum(at_risk_worth) as worth
    from exposure
    where is_newest_snapshot
    group by segment, segment_value, bucket, as_of_date

),

asked as (

    select
        active.*,
        cast(numbers.generated_number as integer) as buckets_ahead,
        max(active.worth) over () > 0 as has_worth
    from active
    cross join numbers

),

origin as (

    select distinct bucket from active

),

newest_outcomes as (

    select
        outcomes.*,
        {%- for bound in bounds %}
        intervals.{{ bound }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from outcomes
    inner join origin on outcomes.bucket = origin.bucket
    left join intervals
        on
            outcomes.measure = intervals.measure
            and outcomes.segment = intervals.segment
            and outcomes.segment_value = intervals.segment_value
            and outcomes.bucket = intervals.bucket
            and outcomes.buckets_ahead = intervals.buckets_ahead

),

final as (

    select
        asked.as_of_date,
        asked.segment,
        asked.segment_value,
        asked.buckets_ahead,
        {{ attrition.bucket_start('asked.bucket + asked.buckets_ahead - 1') }} as bucket_starts_on,
        asked.customer_count,
        counts.expected as expected_attrition_count,
        {%- for bound in bounds %}
        counts.{{ bound }} as attrition_count_{{ bound }},
        {%- endfor %}
        {{ attrition.ratio('counts.expected', 'asked.customer_count') }} as expected_attrition_rate,
        {%- for bound in bounds %}
        {{ attrition.ratio('counts.' ~ bound, 'asked.customer_count') }} as attrition_rate_{{ bound }},
        {%- endfor %}
        cumulative.expected as expected_cumulative_attrition_count,
        {%- for bound in bounds %}
        cumulative.{{ bound }} as cumulative_attrition_count_{{ bound }},
        {%- endfor %}
        case when asked.has_worth then worths.expected end as expected_value_lost,
        {%- for bound in bounds %}
        case when asked.has_worth then worths.{{ bound }} end as value_lost_{{ bound }},
        {%- endfor %}
        case
            when asked.buckets_ahead <= {{ horizon }} and counts.expected is null
                then 'No forecast: the records are too short to show who buys again after {{ attrition.buckets_text(horizon) }}'
            when counts.expected is null
                then 'No forecast: the records are too short to show who buys for how long'
            when counts.lower_80 is null
                then 'No interval: fewer than three past forecasts have met their truth'
        end as reason
    from asked
    left join newest_outcomes as counts
        on
            counts.measure = 'count'
            {%- for column in join_on %}
            and asked.{{ column }} = counts.{{ column }}
            {%- endfor %}
    {%- for name, measure in {'worths': 'worth', 'cumulative': 'cumulative_count'}.items() %}
    left join newest_outcomes as {{ name }}
        on
            {{ name }}.measure = '{{ measure }}'
            {%- for column in join_on %}
            and asked.{{ column }} = {{ name }}.{{ column }}
            {%- endfor %}
    {%- endfor %}

)

select * from final
