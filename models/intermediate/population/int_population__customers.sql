{%- set domains = attrition.setting('feature_domains') -%}

with sales as (

    select * from {{ ref('int_records__sales') }}

),

{% if 'complaint' in domains -%}
complaints as (

    select * from {{ ref('stg_complaint__records') }}
    where broken_rule is null

),

{% endif -%}
{% if 'touchpoint' in domains -%}
touchpoints as (

    select * from {{ ref('stg_touchpoint__records') }}
    where broken_rule is null

),

{% endif -%}
first_sales as (

    select
        customer_id,
        min(sold_on) as first_sale_on,
        min(case when is_target_purchase then sold_on end)
            as first_target_purchase_on
    from sales
    group by customer_id

),

-- A complaint can come before the first sale, and windows must reach it.
first_events as (

    select
        customer_id,
        first_sale_on as first_event_on
    from first_sales
    {% if 'complaint' in domains -%}
    union all
    select
        customer_id,
        opened_on as first_event_on
    from complaints
    {% endif -%}
    {% if 'touchpoint' in domains -%}
    union all
    select
        customer_id,
        occurred_on as first_event_on
    from touchpoints
    {% endif %}
),

final as (

    select
        first_sales.customer_id,
        first_sales.first_sale_on,
        first_sales.first_target_purchase_on,
        min({{ attrition.bucket_of('first_events.first_event_on') }}) as first_bucket,
        {{ attrition.hash_text('first_sales.customer_id', 'calibration') }}
            < '{{ attrition.hash_below(0.15) }}' as is_calibration_customer,
        {{ attrition.hash_text('first_sales.customer_id', 'test') }} as test_hash,
        {{ attrition.hash_text('first_sales.customer_id', 'validation') }}
            as validation_hash,
        {{ attrition.hash_text('first_sales.customer_id', 'sample') }}
            as customer_hash
    from first_sales
    inner join first_events
        on first_sales.customer_id = first_events.customer_id
    group by all

)

select * from final
