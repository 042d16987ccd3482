{%- set year = attrition.buckets_in_months(12) -%}
{%- set half_year = attrition.buckets_in_months(6) -%}
{%- set quarter = attrition.buckets_in_months(3) -%}
{%- set year_ago = attrition.year_ago_buckets() -%}
{%- set other_types = ['sensor', 'device', 'accessory'] -%}

with grid as (

    select * from {{ ref('int_population__grid') }}

),

spine as (

    select * from {{ ref('int_population__spine') }}

),

sales as (

    select * from {{ ref('int_records__sales') }}

),

-- An order is a day on which something was bought; the target's product types decide
-- whose orders give recency and gaps.
target_orders as (

    select
        customer_id,
        sold_on,
        {{ dbt.datediff(
            'lag(sold_on) over (partition by customer_id order by sold_on)',
            'sold_on',
            'day'
        ) }} as gap_days
    from sales
    where is_target_purchase
    group by customer_id, sold_on

),

consumable_days as (

    select
        customer_id,
        sold_on,
        sum(quantity) as quantity,
        sum(amount) as amount,
        count(*) as line_count,
        count(distinct product_id) as product_count,
        {{ dbt.datediff("date '1900-01-01'", 'sold_on', 'day') }} as day_number
    from sales
    where product_type = 'consumable' and not is_return and quantity > 0
    group by customer_id, sold_on

),

supplies as (

    select
        *,
        sum(quantity * {{ attrition.setting('supply_days_per_unit') }}) over (
            partition by customer_id
            order by sold_on
            rows between unbounded preceding and current row
        ) as supply_days_bought
    from consumable_days

),

-- Stock cannot fall below zero while a customer waits for the next order: it runs out
-- at the supply bought since any earlier order, counted from that order, whichever of
-- these days comes last.
stock_ends as (

    select
        customer_id,
        sold_on,
        quantity,
        amount,
        line_count,
        product_count,
        supply_days_bought + max(
            day_number
            - supply_days_bought
            + quantity * {{ attrition.setting('supply_days_per_unit') }}
        ) over (
            partition by customer_id
            order by sold_on
            rows between unbounded preceding and current row
        ) as stock_end_day_number
    from supplies

),

bucketed_target_orders as (

    select
        customer_id,
        {{ attrition.bucket_of('sold_on') }} as bucket,
        min(sold_on) as first_order_on,
        max(sold_on) as last_order_on,
        count(*) as order_count,
        count(gap_days) as gap_count,
        sum(gap_days) as gap_days,
        sum(gap_days * gap_days) as squared_gap_days,
        max(gap_days) as longest_gap_days,
        -- a bucket's last order has a gap unless it is the first of all
        max_by(gap_days, sold_on) as last_gap_days
    from target_orders
    group by all

),

bucketed_consumables as (

    select
        customer_id,
        {{ attrition.bucket_of('sold_on') }} as bucket,
        count(*) as consumable_order_count,
        sum(quantity) as consumable_quantity,
        sum(amount) as consumable_amount,
        max(stock_end_day_number) as stock_end_day_number,
        sum(line_count) as line_count,
        sum(product_count) as product_count,
        sum(case when product_count > 0 then 1 else 0 end) as product_order_count,
        max_by(quantity, sold_on) as last_quantity,
        max_by(amount, sold_on) as last_amount,
        max_by(line_count, sold_on) as last_line_count,
        max_by(product_count, sold_on) as last_product_count
    from stock_ends
    group by all

),

bucketed_others as (

    select
        customer_id,
        {{ attrition.bucket_of('sold_on') }} as bucket,
        sum(case when is_return then 1 else 0 end) as return_count,
        {%- for product_type in other_types %}
        count(distinct case
            when product_type = '{{ product_type }}' and not is_return and quantity > 0
                then sold_on
        end) as {{ product_type }}_order_count
        {{- "," if not loop.last }}
        {%- endfor %}
    from sales
    group by all

),

dense as (

    select
        grid.customer_id,
        grid.bucket,
        grid.as_of_date,
        bucketed_target_orders.first_order_on,
        bucketed_target_orders.last_order_on,
        coalesce(bucketed_target_orders.order_count, 0) as order_count,
        coalesce(bucketed_target_orders.gap_count, 0) as gap_count,
        coalesce(bucketed_target_orders.gap_days, 0) as gap_days,
        coalesce(bucketed_target_orders.squared_gap_days, 0) as squared_gap_days,
        bucketed_target_orders.longest_gap_days,
        bucketed_consumables.bucket as consumable_bucket,
        coalesce(bucketed_consumables.line_count, 0) as line_count,
        coalesce(bucketed_consumables.product_count, 0) as product_count,
        coalesce(bucketed_consumables.product_order_count, 0) as product_order_count,
        coalesce(bucketed_consumables.consumable_order_count, 0)
            as consumable_order_count,
        coalesce(bucketed_consumables.consumable_quantity, 0) as consumable_quantity,
        coalesce(bucketed_consumables.consumable_amount, 0) as consumable_amount,
        bucketed_consumables.stock_end_day_number,
        coalesce(bucketed_others.return_count, 0) as return_count,
        {%- for product_type in other_types %}
        coalesce(bucketed_others.{{ product_type }}_order_count, 0)
            as {{ product_type }}_order_count
        {{- "," if not loop.last }}
        {%- endfor %}
    from grid
    left join bucketed_target_orders
        on
            grid.customer_id = bucketed_target_orders.customer_id
            and grid.bucket = bucketed_target_orders.bucket
    left join bucketed_consumables
        on
            grid.customer_id = bucketed_consumables.customer_id
            and grid.bucket = bucketed_consumables.bucket
    left join bucketed_others
        on
            grid.customer_id = bucketed_others.customer_id
            and grid.bucket = bucketed_others.bucket

),

windowed as (

    select
        customer_id,
        bucket,
        as_of_date,
        {{ dbt.datediff("date '1900-01-01'", 'as_of_date', 'day') }} as as_of_day_number,
        {{ attrition.bucket_before('min', 'first_order_on') }} as first_order_on,
        {{ attrition.bucket_before('max', 'last_order_on') }} as last_order_on,
        {{ attrition.bucket_before('sum', 'order_count') }} as order_count,
        {{ attrition.bucket_before('sum', 'gap_count') }} as gap_count,
        {{ attrition.bucket_before('sum', 'gap_days') }} as gap_days,
        {{ attrition.bucket_before('sum', 'squared_gap_days') }} as squared_gap_days,
        {{ attrition.bucket_before('max', 'longest_gap_days') }} as longest_gap_days,
        {{ attrition.bucket_before('max', 'consumable_bucket') }} as consumable_bucket,
        {{ attrition.bucket_before('sum', 'line_count') }} as line_count,
        {{ attrition.bucket_before('sum', 'product_count') }} as product_count,
        {{ attrition.bucket_before('sum', 'product_order_count') }}
            as product_order_count,
        {{ attrition.bucket_sum(
            'consumable_order_count', year_ago, skip=year - year_ago
        ) }} as consumable_order_count_year_ago,
        {{ attrition.bucket_before('max', 'stock_end_day_number') }}
            as stock_end_day_number,
        {{ attrition.bucket_before('sum', 'consumable_order_count') }}
            as consumable_order_count,
        {{ attrition.bucket_before('sum', 'consumable_quantity') }}
            as consumable_quantity,
        {{ attrition.bucket_before('sum', 'consumable_amount') }} as consumable_amount,
        {{ attrition.recency_score('return_count', half_year) }} as return_score,
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
    from dense

),

derived as (

    select
        *,
        {{ dbt.datediff('last_order_on', 'as_of_date', 'day') }}
            as days_since_last_order,
        {{ dbt.datediff('first_order_on', 'as_of_date', 'day') }} as tenure_days,
        gap_days / nullif(cast(gap_count as double), 0) as order_gap_days_mean,
        -- sample variance from integer moments, so that no sum of floats is needed
        (gap_count * squared_gap_days - gap_days * gap_days)
        / nullif(cast(gap_count * (gap_count - 1) as double), 0)
            as order_gap_days_variance,
        {{ attrition.bucket_of('last_order_on') }} as last_order_bucket
    from windowed

),

final as (

    select
        spine.customer_id,
        spine.as_of_date,
        {{ attrition.as_feature(
            dbt.datediff('derived.first_order_on', 'derived.as_of_date', 'month')
        ) }} as active_months,
        {{ attrition.as_feature(
            dbt.datediff('derived.first_order_on', 'derived.last_order_on', 'month')
        ) }} as active_months_at_last_order,
        {{ attrition.as_feature('derived.return_score') }}
            as return_score_{{ attrition.window_suffix(half_year) }},
        {{ attrition.as_feature('derived.stock_end_day_number - derived.as_of_day_number') }}
            as consumable_residual_days,
        {{ attrition.as_feature('derived.days_since_last_order') }}
            as days_since_last_order,
        {{ attrition.as_feature('derived.order_count') }} as order_count,
        {{ attrition.as_feature('derived.order_gap_days_mean') }}
            as order_gap_days_mean,
        {{ attrition.as_feature('sqrt(derived.order_gap_days_variance)') }}
            as order_gap_days_std,
        {{ attrition.as_feature('last_orders.last_gap_days') }} as order_gap_days_last,
        {{ attrition.as_feature('derived.longest_gap_days') }} as order_gap_days_max,
        {{ attrition.as_feature(
            'derived.days_since_last_order / nullif(derived.order_gap_days_mean, 0)'
        ) }} as overdue_ratio,
        {{ attrition.as_feature(
            'derived.days_since_last_order / cast(last_orders.last_gap_days as double)'
        ) }} as recency_over_last_gap,
        {{ attrition.as_feature(
            'derived.days_since_last_order / cast(derived.longest_gap_days as double)'
        ) }} as recency_over_longest_gap,
        {{ attrition.as_feature(
            'derived.days_since_last_order / cast(derived.tenure_days as double)'
        ) }} as recency_over_tenure,
        {{ attrition.as_feature(
            '2 * derived.order_count_quarter - derived.order_count_half_year'
        ) }} as order_trend_{{ attrition.window_suffix(half_year) }},
        {{ attrition.as_feature(
            'derived.consumable_quantity'
            ~ ' / nullif(cast(derived.consumable_order_count as double), 0)'
        ) }} as consumable_quantity_per_order,
        {{ attrition.as_feature(
            'derived.consumable_amount'
            ~ ' / nullif(cast(derived.consumable_order_count as double), 0)'
        ) }} as consumable_amount_per_order,
        {{ attrition.as_feature(
            'derived.line_count'
            ~ ' / nullif(cast(derived.consumable_order_count as double), 0)'
        ) }} as consumable_lines_per_order,
        {{ attrition.as_feature(
            'derived.product_count'
            ~ ' / nullif(cast(derived.product_order_count as double), 0)'
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
            'last_consumables.last_quantity * derived.consumable_order_count'
            ~ ' / nullif(cast(derived.consumable_quantity as double), 0)'
        ) }} as consumable_quantity_ratio,
        {{ attrition.as_feature(
            'last_consumables.last_amount * derived.consumable_order_count'
            ~ ' / nullif(cast(derived.consumable_amount as double), 0)'
        ) }} as consumable_amount_ratio,
        {{ attrition.as_feature(
            'last_consumables.last_line_count * derived.consumable_order_count'
            ~ ' / nullif(cast(derived.line_count as double), 0)'
        ) }} as consumable_lines_ratio,
        {{ attrition.as_feature(
            'nullif(last_consumables.last_product_count, 0) * derived.product_order_count'
            ~ ' / nullif(cast(derived.product_count as double), 0)'
        ) }} as consumable_products_ratio,
        -- who was not there yet when the window began was not seen not to buy
        {{ attrition.as_feature(
            'case when derived.first_order_on <= '
            ~ attrition.add_buckets('derived.as_of_date', -year)
            ~ ' then derived.consumable_order_count_year_ago end'
        ) }} as consumable_order_count_year_ago_{{ attrition.window_suffix(year_ago) }},
        {%- for product_type in other_types %}
        {{ attrition.as_feature('derived.' ~ product_type ~ '_order_count_year') }}
            as {{ product_type }}_order_count_{{ attrition.window_suffix(year) }},
        {%- endfor %}
        {%- for window in attrition.setting('lookback_windows') %}
        {%- set suffix = attrition.window_suffix(window) %}
        {{ attrition.as_feature('derived.consumable_order_count_' ~ window) }}
            as consumable_order_count_{{ suffix }},
        {{ attrition.as_feature('derived.consumable_amount_' ~ window) }}
            as consumable_amount_{{ suffix }},
        {{ attrition.as_feature('derived.consumable_order_count_last_year_' ~ window) }}
            as consumable_order_count_last_year_{{ suffix }},
        {{ attrition.as_feature('derived.consumable_amount_last_year_' ~ window) }}
            as consumable_amount_last_year_{{ suffix }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from spine
    inner join derived
        on
            spine.customer_id = derived.customer_id
            and spine.bucket = derived.bucket
    -- both lie before the snapshot's own bucket, as the windows that found them do
    left join bucketed_target_orders as last_orders
        on
            derived.customer_id = last_orders.customer_id
            and derived.last_order_bucket = last_orders.bucket
    left join bucketed_consumables as last_consumables
        on
            derived.customer_id = last_consumables.customer_id
            and derived.consumable_bucket = last_consumables.bucket

)

select * from final
