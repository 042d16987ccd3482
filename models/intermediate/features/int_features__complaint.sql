{%- set window = attrition.buckets_in_months(18) -%}
{%- set suffix = attrition.window_suffix(window) -%}

with buckets as (

    select * from {{ ref('int_population__buckets') }}
    where as_of_date > {{ attrition.first_read(window) }}

),

spine as (

    select * from {{ ref('int_population__spine') }}
    where as_of_date > {{ attrition.kept_until() }}

),

complaints as (

    select * from {{ ref('stg_complaint__records') }}
    where broken_rule is null

),

opened as (

    select
        customer_id,
        {{ attrition.bucket_of('opened_on') }} as bucket,
        case when is_harm then 0 else 1 end as regular_count,
        case when is_harm then 1 else 0 end as harm_count,
        1 as open_count,
        opened_on
    from complaints

),

-- A closing counts from the bucket after it became known, not from the opening.
closed as (

    select
        customer_id,
        {{ attrition.bucket_of('closed_on') }} as bucket,
        0 as regular_count,
        0 as harm_count,
        -1 as open_count,
        cast(null as date) as opened_on
    from complaints
    where closed_on is not null

),

events as (

    select * from opened
    union all
    select * from closed

),

bucketed as (

    select
        customer_id,
        bucket,
        sum(regular_count) as regular_count,
        sum(harm_count) as harm_count,
        sum(open_count) as open_count,
        max(opened_on) as last_opened_on
    from events
    group by customer_id, bucket

),

totals as (

    select
        customer_id,
        bucket,
        {{ attrition.next_event_bucket() }} as next_bucket,
        {{ attrition.running_count('regular_count') }} as regular_count,
        {{ attrition.running_count('regular_count * bucket') }} as regular_weight,
        {{ attrition.running_count('harm_count') }} as harm_count,
        {{ attrition.running_count('harm_count * bucket') }} as harm_weight,
        {{ attrition.running_count('open_count') }} as open_count,
        {{ attrition.running('max', 'last_opened_on') }} as last_opened_on
    from bucketed

),

states as (

    {{ attrition.as_of_each_bucket('totals', 'buckets') }}

),

windowed as (

    select
        customer_id,
        bucket,
        open_count,
        last_opened_on,
        {{ attrition.recency_score('regular_count', 'regular_weight', window) }}
            as regular_score,
        {{ attrition.recency_score('harm_count', 'harm_weight', window) }} as harm_score
    from states

),

final as (

    select
        spine.customer_id,
        spine.as_of_date,
        {{ attrition.as_feature('coalesce(windowed.regular_score, 0)') }}
            as regular_complaint_score_{{ suffix }},
        {{ attrition.as_feature('coalesce(windowed.harm_score, 0)') }}
            as harm_complaint_score_{{ suffix }},
        {{ attrition.as_feature('coalesce(windowed.open_count, 0)') }}
            as open_complaint_count,
        {{ attrition.as_feature(
            dbt.datediff('windowed.last_opened_on', 'spine.as_of_date', 'day')
        ) }} as days_since_last_complaint
    from spine
    -- who never complained has no state
    left join windowed
        on
            spine.customer_id = windowed.customer_id
            and spine.bucket = windowed.bucket

)

select * from final
