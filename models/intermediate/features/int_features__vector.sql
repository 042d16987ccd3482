{#- A source that no feature is made of yet has no model here. -#}
{%- set domains = attrition.setting('feature_domains')
    | select('in', attrition.feature_definitions() | map(attribute=1) | list) | list -%}

with
{% for domain in domains -%}
{{ domain }} as (

    select * from {{ ref('int_features__' ~ domain) }}
    where as_of_date > {{ attrition.kept_until() }}

),

{% endfor -%}
final as (

    select
        sales.customer_id,
        sales.as_of_date,
        {%- for domain in domains %}
        {{ domain }}.* exclude (customer_id, as_of_date)
        {{- "," if not loop.last }}
        {%- endfor %}
    -- the one domain that is always on; each has a row for every snapshot
    from sales
    {%- for domain in domains if domain != 'sales' %}
    inner join {{ domain }}
        on
            sales.customer_id = {{ domain }}.customer_id
            and sales.as_of_date = {{ domain }}.as_of_date
    {%- endfor %}

)

select * from final
