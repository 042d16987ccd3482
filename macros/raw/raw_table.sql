{% macro raw_table(table) %}
    {#- The relation that holds the raw records of `table`, wherever they lie. -#}
    {%- if attrition.setting('raw_data') == 'sample' -%}
        {{ ref('raw_' ~ table) }}
    {%- else -%}
        {%- set declared = source('raw', table) -%}
        {{- attrition.raw_source(table, declared) -}}
    {%- endif -%}
{% endmacro %}
