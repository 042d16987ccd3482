with grid as (

    select * from {{ ref('int_population__grid') }}

),

buckets as (

    select * from {{ ref('int_population__buckets') }}

),

customers as (

    select * from {{ ref('int_population__customers') }}

),

recent as (

    select
        customer_id,
        bucket,
        {{ attrition.bucket_sum('target_purchase_count', attrition.setting('attrition_horizon')) }}
            as recent_purchase_count
    from grid

),

final as (

    select
        recent.customer_id,
        recent.bucket,
        buckets.as_of_date,
        buckets.is_newest_snapshot,
        buckets.is_matured
    from recent
    inner join buckets
        on recent.bucket = buckets.bucket
    inner join customers
        on recent.customer_id = customers.customer_id
    where
        buckets.is_snapshot
        and customers.first_target_purchase_on < buckets.as_of_date
        and {{ dbt.dateadd(
            'month', attrition.setting('min_history_months'), 'customers.first_target_purchase_on'
        ) }} <= buckets.as_of_date
        {% if attrition.setting('population') == 'active' -%}
        and recent.recent_purchase_count > 0
        {%- endif %}

)

select * from final
