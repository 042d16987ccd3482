with buckets as (

    select * from {{ ref('int_population__buckets') }}

),

totals as (

    select
        customer_id,
        bucket,
        {{ attrition.next_event_bucket() }} as next_bucket,
        first_order_on,
        last_order_bucket
    from {{ ref('int_events__sales') }}

),

snapshots as (

    select * from buckets
    where
        is_snapshot
        and as_of_date > {{ attrition.kept_until() }}

),

states as (

    {{ attrition.as_of_each_bucket('totals', 'snapshots') }}

),

final as (

    select
        customer_id,
        bucket,
        as_of_date
    from states
    where
        -- who never bought the target has no such date
        {{ dbt.dateadd(
            'month', attrition.setting('min_history_months'), 'first_order_on'
        ) }} <= as_of_date
        {% if attrition.setting('population') == 'active' -%}
        and last_order_bucket >= bucket - {{ attrition.setting('attrition_horizon') }}
        {%- endif %}

)

select * from final
