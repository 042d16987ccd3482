{% macro last_bucket_in(month) -%}
    {#- Last time bucket that starts within a month given as YYYY-MM: the one that the
        month's last day falls into. -#}
    {{ attrition.bucket_of(dbt.dateadd(
        'day', -1, dbt.dateadd('month', 1, "date '" ~ month ~ "-01'")
    )) }}
{%- endmacro %}
