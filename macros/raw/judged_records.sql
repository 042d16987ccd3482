{% macro judged_records(table, more={}) %}
    {#- A raw table under the names and types of its contract, with the rule that each record
        breaks by itself, as common table expressions. -#}
    {%- set contract = attrition.raw_contract()[table] -%}
    {%- set available = attrition.raw_columns_of(table) -%}
with raw_record as (

    select * from {{ attrition.raw_table(table) }}

),

renamed as (

    select
        {%- for column in contract.columns %}
        {{ attrition.raw_column(table, column, available) }} as {{ column }},
        {%- endfor %}
        {%- for name, expression in more.items() %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        {{ attrition.unreadable_column(table, available) }} as unreadable_column,
        {{ attrition.record_as_json('raw_record') }} as record_json
    from raw_record

),

judged as (

    select
        *,
        {{ attrition.broken_rule(contract, attrition.record_rules(table)) }} as own_rule
    from renamed

)
{%- endmacro %}
