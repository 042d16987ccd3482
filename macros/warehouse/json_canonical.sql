{% macro json_canonical(expression) %}
    {{- adapter.dispatch('json_canonical', 'attrition')(expression) -}}
{% endmacro %}

{% macro default__json_canonical(expression) %}
    {%- do attrition.stop_for_unknown_warehouse('json_canonical') -%}
{% endmacro %}

{% macro duckdb__json_canonical(expression) -%}
    cast(json({{ expression }}) as varchar)
{%- endmacro %}

{% macro snowflake__json_canonical(expression) -%}
    to_json(parse_json({{ expression }}))
{%- endmacro %}
