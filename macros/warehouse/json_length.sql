{% macro json_length(expression) %}
    {{- adapter.dispatch('json_length', 'attrition')(expression) -}}
{% endmacro %}

{% macro default__json_length(expression) %}
    {%- do attrition.stop_for_unknown_warehouse('json_length') -%}
{% endmacro %}

{% macro duckdb__json_length(expression) -%}
    json_array_length({{ expression }})
{%- endmacro %}

{% macro snowflake__json_length(expression) -%}
    array_size(parse_json({{ expression }}))
{%- endmacro %}
