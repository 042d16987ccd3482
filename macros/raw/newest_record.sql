{% macro newest_record(table) %}
    {#- For `dbt source freshness`, which reads no seeds. A date ahead is wrong, and would hide
        that nothing new came. -#}
    {%- if attrition.setting('raw_data') == 'sample' -%}
        {%- do exceptions.raise_compiler_error(
            'raw_data is "sample", whose records do not age; ask for freshness with raw_data "source".'
        ) -%}
    {%- endif -%}
    {%- set date = attrition.raw_contract()[table].date -%}
    {%- set day = attrition.raw_column(table, date, attrition.raw_columns_of(table)) -%}
    select max(cast({{ day }} as {{ dbt.type_timestamp() }})) as newest_record_at
    from {{ attrition.raw_table(table) }} as raw_record
    where {{ day }} <= {{ attrition.today() }}
{% endmacro %}
