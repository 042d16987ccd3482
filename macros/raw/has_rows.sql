{% macro has_rows(table) %}
    {#- Whether a raw table holds anything. -#}
    {%- set found = run_query('select 1 as one from ' ~ attrition.raw_table(table) ~ ' limit 1') -%}
    {% do return(found.rows | length > 0) %}
{% endmacro %}
