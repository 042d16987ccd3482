{% macro staged_records(table, more={}) %}
    {#- A raw table under the names and types of its contract, with the rule that each
        record breaks. -#}
    {%- if not execute -%}
        {#- The contract is not known while dbt parses, the table that is read must be. -#}
        {%- do attrition.raw_table(table) -%}
        {% do return('') %}
    {%- endif -%}
    {%- set contract = attrition.raw_contract()[table] -%}
    {%- set leading = [contract.date, 'customer_id'] -%}
    {%- set order_by = (leading + contract.columns.keys() | reject('in', leading) | list)
        | reject('in', contract.key) | list -%}
{{ attrition.judged_records(table, more) }},

final as (

    select
        * exclude (own_rule, unreadable_column),
        {{ contract.key[0] }} as record_key,
        {{ attrition.repeated_key(contract.key | join(', '), order_by) }} as broken_rule
    from judged

)

select * from final
{% endmacro %}
