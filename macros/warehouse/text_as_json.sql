{% macro text_as_json(expression) %}
    {{- adapter.dispatch('text_as_json', 'attrition')(expression) -}}
{% endmacro %}

{% macro default__text_as_json(expression) %}
    {%- do attrition.stop_for_unknown_warehouse('text_as_json') -%}
{% endmacro %}

{% macro duckdb__text_as_json(expression) -%}
    cast(to_json({{ expression }}) as varchar)
{%- endmacro %}

{% macro snowflake__text_as_json(expression) -%}
    to_json(to_variant({{ expression }}))
{%- endmacro %}
