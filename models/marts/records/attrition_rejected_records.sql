with
{% for domain in attrition.setting('feature_domains') -%}
{{ domain }} as (

    select * from {{ ref('stg_' ~ domain ~ '__records') }}

),

{% endfor -%}
reach as (

    select max(sold_on) as last_sale_on
    from {{ ref('int_records__sales') }}

),

rejected as (
    {% for domain in attrition.setting('feature_domains') %}
    select
        '{{ domain }}' as table_name,
        record_key,
        customer_id,
        broken_rule,
        record_json
    from {{ domain }}
    where broken_rule is not null
    union all
    {%- endfor %}
    -- in order by itself, but not believed: see int_records__sales
    select
        'sales' as table_name,
        sales.record_key,
        sales.customer_id,
        'sold_on_far_ahead' as broken_rule,
        sales.record_json
    from sales
    cross join reach
    where sales.broken_rule is null and sales.sold_on > reach.last_sale_on

),

final as (

    select
        cast(table_name as {{ dbt.type_string() }}) as table_name,
        record_key,
        customer_id,
        cast(broken_rule as {{ dbt.type_string() }}) as rule,
        record_json
    from rejected

)

select * from final
