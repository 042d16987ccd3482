{% macro raw_columns_of(table) %}
    {#- Names of the columns that the raw table really has, as they are spelled. -#}
    {%- if not execute -%}
        {% do return([]) %}
    {%- elif attrition.setting('raw_data') == 'sample' -%}
        {%- set names = attrition.raw_contract()[table]['columns'].keys() | list -%}
        {% do return(attrition.seed_columns(names)) %}
    {%- endif -%}
    {%- set described = run_query("select * from " ~ attrition.raw_table(table) ~ " limit 0") -%}
    {% do return(described.column_names | list) %}
{% endmacro %}
