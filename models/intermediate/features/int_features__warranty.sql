with spine as (

    select * from {{ ref('int_population__spine') }}
    where as_of_date > {{ attrition.kept_until() }}

),

warranties as (

    select * from {{ ref('stg_warranty__records') }}
    where broken_rule is null

),

-- Of warranties that start on one day, the longest counts.
starts as (

    select
        customer_id,
        starts_on,
        max(ends_on) as ends_on
    from warranties
    group by customer_id, starts_on

),

-- Each warranty is the current one from the day after it starts until the next starts.
terms as (

    select
        *,
        lead(starts_on) over (partition by customer_id order by starts_on)
            as next_starts_on
    from starts

),

final as (

    select
        spine.customer_id,
        spine.as_of_date,
        {{ attrition.as_feature(
            dbt.datediff('terms.starts_on', dbt.dateadd('day', 1, 'terms.ends_on'), 'month')
        ) }} as warranty_length_months,
        coalesce(terms.ends_on >= spine.as_of_date, false) as is_warranty_active,
        {{ attrition.as_feature(
            dbt.datediff('spine.as_of_date', 'terms.ends_on', 'day')
        ) }} as days_to_warranty_end
    from spine
    left join terms
        on
            spine.customer_id = terms.customer_id
            and spine.as_of_date > terms.starts_on
            and (
                terms.next_starts_on is null
                or spine.as_of_date <= terms.next_starts_on
            )

)

select * from final
