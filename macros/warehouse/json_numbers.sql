{% macro json_numbers(expression) %}
    {{- adapter.dispatch('json_numbers', 'attrition')(expression) -}}
{% endmacro %}

{% macro default__json_numbers(expression) %}
    {%- do attrition.stop_for_unknown_warehouse('json_numbers') -%}
{% endmacro %}

{% macro duckdb__json_numbers(expression) -%}
    from_json({{ expression }}, '["DOUBLE"]')
{%- endmacro %}

{% macro snowflake__json_numbers(expression) -%}
    parse_json({{ expression }})
{%- endmacro %}
