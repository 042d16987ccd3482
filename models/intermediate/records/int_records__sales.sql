with sales as (

    select * from {{ ref('stg_sales__sales') }}

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
        coalesce(is_return, quantity < 0, amount < 0, false) as is_return
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
        lag(sold_on) over (order by sold_on) as previous_sold_on,
        sum(sale_count) over (
            order by sold_on desc
            rows between unbounded preceding and current row
        ) as sales_from_here,
        sum(sale_count) over () as sales_in_all
    from days

),

-- A wrong date years ahead would otherwise end every label window: what follows a
-- silence of the whole company longer than a horizon, and is less than a hundredth
-- of its sales, is not taken for the company's future.
far_ahead as (

    select min(sold_on) as starts_on
    from silences
    where
        sold_on > {{ attrition.add_buckets('previous_sold_on', attrition.setting('attrition_horizon')) }}
        and sales_from_here * 100 < sales_in_all

),

final as (

    select accepted.*
    from accepted
    cross join far_ahead
    where far_ahead.starts_on is null or accepted.sold_on < far_ahead.starts_on

)

select * from final
