{% macro raw_column(table, column, available) %}
    {#- One contract column, read under its mapped name and cast, or its default. -#}
    {%- set contract = attrition.raw_contract()[table]['columns'][column] -%}
    {%- set mapped = attrition.raw_column_name(table, column, available) -%}
    {%- if mapped is none -%}
        {%- if contract.default is none -%}
            cast(null as {{ attrition.raw_type(contract.type) }})
        {%- elif contract.default == 'today' -%}
            {{ attrition.today() }}
        {%- elif contract.default == 'row' -%}
            'row ' || {{ attrition.row_position() }}
        {%- else -%}
            cast('{{ contract.default }}' as {{ attrition.raw_type(contract.type) }})
        {%- endif -%}
    {%- elif contract.type == 'date' -%}
        {{ attrition.read_date(attrition.raw_value(mapped)) }}
    {%- elif contract.type == 'number' -%}
        {{ attrition.read_number(attrition.raw_value(mapped)) }}
    {%- elif contract.type == 'boolean' -%}
        {{ attrition.read_boolean(attrition.raw_value(mapped)) }}
    {%- elif contract.type == 'category' -%}
        nullif(lower({{ attrition.trimmed_text(attrition.raw_value(mapped)) }}), '')
    {%- else -%}
        nullif({{ attrition.trimmed_text(attrition.raw_value(mapped)) }}, '')
    {%- endif -%}
{% endmacro %}
