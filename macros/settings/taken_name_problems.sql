{% macro taken_name_problems(renamed) %}
    {#- Lines about new names that are columns, words of SQL, or given twice. -#}
    {%- set lines = [] -%}
    {%- set reserved = attrition.reserved_columns() -%}
    {%- set first_with = {} -%}
    {%- for name, new_name in renamed.items() -%}
        {%- set shown = attrition.setting_shown(new_name) -%}
        {%- set line = 'rename_cols.' ~ name ~ ': ' ~ shown -%}
        {%- if new_name in reserved.key_columns -%}
            {%- do lines.append(
                line ~ ' is a column of modeling_dataset; choose another name.'
            ) -%}
        {%- elif new_name in reserved.sql_words -%}
            {%- do lines.append(line ~ ' is a word of SQL; choose another name.') -%}
        {%- endif -%}
        {%- if new_name in first_with -%}
            {%- do lines.append(
                line ~ ' is the new name of ' ~ first_with[new_name]
                ~ ' too; choose another name.'
            ) -%}
        {%- else -%}
            {%- do first_with.update({new_name: name}) -%}
        {%- endif -%}
    {%- endfor -%}
    {% do return(lines) %}
{% endmacro %}
