{% macro array_of(expression, order_by) %}
    {{- adapter.dispatch('array_of', 'attrition')(expression, order_by) -}}
{% endmacro %}

{% macro default__array_of(expression, order_by) %}
    {%- do attrition.stop_for_unknown_warehouse('array_of') -%}
{% endmacro %}

{% macro duckdb__array_of(expression, order_by) -%}
    list({{ expression }} order by {{ order_by }})
{%- endmacro %}

{% macro snowflake__array_of(expression, order_by) -%}
    {#- Snowflake leaves nulls out. -#}
    array_agg({{ expression }}) within group (order by {{ order_by }})
{%- endmacro %}
