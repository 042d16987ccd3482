{%- set window = attrition.buckets_in_months(18) -%}
{%- set suffix = attrition.window_suffix(window) -%}

with grid as (

    select * from {{ ref('int_population__grid') }}

),

spine as (

    select * from {{ ref('int_population__spine') }}

),

complaints as (

    select * from {{ ref('stg_complaint__records') }}
    where broken_rule is null

),

opened as (

    select
        customer_id,
        {{ attrition.bucket_of('opened_on') }} as bucket,
        sum(case when is_harm then 0 else 1 end) as regular_count,
        sum(case when is_harm then 1 else 0 end) as harm_count,
        max(opened_on) as last_opened_on
    from complaints
    group by all

),

-- A closing counts from the bucket after it became known, not from the opening.
closed as (

    select
        customer_id,
        {{ attrition.bucket_of('closed_on') }} as bucket,
        count(*) as closed_count
    from complaints
    where closed_on is not null
    group by all

),

dense as (

    select
        grid.customer_id,
        grid.bucket,
        grid.as_of_date,
        coalesce(opened.regular_count, 0) as regular_count,
        coalesce(opened.harm_count, 0) as harm_count,
        coalesce(opened.regular_count + opened.harm_count, 0) as opened_count,
        coalesce(closed.closed_count, 0) as closed_count,
        opened.last_opened_on
    from grid
    left join opened
        on grid.customer_id = opened.customer_id and grid.bucket = opened.bucket
    left join closed
        on grid.customer_id = closed.customer_id and grid.bucket = closed.bucket

),

windowed as (

    select
        customer_id,
        bucket,
        as_of_date,
        {{ attrition.recency_score('regular_count', window) }}
            as regular_complaint_score,
        {{ attrition.recency_score('harm_count', window) }} as harm_complaint_score,
        coalesce({{ attrition.bucket_before('sum', 'opened_count - closed_count') }}, 0)
            as open_complaint_count,
        {{ attrition.bucket_before('max', 'last_opened_on') }} as last_opened_on
    from dense

),

final as (

    select
        spine.customer_id,
        spine.as_of_date,
        {{ attrition.as_feature('windowed.regular_complaint_score') }}
            as regular_complaint_score_{{ suffix }},
        {{ attrition.as_feature('windowed.harm_complaint_score') }}
            as harm_complaint_score_{{ suffix }},
        {{ attrition.as_feature('windowed.open_complaint_count') }}
            as open_complaint_count,
        {{ attrition.as_feature(
            dbt.datediff('windowed.last_opened_on', 'windowed.as_of_date', 'day')
        ) }} as days_since_last_complaint
    from spine
    inner join windowed
        on
            spine.customer_id = windowed.customer_id
            and spine.bucket = windowed.bucket

)

select * from final
