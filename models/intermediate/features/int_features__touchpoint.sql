{%- set window = attrition.buckets_in_months(12) -%}
{%- set longest_window = [window, attrition.setting('lookback_windows') | max] | max -%}

with buckets as (

    select * from {{ ref('int_population__buckets') }}
    where as_of_date > {{ attrition.first_read(longest_window) }}

),

spine as (

    select * from {{ ref('int_population__spine') }}
    where as_of_date > {{ attrition.kept_until() }}

),

touchpoints as (

    select * from {{ ref('stg_touchpoint__records') }}
    where
        broken_rule is null
        and occurred_on >= {{ attrition.first_read(longest_window) }}

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

totals as (

    select
        customer_id,
        bucket,
        {{ attrition.next_event_bucket() }} as next_bucket,
        {{ attrition.running_count('note_count') }} as note_count,
        {{ attrition.running_count('note_count * bucket') }} as note_weight,
        {{ attrition.running_count('inbound_count') }} as inbound_count,
        {{ attrition.running_count('outbound_count') }} as outbound_count
    from bucketed

),

states as (

    {{ attrition.as_of_each_bucket('totals', 'buckets') }}

),

windowed as (

    select
        customer_id,
        bucket,
        {{ attrition.recency_score('note_count', 'note_weight', window) }} as note_score,
        {%- for lookback in attrition.setting('lookback_windows') %}
        {{ attrition.bucket_sum('inbound_count', lookback) }}
            as inbound_contact_count_{{ lookback }},
        {{ attrition.bucket_sum('outbound_count', lookback) }}
            as outbound_contact_count_{{ lookback }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from states

),

final as (

    select
        spine.customer_id,
        spine.as_of_date,
        {{ attrition.as_feature('coalesce(windowed.note_score, 0)') }}
            as note_score_{{ attrition.window_suffix(window) }},
        {%- for lookback in attrition.setting('lookback_windows') %}
        {%- set suffix = attrition.window_suffix(lookback) %}
        {{ attrition.as_feature(
            'coalesce(windowed.inbound_contact_count_' ~ lookback ~ ', 0)'
        ) }} as inbound_contact_count_{{ suffix }},
        {{ attrition.as_feature(
            'coalesce(windowed.outbound_contact_count_' ~ lookback ~ ', 0)'
        ) }} as outbound_contact_count_{{ suffix }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from spine
    -- who was never in touch has no state
    left join windowed
        on
            spine.customer_id = windowed.customer_id
            and spine.bucket = windowed.bucket

)

select * from final
