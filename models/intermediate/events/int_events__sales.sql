{%- set other_types = ['sensor', 'device', 'accessory'] -%}
{%- set last_measures =
    ['last_quantity', 'last_amount', 'last_line_count', 'last_product_count'] -%}
{%- set is_consumable = "product_type = 'consumable' and not is_return and quantity > 0" -%}
{%- set supply_days = 'consumable_quantity * ' ~ attrition.setting('supply_days_per_unit') -%}

with newest as (

    select as_of_date
    from {{ ref('int_population__buckets') }}
    where is_newest_snapshot

),

-- what no snapshot can see changes nothing here
sales as (

    select sales.*
    from {{ ref('int_records__sales') }} as sales
    inner join newest
        on sales.sold_on < newest.as_of_date

),

-- The rows of who bought nothing since then are there.
those_who_bought as (

    select distinct customer_id
    from {{ ref('int_records__sales') }}
    where sold_on >= {{ attrition.kept_until() }}

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
    where customer_id in (select customer_id from those_who_bought)
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
        {{ attrition.running('max', 'case when sensor_order_count > 0 then bucket end') }}
            as last_sensor_bucket,
        {{ attrition.running_count('consumable_order_count') }}
            as consumable_order_count,
        {{ attrition.running_amount('consumable_quantity') }} as consumable_quantity,
        {{ attrition.running_amount('consumable_amount') }} as consumable_amount,
        {{ attrition.running('max', 'stock_end_day_number') }} as stock_end_day_number,
        {{ attrition.running_count('line_count') }} as line_count,
        {{ attrition.running_count('product_count') }} as product_count,
        {{ attrition.running_count('product_order_count') }} as product_order_count,
        {{ attrition.running_last('last_gap_days', 'order_count > 0') }} as last_gap_days,
        {%- for measure in last_measures %}
        {{ attrition.running_last(measure, 'consumable_order_count > 0') }} as {{ measure }},
        {%- endfor %}
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
final as (

    select
        customer_id,
        bucket,
        {{ attrition.bucket_start('bucket + 1') }} as known_from,
        first_order_on,
        last_order_on,
        last_order_bucket,
        last_consumable_bucket,
        last_sensor_bucket,
        order_count,
        longest_gap_days,
        consumable_order_count,
        consumable_amount,
        stock_end_day_number,
        return_count,
        return_weight,
        {%- for product_type in other_types %}
        {{ product_type }}_order_count,
        {%- endfor %}
        last_gap_days,
        gap_days / nullif(cast(gap_count as double), 0) as mean_gap_days,
        -- sample variance from integer moments, so that no sum of floats is needed
        {{ attrition.as_feature(
            'sqrt((gap_count * squared_gap_days'
            ~ ' - gap_days * gap_days)'
            ~ ' / nullif(cast(gap_count * (gap_count - 1) as double), 0))'
        ) }} as order_gap_days_std,
        {{ attrition.as_feature(
            dbt.datediff('first_order_on', 'last_order_on', 'month')
        ) }} as active_months_at_last_order,
        {{ attrition.as_feature(
            'consumable_quantity'
            ~ ' / nullif(cast(consumable_order_count as double), 0)'
        ) }} as consumable_quantity_per_order,
        {{ attrition.as_feature(
            'consumable_amount'
            ~ ' / nullif(cast(consumable_order_count as double), 0)'
        ) }} as consumable_amount_per_order,
        {{ attrition.as_feature(
            'line_count'
            ~ ' / nullif(cast(consumable_order_count as double), 0)'
        ) }} as consumable_lines_per_order,
        {{ attrition.as_feature(
            'product_count'
            ~ ' / nullif(cast(product_order_count as double), 0)'
        ) }} as consumable_products_per_order,
        {{ attrition.as_feature('last_quantity') }}
            as consumable_quantity_last_order,
        {{ attrition.as_feature('last_amount') }}
            as consumable_amount_last_order,
        {{ attrition.as_feature('last_line_count') }}
            as consumable_lines_last_order,
        {{ attrition.as_feature('nullif(last_product_count, 0)') }}
            as consumable_products_last_order,
        -- the last order over the mean order; no product known is not no product
        {{ attrition.as_feature(
            'last_quantity * consumable_order_count'
            ~ ' / nullif(cast(consumable_quantity as double), 0)'
        ) }} as consumable_quantity_ratio,
        {{ attrition.as_feature(
            'last_amount * consumable_order_count'
            ~ ' / nullif(cast(consumable_amount as double), 0)'
        ) }} as consumable_amount_ratio,
        {{ attrition.as_feature(
            'last_line_count * consumable_order_count'
            ~ ' / nullif(cast(line_count as double), 0)'
        ) }} as consumable_lines_ratio,
        {{ attrition.as_feature(
            'nullif(last_product_count, 0) * product_order_count'
            ~ ' / nullif(cast(product_count as double), 0)'
        ) }} as consumable_products_ratio
    from running
    where bucket >= {{ attrition.bucket_of(attrition.kept_until()) }}

)

select * from final
