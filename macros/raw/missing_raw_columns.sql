{% macro missing_raw_columns(table, available) %}
    {#- One sentence for each column that a raw table must have and has not. -#}
    {%- set contract = attrition.raw_contract()[table] -%}
    {%- set problems = [] -%}
    {%- set advice = ' Its columns are ' ~ available | join(', ')
        ~ ('' if available | length > 1 else ', as if nothing stood between two columns: is `raw_csv: '
            ~ '{delimiter: ...}` right?')
        ~ '. Name the right one in `raw_columns: {' ~ table ~ ': {' -%}
    {%- for column, properties in contract['columns'].items() -%}
        {%- if 'default' not in properties
            and attrition.raw_column_name(table, column, available) is none -%}
            {%- do problems.append(
                'raw_columns: the table `' ~ table ~ '` has no column `' ~ column ~ '`.'
                ~ advice ~ column ~ ': ...}}`.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for column, named in ((attrition.setting('raw_columns') or {}).get(table) or {}).items() -%}
        {%- if named is not none and 'default' in contract['columns'][column]
            and attrition.raw_column_name(table, column, available) is none -%}
            {%- do problems.append(
                'raw_columns: the table `' ~ table ~ '` has no column `' ~ named
                ~ '`, which `' ~ column ~ '` is said to be.' ~ advice ~ column ~ ': ...}}`.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for column in contract.get('any_of', []) -%}
        {%- do found.append(attrition.raw_column_name(table, column, available)) -%}
    {%- endfor -%}
    {%- if found and not found | reject('none') | list -%}
        {%- do problems.append(
            'raw_columns: the table `' ~ table ~ '` needs one of `'
            ~ contract['any_of'] | join('`, `') ~ '` and has neither.' ~ advice
            ~ contract['any_of'][0] ~ ': ...}}`.'
        ) -%}
    {%- endif -%}
    {% do return(problems) %}
{% endmacro %}
