{%- set horizon = attrition.setting('attrition_horizon') -%}
{%- set key = ['segment', 'segment_value', 'bucket', 'frequency_band', 'silence'] -%}

with spells as (

    select * from {{ ref('int_forecast__spells') }}

),

buckets as (

    select * from {{ ref('int_population__buckets') }}

),

numbers as (

    {{ dbt.generate_series(horizon) }}

),

silences as (

    select cast(generated_number - 1 as integer) as silence from numbers

),

ended as (

    select
        *,
        least(coalesce(next_bucket - bucket, {{ horizon + 1 }}), {{ horizon + 1 }}) as gap
    from spells

),

cells as (
    {% for segment in ['all'] + attrition.segment_names() %}
    select
        '{{ segment }}' as segment,
        {{ "'all'" if segment == 'all' else segment }} as segment_value,
        bucket,
        frequency_band,
        gap,
        count(*) as customer_count,
        coalesce(sum(worth), 0) as worth
    from ended
    group by {{ '' if segment == 'all' else segment ~ ', ' }}bucket, frequency_band, gap
    {{- "\n    union all" if not loop.last }}
    {%- endfor %}

),

counted as (

    select
        cells.segment,
        cells.segment_value,
        cells.bucket + 1 + silences.silence as bucket,
        cells.frequency_band,
        silences.silence,
        sum(cells.customer_count) as at_risk_count,
        sum(cells.worth) as at_risk_worth,
        sum(case when cells.gap = silences.silence + 1 then cells.customer_count else 0 end)
            as bought_count,
        sum(case when cells.gap = silences.silence + 1 then cells.worth else 0 end)
            as bought_worth
    from cells
    inner join silences on cells.gap > silences.silence
    group by
        cells.segment,
        cells.segment_value,
        cells.bucket + 1 + silences.silence,
        cells.frequency_band,
        silences.silence

),

bands as (

    select
        segment,
        segment_value,
        frequency_band,
        min(bucket) as first_bucket
    from cells
    group by segment, segment_value, frequency_band

),

known_buckets as (

    select
        bucket,
        as_of_date,
        is_newest_snapshot
    from buckets

),

-- From the first purchase of the kind on every bucket has a row, so that a row back is a
-- bucket back.
final as (

    select
        bands.segment,
        bands.segment_value,
        known_buckets.bucket,
        known_buckets.as_of_date,
        known_buckets.is_newest_snapshot,
        bands.frequency_band,
        silences.silence,
        {%- for measure in ['count', 'worth'] %}
        {%- set type = 'bigint' if measure == 'count' else 'decimal(38, 4)' %}
        cast(coalesce(counted.at_risk_{{ measure }}, 0) as {{ type }}) as at_risk_{{ measure }},
        case
            when not known_buckets.is_newest_snapshot
                then cast(coalesce(counted.bought_{{ measure }}, 0) as {{ type }})
        end as bought_{{ measure }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from bands
    inner join known_buckets on bands.first_bucket < known_buckets.bucket
    cross join silences
    left join counted
        on
            {%- for column in key %}
            {{ 'and ' if not loop.first -}}
            {{ {'bucket': 'known_buckets', 'silence': 'silences'}.get(column, 'bands') }}.{{ column }} = counted.{{ column }}
            {%- endfor %}

)

select * from final
