{%- set window = attrition.buckets_in_months(12) -%}

with grid as (

    select * from {{ ref('int_population__grid') }}

),

spine as (

    select * from {{ ref('int_population__spine') }}

),

touchpoints as (

    select * from {{ ref('stg_touchpoint__records') }}
    where broken_rule is null

),

bucketed as (

    select
        customer_id,
        {{ attrition.bucket_of('occurred_on') }} as bucket,
        sum(case when has_note then 1 else 0 end) as note_count,
        sum(case when direction = 'inbound' then 1 else 0 end) as inbound_count,
        sum(case when direction = 'outbound' then 1 else 0 end) as outbound_count
    from touchpoints
    group by all

),

dense as (

    select
        grid.customer_id,
        grid.bucket,
        coalesce(bucketed.note_count, 0) as note_count,
        coalesce(bucketed.inbound_count, 0) as inbound_count,
        coalesce(bucketed.outbound_count, 0) as outbound_count
    from grid
    left join bucketed
        on grid.customer_id = bucketed.customer_id and grid.bucket = bucketed.bucket

),

windowed as (

    select
        customer_id,
        bucket,
        {{ attrition.recency_score('note_count', window) }} as note_score,
        {%- for lookback in attrition.setting('lookback_windows') %}
        {{ attrition.bucket_sum('inbound_count', lookback) }}
            as inbound_contact_count_{{ lookback }},
        {{ attrition.bucket_sum('outbound_count', lookback) }}
            as outbound_contact_count_{{ lookback }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from dense

),

final as (

    select
        spine.customer_id,
        spine.as_of_date,
        {{ attrition.as_feature('windowed.note_score') }}
            as note_score_{{ attrition.window_suffix(window) }},
        {%- for lookback in attrition.setting('lookback_windows') %}
        {%- set suffix = attrition.window_suffix(lookback) %}
        {{ attrition.as_feature('windowed.inbound_contact_count_' ~ lookback) }}
            as inbound_contact_count_{{ suffix }},
        {{ attrition.as_feature('windowed.outbound_contact_count_' ~ lookback) }}
            as outbound_contact_count_{{ suffix }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from spine
    inner join windowed
        on
            spine.customer_id = windowed.customer_id
            and spine.bucket = windowed.bucket

)

select * from final
