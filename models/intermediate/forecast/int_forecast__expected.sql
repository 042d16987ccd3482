{%- set horizon = attrition.setting('attrition_horizon') -%}
{%- set ahead = attrition.buckets_ahead() -%}
{%- set measures = {'count': 'purchase_rate', 'worth': 'worth_purchase_rate'} -%}
{%- set known_buckets = 'least(' ~ horizon ~ ', bucket - min(bucket) over () + 1)' -%}
{%- set of_horizon = ' over (partition by segment, segment_value, frequency_band order by bucket '
    ~ 'rows between ' ~ (horizon - 1) ~ ' preceding and current row)' -%}
{%- set window_sums = [
    attrition.exact_sum('at_risk_worth')
    ~ ' over (partition by segment, segment_value, bucket, buckets_ahead)',
    attrition.exact_sum('at_risk_count')
    ~ ' over (partition by segment, segment_value, bucket, buckets_ahead)',
] -%}
{%- set key = ['segment', 'segment_value', 'bucket', 'frequency_band'] -%}

with exposure as (

    select * from {{ ref('int_forecast__exposure') }}

),

hazards as (

    select * from {{ ref('int_forecast__hazards') }}

),

seasons as (

    select * from {{ ref('int_forecast__seasons') }}

),

-- Within a horizon only those attrite who have been silent for the rest of it already.
known as (

    select
        {{ key | join(',\n        ') }},
        {{ horizon }} - silence as buckets_ahead,
        silence as first_silence,
        0 as first_step,
        at_risk_count,
        cast(at_risk_worth as double) as at_risk_worth,
        true as is_known
    from exposure
    where silence >= {{ horizon - ahead }}

),
{% if ahead > horizon %}
-- Beyond it those attrite who have still to buy for the last time: as many buy in each
-- bucket as in those of the last horizon.
buyers as (

    select
        {{ key | join(',\n        ') }},
        {%- for measure in measures %}
        {{ attrition.ratio('sum(at_risk_' ~ measure ~ ')' ~ of_horizon, known_buckets) }}
            as mean_{{ measure }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from exposure
    where silence = 0

),

numbers as (

    {{ dbt.generate_series(ahead - horizon) }}

),

later as (

    select
        {%- for column in key %}
        buyers.{{ column }},
        {%- endfor %}
        {{ horizon }} + cast(numbers.generated_number as integer) as buckets_ahead,
        0 as first_silence,
        cast(numbers.generated_number as integer) as first_step,
        buyers.mean_count as at_risk_count,
        buyers.mean_worth as at_risk_worth,
        false as is_known
    from buyers
    cross join numbers

),
{% endif %}
starts as (

    select * from known
    {%- if ahead > horizon %}
    union all
    select * from later
    {%- endif %}

),

-- how likely it is to stay silent up to the horizon
survivals as (

    select
        {%- for column in key %}
        starts.{{ column }},
        {%- endfor %}
        starts.buckets_ahead,
        starts.is_known,
        starts.at_risk_count,
        starts.at_risk_worth,
        {%- for measure, rate in measures.items() %}
        exp({{ attrition.exact_sum(
            'ln(1 - least(hazards.' ~ rate ~ ' * seasons.season, 0.999999))'
        ) }}) as survival_{{ measure }}
        {{- ',' if not loop.last }}
        {%- endfor %},
        count(hazards.purchase_rate) as rate_count
    from starts
    inner join hazards
        on
            {%- for column in key %}
            {{ 'and ' if not loop.first }}starts.{{ column }} = hazards.{{ column }}
            {%- endfor %}
            and starts.first_silence <= hazards.silence
    inner join seasons
        on
            starts.bucket = seasons.bucket
            and starts.first_step + hazards.silence - starts.first_silence = seasons.step
    group by
        {%- for column in key %}
        starts.{{ column }},
        {%- endfor %}
        starts.buckets_ahead,
        starts.is_known,
        starts.first_silence,
        starts.at_risk_count,
        starts.at_risk_worth
    -- a silence that nobody has come to yet says nothing of who breaks it
    having count(hazards.purchase_rate) = {{ horizon }} - starts.first_silence

),

valued as (

    select
        *,
        {{ attrition.ratio('at_risk_worth', 'at_risk_count') }} as band_worth,
        {{ attrition.ratio(*window_sums) }} as mean_worth
    from survivals

),

summed as (

    select
        segment,
        segment_value,
        bucket,
        buckets_ahead,
        is_known,
        max(mean_worth) as mean_worth,
        {{ attrition.exact_sum('at_risk_count') }} as at_risk_count,
        {{ attrition.exact_sum('at_risk_worth') }} as at_risk_worth,
        {%- for measure in measures %}
        {{ attrition.exact_sum('at_risk_' ~ measure ~ ' * survival_' ~ measure) }}
            as expected_{{ measure }},
        -- what is to come varies as counts do, what is known as coins do
        {{ attrition.exact_sum(
            'at_risk_count * survival_' ~ measure
            ~ ' * case when is_known then 1 - survival_' ~ measure ~ ' else 1 end'
            ~ (' * power(coalesce(band_worth / nullif(mean_worth, 0), 0), 2)' if measure == 'worth' else '')
        ) }} as spread_{{ measure }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from valued
    group by segment, segment_value, bucket, buckets_ahead, is_known

),

-- customers come whole: that adds a quarter
final as (

    select
        segment,
        segment_value,
        bucket,
        buckets_ahead,
        case when is_known then cast(at_risk_count as double) end as most_count,
        case when is_known then cast(at_risk_worth as double) end as most_worth,
        cast(expected_count as double) as expected_count,
        cast(expected_worth as double) as expected_worth,
        cast(spread_count as double) + 0.25 as variance_count,
        (cast(spread_worth as double) + 0.25) * power(coalesce(mean_worth, 0), 2)
            as variance_worth
    from summed

)

select * from final
