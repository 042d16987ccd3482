{% macro running(aggregate, measure) -%}
    {#- `aggregate` of a measure over a customer's buckets with events up to this one. -#}
    {{ aggregate }}({{ measure }}) over (
        partition by customer_id
        order by bucket
        rows between unbounded preceding and current row
    )
{%- endmacro %}
