{%- set year = attrition.buckets_in_months(12) -%}
{%- set half_year = attrition.buckets_in_months(6) -%}
{%- set quarter = attrition.buckets_in_months(3) -%}
{%- set other_types = ['sensor', 'device', 'accessory'] -%}
{%- set is_consumable = "product_type = 'consumable' and not is_return and quantity > 0" -%}
{%- set supply_days = 'consumable_quantity * ' ~ attrition.setting('supply_days_per_unit') -%}

with buckets as (

    select * from {{ ref('int_population__buckets') }}

),

spine as (

    select * from {{ ref('int_population__spine') }}

),

sales as (

    select * from {{ ref('int_records__sales') }}

),

-- An order is a day on which something was bought; the target's product types decide
-- whose orders give recency and gaps.
days as (

    select
        customer_id,
        sold_on,
        {{ dbt.datediff("date '1900-01-01'", 'sold_on', 'day') }} as day_number,
        max(case when is_target_purchase then sold_on end) as ordered_on,
        max(case when {{ is_consumable }} then sold_on end) as consumable_ordered_on,
        cast(
            sum(case when {{ is_consumable }} then quantity else 0 end) as decimal(38, 4)
        ) as consumable_quantity,
        cast(sum(case when {{ is_consumable }} then amount else 0 end) as decimal(38, 4))
            as consumable_amount,
        sum(case when {{ is_consumable }} then 1 else 0 end) as line_count,
        count(distinct case when {{ is_consumable }} then product_id end)
            as product_count,
        sum(case when is_return then 1 else 0 end) as return_count,
        {%- for product_type in other_types %}
        max(case
            when product_type = '{{ product_type }}' and not is_return and quantity > 0
                then 1
            else 0
        end) as {{ product_type }}_order_count
        {{- "," if not loop.last }}
        {%- endfor %}
    from sales
    group by customer_id, sold_on

),

-- Days of an order follow on the last such day before them.
gaps as (

    select
        *,
        case
            when ordered_on is not null then {{ dbt.datediff(
                'max(ordered_on) over (
                    partition by customer_id
                    order by sold_on
                    rows between unbounded preceding and 1 preceding
                )',
                'sold_on',
                'day'
            ) }}
        end as gap_days,
        sum({{ supply_days }}) over (
            partition by customer_id
            order by sold_on
            rows between unbounded preceding and current row
        ) as supply_days_bought
    from days

),

-- Stock cannot fall below zero while a customer waits for the next order: it runs out
-- at the supply bought since any earlier order, counted from that order, whichever of
-- these days comes last.
stock_ends as (

    select
        *,
        case
            when consumable_ordered_on is not null
                then
                    supply_days_bought + max(case
                        when consumable_ordered_on is not null
                            then day_number - supply_days_bought + {{ supply_days }}
                    end) over (
                        partition by customer_id
                        order by sold_on
                        rows between unbounded preceding and current row
                    )
        end as stock_end_day_number
    from gaps

),

bucketed as (

    select
        customer_id,
        {{ attrition.bucket_of('sold_on') }} as bucket,
        min(ordered_on) as first_order_on,
        max(ordered_on) as last_order_on,
        count(ordered_on) as order_count,
        count(gap_days) as gap_count,
        coalesce(sum(gap_days), 0) as gap_days,
        coalesce(sum(gap_days * gap_days), 0) as squared_gap_days,
        max(gap_days) as longest_gap_days,
        -- a bucket's last order has a gap unless it is the first of all
        max_by(gap_days, ordered_on) as last_gap_days,
        count(consumable_ordered_on) as consumable_order_count,
        cast(sum(consumable_quantity) as decimal(38, 4)) as consumable_quantity,
        cast(sum(consumable_amount) as decimal(38, 4)) as consumable_amount,
        max(stock_end_day_number) as stock_end_day_number,
        sum(line_count) as line_count,
        sum(product_count) as product_count,
        sum(case when product_count > 0 then 1 else 0 end) as product_order_count,
        max_by(consumable_quantity, consumable_ordered_on) as last_quantity,
        max_by(consumable_amount, consumable_ordered_on) as last_amount,
        max_by(line_count, consumable_ordered_on) as last_line_count,
        max_by(product_count, consumable_ordered_on) as last_product_count,
        sum(return_count) as return_count,
        {%- for product_type in other_types %}
        sum({{ product_type }}_order_count) as {{ product_type }}_order_count
        {{- "," if not loop.last }}
        {%- endfor %}
    from stock_ends
    group by all

),

running as (

    select
        customer_id,
        bucket,
        {{ attrition.next_event_bucket() }} as next_bucket,
        {{ attrition.running('min', 'first_order_on') }} as first_order_on,
        {{ attrition.running('max', 'last_order_on') }} as last_order_on,
        {{ attrition.running('max', 'case when order_count > 0 then bucket end') }}
            as last_order_bucket,
        {{ attrition.running_count('order_count') }} as order_count,
        {{ attrition.running_count('gap_count') }} as gap_count,
        {{ attrition.running_count('gap_days') }} as gap_days,
        {{ attrition.running_count('squared_gap_days') }} as squared_gap_days,
        {{ attrition.running('max', 'longest_gap_days') }} as longest_gap_days,
        {{ attrition.running(
            'max', 'case when consumable_order_count > 0 then bucket end'
        ) }} as last_consumable_bucket,
        {{ attrition.running_count('consumable_order_count') }}
            as consumable_order_count,
        {{ attrition.running_amount('consumable_quantity') }} as consumable_quantity,
        {{ attrition.running_amount('consumable_amount') }} as consumable_amount,
        {{ attrition.running('max', 'stock_end_day_number') }} as stock_end_day_number,
        {{ attrition.running_count('line_count') }} as line_count,
        {{ attrition.running_count('product_count') }} as product_count,
        {{ attrition.running_count('product_order_count') }} as product_order_count,
        {{ attrition.running_count('return_count') }} as return_count,
        {{ attrition.running_count('return_count * bucket') }} as return_weight,
        {%- for product_type in other_types %}
        {{ attrition.running_count(product_type ~ '_order_count') }}
            as {{ product_type }}_order_count
        {{- "," if not loop.last }}
        {%- endfor %}
    from bucketed

),

-- What the events alone say is worked out here, where rows are few.
totals as (

    select
        running.customer_id,
        running.bucket,
        running.next_bucket,
        running.first_order_on,
        running.last_order_on,
        running.order_count,
        running.longest_gap_days,
        running.consumable_order_count,
        running.consumable_amount,
        running.stock_end_day_number,
        running.return_count,
        running.return_weight,
        {%- for product_type in other_types %}
        running.{{ product_type }}_order_count,
        {%- endfor %}
        last_orders.last_gap_days,
        running.gap_days / nullif(cast(running.gap_count as double), 0) as mean_gap_days,
        -- sample variance from integer moments, so that no sum of floats is needed
        {{ attrition.as_feature(
            'sqrt((running.gap_count * running.squared_gap_days'
            ~ ' - running.gap_days * running.gap_days)'
            ~ ' / nullif(cast(running.gap_count * (running.gap_count - 1) as double), 0))'
        ) }} as order_gap_days_std,
        {{ attrition.as_feature(
            dbt.datediff('running.first_order_on', 'running.last_order_on', 'month')
        ) }} as active_months_at_last_order,
        {{ attrition.as_feature(
            'running.consumable_quantity'
            ~ ' / nullif(cast(running.consumable_order_count as double), 0)'
        ) }} as consumable_quantity_per_order,
        {{ attrition.as_feature(
            'running.consumable_amount'
            ~ ' / nullif(cast(running.consumable_order_count as double), 0)'
        ) }} as consumable_amount_per_order,
        {{ attrition.as_feature(
            'running.line_count'
            ~ ' / nullif(cast(running.consumable_order_count as double), 0)'
        ) }} as consumable_lines_per_order,
        {{ attrition.as_feature(
            'running.product_count'
            ~ ' / nullif(cast(running.product_order_count as double), 0)'
        ) }} as consumable_products_per_order,
        {{ attrition.as_feature('last_consumables.last_quantity') }}
            as consumable_quantity_last_order,
        {{ attrition.as_feature('last_consumables.last_amount') }}
            as consumable_amount_last_order,
        {{ attrition.as_feature('last_consumables.last_line_count') }}
            as consumable_lines_last_order,
        {{ attrition.as_feature('nullif(last_consumables.last_product_count, 0)') }}
            as consumable_products_last_order,
        -- the last order over the mean order; no product known is not no product
        {{ attrition.as_feature(
            'last_consumables.last_quantity * running.consumable_order_count'
            ~ ' / nullif(cast(running.consumable_quantity as double), 0)'
        ) }} as consumable_quantity_ratio,
        {{ attrition.as_feature(
            'last_consumables.last_amount * running.consumable_order_count'
            ~ ' / nullif(cast(running.consumable_amount as double), 0)'
        ) }} as consumable_amount_ratio,
        {{ attrition.as_feature(
            'last_consumables.last_line_count * running.consumable_order_count'
            ~ ' / nullif(cast(running.line_count as double), 0)'
        ) }} as consumable_lines_ratio,
        {{ attrition.as_feature(
            'nullif(last_consumables.last_product_count, 0) * running.product_order_count'
            ~ ' / nullif(cast(running.product_count as double), 0)'
        ) }} as consumable_products_ratio
    from running
    left join bucketed as last_orders
        on
            running.customer_id = last_orders.customer_id
            and running.last_order_bucket = last_orders.bucket
    left join bucketed as last_consumables
        on
            running.customer_id = last_consumables.customer_id
            and running.last_consumable_bucket = last_consumables.bucket

),

states as (

    {{ attrition.as_of_each_bucket('totals', 'buckets') }}

),

windowed as (

    select
        *,
        {{ dbt.datediff('last_order_on', 'as_of_date', 'day') }}
            as days_since_last_order,
        {{ dbt.datediff('first_order_on', 'as_of_date', 'day') }} as tenure_days,
        {{ dbt.datediff("date '1900-01-01'", 'as_of_date', 'day') }} as as_of_day_number,
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

final as (

    select
        spine.customer_id,
        spine.as_of_date,
        {{ attrition.as_feature(
            dbt.datediff('windowed.first_order_on', 'windowed.as_of_date', 'month')
        ) }} as active_months,
        windowed.active_months_at_last_order,
        {{ attrition.as_feature('windowed.return_score') }}
            as return_score_{{ attrition.window_suffix(half_year) }},
        {{ attrition.as_feature('windowed.stock_end_day_number - windowed.as_of_day_number') }}
            as consumable_residual_days,
        {{ attrition.as_feature('windowed.days_since_last_order') }}
            as days_since_last_order,
        {{ attrition.as_feature('windowed.order_count') }} as order_count,
        {{ attrition.as_feature('windowed.mean_gap_days') }} as order_gap_days_mean,
        windowed.order_gap_days_std,
        {{ attrition.as_feature('windowed.last_gap_days') }} as order_gap_days_last,
        {{ attrition.as_feature('windowed.longest_gap_days') }} as order_gap_days_max,
        {{ attrition.as_feature(
            'windowed.days_since_last_order / nullif(windowed.mean_gap_days, 0)'
        ) }} as overdue_ratio,
        {{ attrition.as_feature(
            'windowed.days_since_last_order / cast(windowed.last_gap_days as double)'
        ) }} as recency_over_last_gap,
        {{ attrition.as_feature(
            'windowed.days_since_last_order / cast(windowed.longest_gap_days as double)'
        ) }} as recency_over_longest_gap,
        {{ attrition.as_feature(
            'windowed.days_since_last_order / cast(windowed.tenure_days as double)'
        ) }} as recency_over_tenure,
        {{ attrition.as_feature(
            '2 * windowed.order_count_quarter - windowed.order_count_half_year'
        ) }} as order_trend_{{ attrition.window_suffix(half_year) }},
        windowed.consumable_quantity_per_order,
        windowed.consumable_amount_per_order,
        windowed.consumable_lines_per_order,
        windowed.consumable_products_per_order,
        windowed.consumable_quantity_last_order,
        windowed.consumable_amount_last_order,
        windowed.consumable_lines_last_order,
        windowed.consumable_products_last_order,
        windowed.consumable_quantity_ratio,
        windowed.consumable_amount_ratio,
        windowed.consumable_lines_ratio,
        windowed.consumable_products_ratio,
        {%- for product_type in other_types %}
        {{ attrition.as_feature('windowed.' ~ product_type ~ '_order_count_year') }}
            as {{ product_type }}_order_count_{{ attrition.window_suffix(year) }},
        {%- endfor %}
        {%- for window in attrition.setting('lookback_windows') %}
        {%- set suffix = attrition.window_suffix(window) %}
        {{ attrition.as_feature('windowed.consumable_order_count_' ~ window) }}
            as consumable_order_count_{{ suffix }},
        {{ attrition.as_feature('windowed.consumable_amount_' ~ window) }}
            as consumable_amount_{{ suffix }},
        {{ attrition.as_feature('windowed.consumable_order_count_last_year_' ~ window) }}
            as consumable_order_count_last_year_{{ suffix }},
        {{ attrition.as_feature('windowed.consumable_amount_last_year_' ~ window) }}
            as consumable_amount_last_year_{{ suffix }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from spine
    inner join windowed
        on
            spine.customer_id = windowed.customer_id
            and spine.bucket = windowed.bucket

)

select * from final
