{% macro unreadable_column(table, available) -%}
    {#- Name of the first column that holds something which its type cannot read. -#}
    {%- set checks = [] -%}
    {%- for column, contract in attrition.raw_contract()[table]['columns'].items() -%}
        {%- set mapped = attrition.raw_column_name(table, column, available) -%}
        {%- if mapped is not none and contract.type in ('date', 'number', 'boolean') -%}
            {%- do checks.append((column, mapped)) -%}
        {%- endif -%}
    {%- endfor -%}
    case
        {%- for column, mapped in checks %}
        when
            {{ attrition.trimmed_text(attrition.raw_value(mapped)) }} != ''
            and {{ attrition.raw_column(table, column, available) }} is null
            then '{{ column }}'
        {%- endfor %}
        else cast(null as {{ dbt.type_string() }})
    end
{%- endmacro %}
