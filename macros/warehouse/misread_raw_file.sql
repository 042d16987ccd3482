{% macro misread_raw_file(table) %}
    {#- Sentences about a file whose columns or records cannot be told apart. -#}
    {{ return(adapter.dispatch('misread_raw_file', 'attrition')(table)) }}
{% endmacro %}

{% macro default__misread_raw_file(table) %}
    {%- do attrition.stop_for_unknown_warehouse('misread_raw_file') -%}
{% endmacro %}

{% macro duckdb__misread_raw_file(table) %}
    {%- set path = attrition.raw_folder() ~ '/' ~ table ~ '.csv' -%}
    {%- if not attrition.file_exists(path) -%}
        {% do return([]) %}
    {%- endif -%}
    {%- set written = attrition.setting('raw_csv') -%}
    {#- More columns than any table has. -#}
    {%- set first = run_query('select * from '
        ~ attrition.csv_values(path, written.delimiter, written.encoding, 1000) ~ ' limit 1') -%}
    {%- set header = [] -%}
    {%- for value in (first.rows[0].values() if first.rows else []) if value is not none -%}
        {%- do header.append(value | string | trim | lower) -%}
    {%- endfor -%}
    {%- set problems = [] -%}
    {%- for name in header | unique(case_sensitive=true)
        if header | select('equalto', name) | list | length > 1 -%}
        {%- do problems.append('the column `' ~ name ~ '` stands there more than once; give each'
            ~ ' a name of its own.') -%}
    {%- endfor -%}
    {%- if header | length > 1 and not problems -%}
        {#- The first column may have no name. -#}
        {%- set width = header | length + (1 if first.rows[0][0] is none else 0) -%}
        {%- do problems.extend(run_query(attrition.misread_lines(
            path, written.delimiter, written.encoding, width, true
        )).columns[0].values()) -%}
    {%- endif -%}
    {%- set lines = [] -%}
    {%- for problem in problems -%}
        {%- do lines.append('raw_location: ' ~ path ~ ': ' ~ problem) -%}
    {%- endfor -%}
    {% do return(lines) %}
{% endmacro %}

{% macro snowflake__misread_raw_file(table) %}
    {#- Raw records are tables on Snowflake. -#}
    {% do return([]) %}
{% endmacro %}
