{% macro json_text(expression, path) %}
    {{- adapter.dispatch('json_text', 'attrition')(expression, path) -}}
{% endmacro %}

{% macro default__json_text(expression, path) %}
    {%- do attrition.stop_for_unknown_warehouse('json_text') -%}
{% endmacro %}

{% macro duckdb__json_text(expression, path) -%}
    json_extract_string({{ expression }}, '$.{{ path }}')
{%- endmacro %}

{% macro snowflake__json_text(expression, path) -%}
    json_extract_path_text({{ expression }}, '{{ path }}')
{%- endmacro %}
