{% macro unreadable_raw_columns(table, available) %}
    {#- One sentence for each typed column in which nothing at all can be read. -#}
    {%- set problems = [] -%}
    {%- for column, properties in attrition.raw_contract()[table]['columns'].items() -%}
        {%- set mapped = attrition.raw_column_name(table, column, available) -%}
        {%- set is_required = 'default' not in properties -%}
        {%- if mapped is not none
            and (is_required or properties.type in ('date', 'number', 'boolean')) -%}
            {%- set text = attrition.trimmed_text(attrition.raw_value(mapped)) -%}
            {%- set found = run_query(
                "select count(case when " ~ text ~ " != '' then 1 end) as filled,"
                ~ " count(" ~ attrition.raw_column(table, column, available) ~ ") as readable,"
                ~ " min(case when " ~ text ~ " != '' then " ~ text ~ " end) as example"
                ~ " from " ~ attrition.raw_table(table) ~ " as raw_record"
            ).rows[0] -%}
            {%- if is_required and found[0] == 0 and found[2] is none
                and attrition.has_rows(table) -%}
                {%- do problems.append(
                    'raw_columns: `' ~ table ~ '.' ~ mapped ~ '` is empty, and `' ~ column
                    ~ '` is required. Map another column or correct the file.'
                ) -%}
            {%- elif found[0] > 0 and found[1] == 0 -%}
                {%- do problems.append(
                    'raw_columns: no value of `' ~ table ~ '.' ~ mapped ~ '` is a '
                    ~ properties.type ~ ' (for example "' ~ found[2] ~ '"), which `'
                    ~ column ~ '` must be. Map another column or correct the file.'
                ) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {% do return(problems) %}
{% endmacro %}
