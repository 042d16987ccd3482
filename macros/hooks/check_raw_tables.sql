{% macro check_raw_tables() %}
    {#- Before any table is touched: every table of the raw contract is there, has its
        required columns, no column is wholly unreadable, and a record of it is accepted. -#}
    {%- if not execute or attrition.setting('raw_data') == 'sample'
        or flags.WHICH not in ('build', 'run') -%}
        {% do return('') %}
    {%- endif -%}
    {%- set problems = [] -%}
    {%- for table in attrition.setting('feature_domains') -%}
        {%- set no_table = attrition.missing_raw_table(table) -%}
        {%- set misread = [no_table] if no_table else attrition.misread_raw_file(table) -%}
        {%- set available = [] if misread else attrition.raw_columns_of(table) -%}
        {%- set missing = misread or attrition.missing_raw_columns(table, available) -%}
        {%- do problems.extend(missing) -%}
        {%- if not missing and table == 'sales' and not attrition.has_rows(table) -%}
            {%- do problems.append(
                'raw_location: the table `sales` holds no record. Put your sales there, or'
                ~ ' correct `raw_location`.'
            ) -%}
        {%- elif not missing -%}
            {%- set unreadable = attrition.unreadable_raw_columns(table, available) -%}
            {%- do problems.extend(unreadable or attrition.rejected_table(table)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if problems -%}
        {%- do attrition.stop_for_raw_data(problems) -%}
    {%- endif -%}
{% endmacro %}
