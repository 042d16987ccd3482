{% macro trimmed_text(expression) %}
    {{- adapter.dispatch('trimmed_text', 'attrition')(expression) -}}
{% endmacro %}

{% macro default__trimmed_text(expression) %}
    {%- do attrition.stop_for_unknown_warehouse('trimmed_text') -%}
{% endmacro %}

{% macro duckdb__trimmed_text(expression) -%}
    {#- To name the characters would take three times as long. -#}
    trim(cast({{ expression }} as varchar))
{%- endmacro %}

{% macro snowflake__trimmed_text(expression) -%}
    {#- Snowflake's `trim` cuts ordinary blanks alone, and an id with the no-break space that
        spreadsheets write would be another customer. These are the spaces that DuckDB cuts. -#}
    {%- set spaces = [32, 160, 5760] + range(8192, 8203) | list + [8239, 8287, 12288] -%}
    trim(cast({{ expression }} as varchar), chr({{ spaces | join(') || chr(') }}))
{%- endmacro %}
