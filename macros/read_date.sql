{% macro read_date(expression) %}
    {{- adapter.dispatch('read_date', 'attrition')(expression) -}}
{% endmacro %}

{% macro default__read_date(expression) -%}
    coalesce(
        cast(try_to_timestamp(cast({{ expression }} as varchar)) as date),
        try_to_date(cast({{ expression }} as varchar), 'YYYYMMDD')
    )
{%- endmacro %}

{% macro duckdb__read_date(expression) -%}
    {#- ISO dates and timestamps (cut to the day), and digits as in 19970131. -#}
    cast(coalesce(
        try_cast(cast({{ expression }} as varchar) as timestamp),
        try_strptime(cast({{ expression }} as varchar), '%Y%m%d')
    ) as date)
{%- endmacro %}
