{% macro read_date(expression) %}
    {{- adapter.dispatch('read_date', 'attrition')(expression) -}}
{% endmacro %}

{% macro default__read_date(expression) %}
    {%- do attrition.stop_for_unknown_warehouse('read_date') -%}
{% endmacro %}

{% macro duckdb__read_date(expression) -%}
    {#- ISO dates and timestamps (cut to the day), and eight digits as in 19970131. DuckDB would
        take other texts too, such as `epoch` and `infinity`, which Snowflake does not. -#}
    {%- set text = attrition.trimmed_text(expression) -%}
    cast(case
        when {{ text }} like '____-%' or {{ text }} like '____/%'
            then try_cast({{ text }} as timestamp)
        when regexp_full_match({{ text }}, '[0-9]{8}')
            then try_strptime({{ text }}, '%Y%m%d')
    end as date)
{%- endmacro %}

{% macro snowflake__read_date(expression) -%}
    {#- Only texts that begin like an ISO date are tried: Snowflake by itself takes 19970131
        and 42 for seconds since 1970, and guesses which of two numbers is the month. -#}
    {%- set text = attrition.trimmed_text(expression) -%}
    cast(case
        when {{ text }} like '____-%'
            then try_cast({{ text }} as timestamp_ntz)
        when {{ text }} like '____/%'
            then try_cast(replace({{ text }}, '/', '-') as timestamp_ntz)
        when length({{ text }}) = 8
            then try_to_date({{ text }}, 'YYYYMMDD')
    end as date)
{%- endmacro %}
