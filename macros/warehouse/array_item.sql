{% macro array_item(expression, place, type='double') %}
    {{- adapter.dispatch('array_item', 'attrition')(expression, place, type) -}}
{% endmacro %}

{% macro default__array_item(expression, place, type='double') %}
    {%- do attrition.stop_for_unknown_warehouse('array_item') -%}
{% endmacro %}

{% macro duckdb__array_item(expression, place, type='double') -%}
    {{ expression }}[{{ place }} + 1]
{%- endmacro %}

{% macro snowflake__array_item(expression, place, type='double') -%}
    cast(get({{ expression }}, {{ place }}) as {{ type }})
{%- endmacro %}
