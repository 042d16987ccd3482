{%- set year = attrition.buckets_in_months(12) -%}
{%- set half_year = attrition.buckets_in_months(6) -%}
{%- set quarter = attrition.buckets_in_months(3) -%}
{%- set other_types = ['sensor', 'device', 'accessory'] -%}

with buckets as (

    select * from {{ ref('int_population__buckets') }}
    where as_of_date > {{ attrition.first_read(year + attrition.setting('lookback_windows') | max) }}

),

spine as (

    select * from {{ ref('int_population__spine') }}
    where as_of_date > {{ attrition.kept_until() }}

),

events as (

    select * from {{ ref('int_events__sales') }}

),

-- Windows need a row per bucket, and so are made of as few columns as there are.
totals as (

    select
        customer_id,
        bucket,
        bucket as event_bucket,
        {{ attrition.next_event_bucket() }} as next_bucket,
        order_count,
        consumable_order_count,
        consumable_amount,
        return_count,
        return_weight,
        {%- for product_type in other_types %}
        {{ product_type }}_order_count
        {{- "," if not loop.last }}
        {%- endfor %}
    from events

),

states as (

    {{ attrition.as_of_each_bucket('totals', 'buckets') }}

),

windowed as (

    select
        customer_id,
        bucket,
        event_bucket,
        {{ attrition.recency_score('return_count', 'return_weight', half_year) }}
            as return_score,
        {{ attrition.bucket_sum('order_count', quarter) }} as order_count_quarter,
        {{ attrition.bucket_sum('order_count', half_year) }} as order_count_half_year,
        {%- for product_type in other_types %}
        {{ attrition.bucket_sum(product_type ~ '_order_count', year) }}
            as {{ product_type }}_order_count_year,
        {%- endfor %}
        {%- for window in attrition.setting('lookback_windows') %}
        {{ attrition.bucket_sum('consumable_order_count', window) }}
            as consumable_order_count_{{ window }},
        {{ attrition.bucket_sum('consumable_amount', window) }}
            as consumable_amount_{{ window }},
        {{ attrition.bucket_sum('consumable_order_count', window, skip=year) }}
            as consumable_order_count_last_year_{{ window }},
        {{ attrition.bucket_sum('consumable_amount', window, skip=year) }}
            as consumable_amount_last_year_{{ window }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from states

),

dated as (

    select
        windowed.* exclude (bucket, event_bucket),
        spine.as_of_date,
        events.* exclude (
            customer_id,
            bucket,
            known_from,
            consumable_order_count,
            consumable_amount,
            return_count,
            return_weight
        ),
        {{ dbt.datediff('events.last_order_on', 'spine.as_of_date', 'day') }}
            as days_since_last_order,
        {{ dbt.datediff('events.first_order_on', 'spine.as_of_date', 'day') }}
            as tenure_days,
        {{ dbt.datediff('events.first_order_on', 'spine.as_of_date', 'month') }}
            as active_months,
        events.stock_end_day_number
        - {{ dbt.datediff("date '1900-01-01'", 'spine.as_of_date', 'day') }}
            as consumable_residual_days
    from spine
    inner join windowed
        on
            spine.customer_id = windowed.customer_id
            and spine.bucket = windowed.bucket
    inner join events
        on
            windowed.customer_id = events.customer_id
            and windowed.event_bucket = events.bucket

),

final as (

    select
        customer_id,
        as_of_date,
        {{ attrition.as_feature('active_months') }} as active_months,
        active_months_at_last_order,
        {{ attrition.as_feature('return_score') }}
            as return_score_{{ attrition.window_suffix(half_year) }},
        {{ attrition.as_feature('consumable_residual_days') }} as consumable_residual_days,
        {{ attrition.as_feature('days_since_last_order') }}
            as days_since_last_order,
        {{ attrition.as_feature('order_count') }} as order_count,
        {{ attrition.as_feature('mean_gap_days') }} as order_gap_days_mean,
        order_gap_days_std,
        {{ attrition.as_feature('last_gap_days') }} as order_gap_days_last,
        {{ attrition.as_feature('longest_gap_days') }} as order_gap_days_max,
        {{ attrition.as_feature(
            'days_since_last_order / nullif(mean_gap_days, 0)'
        ) }} as overdue_ratio,
        {{ attrition.as_feature(
            'days_since_last_order / cast(last_gap_days as double)'
        ) }} as recency_over_last_gap,
        {{ attrition.as_feature(
            'days_since_last_order / cast(longest_gap_days as double)'
        ) }} as recency_over_longest_gap,
        {{ attrition.as_feature(
            'days_since_last_order / cast(tenure_days as double)'
        ) }} as recency_over_tenure,
        {{ attrition.as_feature(
            '2 * order_count_quarter - order_count_half_year'
        ) }} as order_trend_{{ attrition.window_suffix(half_year) }},
        consumable_quantity_per_order,
        consumable_amount_per_order,
        consumable_lines_per_order,
        consumable_products_per_order,
        consumable_quantity_last_order,
        consumable_amount_last_order,
        consumable_lines_last_order,
        consumable_products_last_order,
        consumable_quantity_ratio,
        consumable_amount_ratio,
        consumable_lines_ratio,
        consumable_products_ratio,
        {%- for product_type in other_types %}
        {{ attrition.as_feature(product_type ~ '_order_count_year') }}
            as {{ product_type }}_order_count_{{ attrition.window_suffix(year) }},
        {%- endfor %}
        {%- for window in attrition.setting('lookback_windows') %}
        {%- set suffix = attrition.window_suffix(window) %}
        {{ attrition.as_feature('consumable_order_count_' ~ window) }}
            as consumable_order_count_{{ suffix }},
        {{ attrition.as_feature('consumable_amount_' ~ window) }}
            as consumable_amount_{{ suffix }},
        {{ attrition.as_feature('consumable_order_count_last_year_' ~ window) }}
            as consumable_order_count_last_year_{{ suffix }},
        {{ attrition.as_feature('consumable_amount_last_year_' ~ window) }}
            as consumable_amount_last_year_{{ suffix }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from dated

)

select * from final
