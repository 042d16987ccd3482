{% macro raw_columns_problems() %}
    {#- Lines about tables and columns in `raw_columns` that do not exist. -#}
    {%- set lines = [] -%}
    {%- set contract = attrition.raw_contract() -%}
    {%- for table, mapping in attrition.setting('raw_columns').items() -%}
        {%- if table not in contract -%}
            {%- do lines.append(
                'raw_columns.' ~ table ~ ' is not a table; tables: '
                ~ contract.keys() | join(', ') ~ '.'
                ~ attrition.did_you_mean(table, contract.keys())
            ) -%}
        {%- else -%}
            {%- set names = contract[table].columns.keys() | list -%}
            {%- for column in mapping if column not in names -%}
                {%- do lines.append(
                    'raw_columns.' ~ table ~ '.' ~ column
                    ~ ' is not a column of the contract of ' ~ table ~ '; columns: '
                    ~ names | join(', ') ~ '.'
                    ~ attrition.did_you_mean(column, names)
                ) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {% do return(lines) %}
{% endmacro %}
