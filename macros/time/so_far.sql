{% macro so_far(call) -%}
    {#- A window function over a customer's buckets with events up to this one. -#}
    {{ call }} over (
        partition by customer_id
        order by bucket
        rows between unbounded preceding and current row
    )
{%- endmacro %}
