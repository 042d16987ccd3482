{%- set bounds = ['lower_80', 'upper_80', 'lower_95', 'upper_95'] -%}
{%- set join_on = ['segment', 'segment_value', 'bucket', 'buckets_ahead'] -%}

with outcomes as (

    select * from {{ ref('int_forecast__outcomes') }}

),

intervals as (

    select * from {{ ref('int_forecast__intervals') }}

),

judged as (

    select
        outcomes.*,
        {%- for bound in bounds %}
        intervals.{{ bound }},
        {%- endfor %}
        {%- for level in ['80', '95'] %}
        -- as amounts are, since a bound may be the very value but for a bit
        cast(outcomes.actual as decimal(38, 4))
            between cast(intervals.lower_{{ level }} as decimal(38, 4))
            and cast(intervals.upper_{{ level }} as decimal(38, 4))
            as is_within_{{ level }},
        {%- endfor %}
        max(case when outcomes.measure = 'worth' then outcomes.most end) over () > 0 as has_worth
    from outcomes
    left join intervals
        on
            outcomes.measure = intervals.measure
            and outcomes.segment = intervals.segment
            and outcomes.segment_value = intervals.segment_value
            and outcomes.bucket = intervals.bucket
            and outcomes.buckets_ahead = intervals.buckets_ahead
    where outcomes.actual is not null

),

final as (

    select
        {{ attrition.bucket_start('counts.bucket') }} as as_of_date,
        counts.segment,
        counts.segment_value,
        counts.buckets_ahead,
        {{ attrition.bucket_start('counts.target_bucket') }} as bucket_starts_on,
        counts.expected as expected_attrition_count,
        {%- for bound in bounds %}
        counts.{{ bound }} as attrition_count_{{ bound }},
        {%- endfor %}
        cast(counts.actual as bigint) as attrition_count,
        counts.is_within_80,
        counts.is_within_95,
        cast(counts.last_value as bigint) as last_attrition_count,
        cast(counts.year_ago_value as bigint) as year_ago_attrition_count,
        cumulative.expected as expected_cumulative_attrition_count,
        {%- for bound in bounds %}
        cumulative.{{ bound }} as cumulative_attrition_count_{{ bound }},
        {%- endfor %}
        cast(cumulative.actual as bigint) as cumulative_attrition_count,
        cumulative.is_within_80 as is_cumulative_within_80,
        cumulative.is_within_95 as is_cumulative_within_95,
        case when counts.has_worth then worths.expected end as expected_value_lost,
        {%- for bound in bounds %}
        case when counts.has_worth then worths.{{ bound }} end as value_lost_{{ bound }},
        {%- endfor %}
        case when counts.has_worth then worths.actual end as value_lost,
        case when counts.has_worth then worths.is_within_80 end as is_value_within_80,
        case when counts.has_worth then worths.is_within_95 end as is_value_within_95
    from judged as counts
    inner join judged as worths
        on
            worths.measure = 'worth'
            {%- for column in join_on %}
            and counts.{{ column }} = worths.{{ column }}
            {%- endfor %}
    -- not there where a bucket before this one is not known
    left join judged as cumulative
        on
            cumulative.measure = 'cumulative_count'
            {%- for column in join_on %}
            and counts.{{ column }} = cumulative.{{ column }}
            {%- endfor %}
    where counts.measure = 'count'

)

select * from final
