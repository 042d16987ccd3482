{% macro staged_records(table, rules=[], more={}) %}
    {#- A raw table under the names and types of its contract, with the rule that each
        record breaks. -#}
    {%- if not execute -%}
        {#- The contract is not known while dbt parses, the table that is read must be. -#}
        {%- do attrition.raw_table(table) -%}
        {% do return('') %}
    {%- endif -%}
    {%- set contract = attrition.raw_contract()[table] -%}
    {%- set available = attrition.raw_columns_of(table) -%}
    {%- set leading = [contract.date, 'customer_id'] -%}
    {%- set order_by = (leading + contract.columns.keys() | reject('in', leading) | list)
        | reject('in', contract.key) | list -%}
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
        {{ attrition.broken_rule(contract, rules) }} as own_rule
    from renamed

),

final as (

    select
        * exclude (own_rule, unreadable_column),
        {{ contract.key[0] }} as record_key,
        {{ attrition.repeated_key(contract.key | join(', '), order_by) }} as broken_rule
    from judged

)

select * from final
{% endmacro %}
