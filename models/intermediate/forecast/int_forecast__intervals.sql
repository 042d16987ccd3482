{%- set ahead = attrition.buckets_ahead() -%}
{#- Truths of the last three horizons are looked at, and of three years of months at most. -#}
{%- set window = [3 * attrition.setting('attrition_horizon'), 36] | min -%}
{%- set levels = {'80': (0.8, 1.2815516), '95': (0.95, 1.959964)} -%}
{%- set group = ['measure', 'segment', 'segment_value'] -%}

with outcomes as (

    select * from {{ ref('int_forecast__outcomes') }}

),

squares as (

    select
        {{ group | join(',\n        ') }},
        buckets_ahead,
        target_bucket,
        power(actual - expected, 2) / nullif(variance, 0) as square
    from outcomes

),

-- What past forecasts were wrong by, by truths that were known before a bucket. For each
-- number of buckets ahead there is a row for each target, so that a row back is a bucket.
missed as (

    select
        {{ group | join(',\n        ') }},
        buckets_ahead,
        target_bucket as bucket,
        count(square) over (
            partition by {{ group | join(', ') }}, buckets_ahead
            order by target_bucket
            rows between {{ window }} preceding and 1 preceding
        ) as truth_count,
        coalesce({{ attrition.exact_sum('square') }} over (
            partition by {{ group | join(', ') }}, buckets_ahead
            order by target_bucket
            rows between {{ window }} preceding and 1 preceding
        ), 0) as square_sum
    from squares

),

known as (

    select
        outcomes.*,
        coalesce(missed.truth_count, 0) as truth_count,
        coalesce(missed.square_sum, 0) as square_sum
    from outcomes
    left join missed
        on
            {%- for column in group %}
            {{ 'and ' if not loop.first }}outcomes.{{ column }} = missed.{{ column }}
            {%- endfor %}
            and outcomes.buckets_ahead = missed.buckets_ahead
            and outcomes.bucket = missed.bucket

),

gathered as (

    select
        *,
        {%- for part in ['truth_count', 'square_sum'] %}
        sum({{ part }}) over (
            partition by {{ group | join(', ') }}, bucket
            order by buckets_ahead
            rows between 1 preceding and 1 following
        ) as near_{{ part }},
        sum({{ part }}) over (partition by {{ group | join(', ') }}, bucket) as all_{{ part }},
        {%- endfor %}
        max(truth_count) over (partition by {{ group | join(', ') }}, bucket) as origin_count
    from known

),

-- All errors together lean on three of the expected size, those of about the same number
-- of buckets ahead on two of all. Nothing is more certain than chance allows.
scaled as (

    select
        *,
        sqrt(variance * greatest(1, (
            near_square_sum
            + 2 * (all_square_sum + 3) / cast(all_truth_count + 3 as double)
        ) / cast(near_truth_count + 2 as double))) as scale
    from gathered
    where all_truth_count >= 3

),

origins as (

    select distinct
        {{ group | join(',\n        ') }},
        bucket
    from scaled

),

-- how many scales the truths lay away that were known before a forecast
distances as (

    select
        {%- for column in group %}
        origins.{{ column }},
        {%- endfor %}
        origins.bucket,
        abs(scaled.actual - scaled.expected) / nullif(scaled.scale, 0) as distance
    from origins
    inner join scaled
        on
            {%- for column in group %}
            {{ 'and ' if not loop.first }}origins.{{ column }} = scaled.{{ column }}
            {%- endfor %}
            and scaled.target_bucket between origins.bucket - {{ window }} and origins.bucket - 1
    where
        scaled.actual is not null
        and scaled.scale > 0

),

ordered as (

    select
        *,
        row_number() over (
            partition by {{ group | join(', ') }}, bucket order by distance
        ) as place,
        count(*) over (partition by {{ group | join(', ') }}, bucket) as distance_count
    from distances

),

-- the conformal quantile
quantiles as (

    select
        {{ group | join(',\n        ') }},
        bucket,
        distance_count,
        {%- for name, (level, _) in levels.items() %}
        max(case
            when place = least(distance_count, ceil({{ level }} * (distance_count + 1)))
                then distance
        end) as distance_{{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from ordered
    where distance_count >= 5
    group by {{ group | join(', ') }}, bucket, distance_count

),

-- Few errors say little of their quantile, so that it weighs as their number against ten
-- for each bucket ahead; for the rest stands Student's, with as many degrees of freedom as
-- there are forecasts that do not overlap.
widths as (

    select
        scaled.*,
        {%- for name, (_, z) in levels.items() %}
        scaled.scale * (
            coalesce(quantiles.distance_count * quantiles.distance_{{ name }}, 0)
            + {{ 10 * ahead }} * {{ attrition.student_quantile(
                z, 'greatest(3, cast(scaled.origin_count as double) / scaled.buckets_ahead)'
            ) }}
        ) / cast(coalesce(quantiles.distance_count, 0) + {{ 10 * ahead }} as double)
            as width_{{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from scaled
    left join quantiles
        on
            {%- for column in group %}
            {{ 'and ' if not loop.first }}scaled.{{ column }} = quantiles.{{ column }}
            {%- endfor %}
            and scaled.bucket = quantiles.bucket

),

final as (

    select
        {{ group | join(',\n        ') }},
        bucket,
        buckets_ahead,
        {%- for name in levels %}
        greatest(0, expected - width_{{ name }}) as lower_{{ name }},
        least(expected + width_{{ name }}, coalesce(most, expected + width_{{ name }}))
            as upper_{{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from widths

)

select * from final
