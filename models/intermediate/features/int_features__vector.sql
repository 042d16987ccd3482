{%- set domains = attrition.setting('feature_domains') -%}

with spine as (

    select * from {{ ref('int_population__spine') }}

),

{% for domain in domains -%}
{{ domain }} as (

    select * from {{ ref('int_features__' ~ domain) }}

),

{% endfor -%}
final as (

    select
        spine.customer_id,
        spine.as_of_date,
        {%- for domain in domains %}
        {{ domain }}.* exclude (customer_id, as_of_date)
        {{- "," if not loop.last }}
        {%- endfor %}
    from spine
    {%- for domain in domains %}
    inner join {{ domain }}
        on
            spine.customer_id = {{ domain }}.customer_id
            and spine.as_of_date = {{ domain }}.as_of_date
    {%- endfor %}

)

select * from final
