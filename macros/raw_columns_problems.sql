{% macro raw_columns_problems() %}
    {#- Lines about tables and columns in `raw_columns` that the raw contract does not know. -#}
    {%- set lines = [] -%}
    {%- set contract = attrition.raw_contract() -%}
    {%- for table, mapping in attrition.setting('raw_columns').items() -%}
        {%- if table not in contract -%}
            {%- set near = attrition.nearest_name(table, contract.keys()) -%}
            {%- do lines.append(
                'raw_columns.' ~ table ~ ' is not a table; tables: '
                ~ contract.keys() | join(', ') ~ '.'
                ~ (' Did you mean ' ~ near ~ '?' if near else '')
            ) -%}
        {%- else -%}
            {%- set names = contract[table].columns.keys() | list -%}
            {%- for column in mapping if column not in names -%}
                {%- set near = attrition.nearest_name(column, names) -%}
                {%- do lines.append(
                    'raw_columns.' ~ table ~ '.' ~ column
                    ~ ' is not a column of the contract of ' ~ table ~ '; columns: '
                    ~ names | join(', ') ~ '.' ~ (' Did you mean ' ~ near ~ '?' if near else '')
                ) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {% do return(lines) %}
{% endmacro %}
