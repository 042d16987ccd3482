{% macro read_date(expression) %}
    {{- adapter.dispatch('read_date', 'attrition')(expression) -}}
{% endmacro %}

{% macro default__read_date(expression) -%}
    {#- Only texts that begin like an ISO date are tried: Snowflake by itself takes 19970131
        and 42 for seconds since 1970, and guesses which of two numbers is the month. -#}
    {%- set text = 'trim(cast(' ~ expression ~ ' as varchar))' -%}
    cast(case
        when {{ text }} like '____-%'
            then try_cast({{ text }} as timestamp_ntz)
        when {{ text }} like '____/%'
            then try_cast(replace({{ text }}, '/', '-') as timestamp_ntz)
        when length({{ text }}) = 8
            then try_to_date({{ text }}, 'YYYYMMDD')
    end as date)
{%- endmacro %}

{% macro duckdb__read_date(expression) -%}
    {#- ISO dates and timestamps (cut to the day), and eight digits as in 19970131. -#}
    {%- set text = 'trim(cast(' ~ expression ~ ' as varchar))' -%}
    cast(coalesce(
        try_cast({{ text }} as timestamp),
        case when length({{ text }}) = 8 then try_strptime({{ text }}, '%Y%m%d') end
    ) as date)
{%- endmacro %}
