with spine as (

    select * from {{ ref('int_population__spine') }}
    where as_of_date > {{ attrition.kept_until() }}

),

events as (

    select * from {{ ref('stg_startright__records') }}
    where broken_rule is null

),

-- First dates only: before such a date the step is not known to have been taken.
customers as (

    select
        customer_id,
        min(occurred_on) as joined_on,
        min(case when event_type = 'session' then occurred_on end) as session_on,
        min(case when event_type = 'completed' then occurred_on end) as completed_on,
        min(case when event_type = 'withdrawn' then occurred_on end) as withdrawn_on
    from events
    group by customer_id

),

final as (

    select
        spine.customer_id,
        spine.as_of_date,
        coalesce(customers.joined_on < spine.as_of_date, false) as is_startright,
        {{ attrition.as_feature("""case
            when customers.completed_on < spine.as_of_date then 3
            when customers.session_on < spine.as_of_date then 2
            when customers.joined_on < spine.as_of_date then 1
            else 0
        end""") }} as startright_progress,
        coalesce(customers.withdrawn_on < spine.as_of_date, false)
            as is_startright_withdrawn
    from spine
    left join customers
        on spine.customer_id = customers.customer_id

)

select * from final
