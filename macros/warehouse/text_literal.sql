{% macro text_literal(value) %}
    {#- For what a person typed: quotes and backslashes stay what they are. -#}
    {{- adapter.dispatch('text_literal', 'attrition')(value | string) -}}
{% endmacro %}

{% macro default__text_literal(value) %}
    {%- do attrition.stop_for_unknown_warehouse('text_literal') -%}
{% endmacro %}

{% macro duckdb__text_literal(value) -%}
    '{{ value | replace("'", "''") }}'
{%- endmacro %}

{% macro snowflake__text_literal(value) -%}
    '{{ value | replace("\\", "\\\\") | replace("'", "''") }}'
{%- endmacro %}
