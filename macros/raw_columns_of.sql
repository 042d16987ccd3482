{% macro raw_columns_of(table) %}
    {#- Names of the columns that the raw table really has, as they are spelled. -#}
    {%- if attrition.setting('raw_data') == 'sample' or not execute -%}
        {% do return(attrition.raw_contract()[table]['columns'].keys() | list) %}
    {%- endif -%}
    {%- set described = run_query("select * from " ~ attrition.raw_table(table) ~ " limit 0") -%}
    {% do return(described.column_names | list) %}
{% endmacro %}
