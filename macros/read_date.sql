{% macro read_date(expression) %}
    {{- adapter.dispatch('read_date', 'attrition')(expression) -}}
{% endmacro %}

{% macro default__read_date(expression) -%}
    {#- Digits first: Snowflake takes 19970131 for seconds since 1970. -#}
    coalesce(
        try_to_date(trim(cast({{ expression }} as varchar)), 'YYYYMMDD'),
        cast(try_to_timestamp(trim(cast({{ expression }} as varchar))) as date)
    )
{%- endmacro %}

{% macro duckdb__read_date(expression) -%}
    {#- ISO dates and timestamps (cut to the day), and eight digits as in 19970131. -#}
    {%- set text = 'trim(cast(' ~ expression ~ ' as varchar))' -%}
    cast(coalesce(
        try_cast({{ text }} as timestamp),
        case when length({{ text }}) = 8 then try_strptime({{ text }}, '%Y%m%d') end
    ) as date)
{%- endmacro %}
