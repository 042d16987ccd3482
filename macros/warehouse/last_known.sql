{% macro last_known(expression) %}
    {#- Call of the window function that gives the last value that is there. -#}
    {{- adapter.dispatch('last_known', 'attrition')(expression) -}}
{% endmacro %}

{% macro default__last_known(expression) %}
    {%- do attrition.stop_for_unknown_warehouse('last_known') -%}
{% endmacro %}

{% macro duckdb__last_known(expression) -%}
    last_value({{ expression }} ignore nulls)
{%- endmacro %}

{% macro snowflake__last_known(expression) -%}
    last_value({{ expression }}) ignore nulls
{%- endmacro %}
