{% macro read_number(expression) %}
    {{- adapter.dispatch('read_number', 'attrition')(expression) -}}
{% endmacro %}

{% macro default__read_number(expression) %}
    {%- do attrition.stop_for_unknown_warehouse('read_number') -%}
{% endmacro %}

{% macro duckdb__read_number(expression) -%}
    {#- dbt.safe_cast only casts on DuckDB: one wrong value would stop the build. -#}
    coalesce(
        try_cast({{ expression }} as decimal(18, 4)),
        try_cast({{ attrition.trimmed_text(expression) }} as decimal(18, 4))
    )
{%- endmacro %}

{% macro snowflake__read_number(expression) -%}
    {#- Snowflake tries only text. -#}
    try_cast({{ attrition.trimmed_text(expression) }} as decimal(18, 4))
{%- endmacro %}
