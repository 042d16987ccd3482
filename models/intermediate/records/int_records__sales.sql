{{ config(post_hook="{{ attrition.check_purchases(this) }}") }}

{%- set target_product_types = {
    'is_attrition_c': ['consumable'],
    'is_attrition_s': ['sensor'],
    'is_attrition_cs': ['consumable', 'sensor'],
}[attrition.setting('target')] -%}

with sales as (

    select * from {{ ref('stg_sales__records') }}

),

accepted as (

    select
        sale_id,
        customer_id,
        sold_on,
        product_type,
        product_id,
        coalesce(abs(quantity), 1) as quantity,
        coalesce(abs(amount), 0) as amount,
        coalesce(is_return, quantity < 0 or amount < 0, false) as is_return
    from sales
    where broken_rule is null

),

days as (

    select
        sold_on,
        count(*) as sale_count
    from accepted
    group by sold_on

),

silences as (

    select
        sold_on,
        {{ dbt.datediff('lag(sold_on) over (order by sold_on)', 'sold_on', 'day') }}
            as silent_days,
        sum(sale_count) over (
            order by sold_on desc
            rows between unbounded preceding and current row
        ) as sales_from_here,
        sum(sale_count) over () as sales_in_all,
        count(*) over () as days_in_all,
        {{ dbt.datediff('sold_on', 'max(sold_on) over ()', 'day') }} + 1
            as days_from_here
    from days

),

compared as (

    select
        *,
        max(silent_days) over (
            order by sold_on
            rows between 400 preceding and 1 preceding
        ) as longest_silent_days_before
    from silences

),

-- One wrong date ahead would end label windows that are still open. So what follows a
-- silence of the whole company is not taken for its future when the silence is longer
-- than two weeks and than any in the 400 days of sales before, and what follows is less
-- than a twentieth of all sales, and lasts no longer than a week or is sparser than a
-- quarter of the usual day: a company that opens again sells at its usual pace.
far_ahead as (

    select min(sold_on) as starts_on
    from compared
    where
        sales_from_here * 20 < sales_in_all
        and (
            days_from_here <= 7
            or sales_from_here * 4 * days_in_all < sales_in_all * days_from_here
        )
        and silent_days > greatest(14, coalesce(longest_silent_days_before, 0))

),

final as (

    select
        accepted.*,
        product_type in ('{{ target_product_types | join("', '") }}')
        and not is_return
        and quantity > 0 as is_target_purchase
    from accepted
    cross join far_ahead
    where far_ahead.starts_on is null or accepted.sold_on < far_ahead.starts_on

)

select * from final
