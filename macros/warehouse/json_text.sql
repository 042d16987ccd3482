{% macro json_text(expression, path) %}
    {{- adapter.dispatch('json_text', 'attrition')(expression, path) -}}
{% endmacro %}

{% macro default__json_text(expression, path) -%}
    json_extract_path_text({{ expression }}, '{{ path }}')
{%- endmacro %}

{% macro duckdb__json_text(expression, path) -%}
    json_extract_string({{ expression }}, '$.{{ path }}')
{%- endmacro %}
