{% macro total_before(total, buckets) -%}
    {#- A running total as it was a number of buckets before the snapshot. -#}
    {%- if buckets == 0 -%}
        {{ total }}
    {%- else -%}
        coalesce(lag({{ total }}, {{ buckets }}) over (
            partition by customer_id order by bucket
        ), 0)
    {%- endif -%}
{%- endmacro %}
