{% macro date_text(expression) %}
    {{- adapter.dispatch('date_text', 'attrition')(expression) -}}
{% endmacro %}

{% macro default__date_text(expression) %}
    {%- do attrition.stop_for_unknown_warehouse('date_text') -%}
{% endmacro %}

{% macro duckdb__date_text(expression) -%}
    cast({{ expression }} as varchar)
{%- endmacro %}

{% macro snowflake__date_text(expression) -%}
    {#- Else an account's DATE_OUTPUT_FORMAT would decide, also what an id is made of. -#}
    to_char({{ expression }}, 'YYYY-MM-DD')
{%- endmacro %}
