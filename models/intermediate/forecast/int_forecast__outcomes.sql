{%- set horizon = attrition.setting('attrition_horizon') -%}
{%- set year = attrition.buckets_in_months(12) -%}
{%- set so_far = ' over (partition by segment, segment_value, bucket order by buckets_ahead '
    ~ 'rows between unbounded preceding and current row)' -%}

with exposure as (

    select * from {{ ref('int_forecast__exposure') }}

),

expected as (

    select * from {{ ref('int_forecast__expected') }}

),

-- the silence of those who had one bucket left reaches the horizon, or they buy
attritions as (

    select
        segment,
        segment_value,
        bucket,
        sum(at_risk_count - bought_count) as attrition_count,
        sum(at_risk_worth - bought_worth) as attrition_worth,
        -- before that bucket nobody can have been silent so long
        bucket - min(bucket) over () >= {{ horizon - 1 }} as is_possible
    from exposure
    where
        silence = {{ horizon - 1 }}
        and not is_newest_snapshot
    group by segment, segment_value, bucket

),

possible as (

    select * from attritions
    where is_possible

),

of_buckets as (
    {% for measure in ['count', 'worth'] %}
    select
        '{{ measure }}' as measure,
        expected.segment,
        expected.segment_value,
        expected.bucket,
        expected.buckets_ahead,
        expected.bucket + expected.buckets_ahead - 1 as target_bucket,
        expected.most_{{ measure }} as most,
        expected.expected_{{ measure }} as expected,
        expected.variance_{{ measure }} as variance,
        cast(happened.attrition_{{ measure }} as double) as actual,
        cast(last_ones.attrition_{{ measure }} as double) as last_value,
        cast(year_ago.attrition_{{ measure }} as double) as year_ago_value
    from expected
    left join possible as happened
        on
            expected.segment = happened.segment
            and expected.segment_value = happened.segment_value
            and expected.bucket + expected.buckets_ahead - 1 = happened.bucket
    left join possible as last_ones
        on
            expected.segment = last_ones.segment
            and expected.segment_value = last_ones.segment_value
            and expected.bucket - 1 = last_ones.bucket
    left join possible as year_ago
        on
            expected.segment = year_ago.segment
            and expected.segment_value = year_ago.segment_value
            and expected.bucket + expected.buckets_ahead - {{ year + 1 }} = year_ago.bucket
            -- known at the origin
            and expected.buckets_ahead <= {{ year }}
    {{- "\n    union all" if not loop.last }}
    {%- endfor %}

),

-- the buckets up to one together; only where none of them is missing
cumulative as (

    select
        'cumulative_count' as measure,
        segment,
        segment_value,
        bucket,
        buckets_ahead,
        target_bucket,
        {%- for part in ['most', 'expected', 'variance', 'actual', 'last_value', 'year_ago_value'] %}
        case
            when count({{ part }}){{ so_far }} = buckets_ahead
                then cast({{ attrition.exact_sum(part) }}{{ so_far }} as double)
        end as {{ part }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from of_buckets
    where measure = 'count'

),

final as (

    select * from of_buckets
    union all
    select * from cumulative
    where expected is not null

)

select * from final
