{% macro missing_raw_table(table) %}
    {#- A sentence where the records of a table lie nowhere, else nothing. -#}
    {{ return(adapter.dispatch('missing_raw_table', 'attrition')(table)) }}
{% endmacro %}

{% macro default__missing_raw_table(table) %}
    {%- do attrition.stop_for_unknown_warehouse('missing_raw_table') -%}
{% endmacro %}

{% macro duckdb__missing_raw_table(table) %}
    {%- set location = attrition.raw_folder() -%}
    {%- set files = [location ~ '/' ~ table ~ '.parquet', location ~ '/' ~ table ~ '.csv'] -%}
    {%- set there = files | select('in', attrition.files_in(location)) | list -%}
    {%- if there | length == 2 -%}
        {% do return('raw_location: both ' ~ files | join(' and ') ~ ' are there, and only one can be'
            ~ ' the table `' ~ table ~ '`. Move the other one away.') %}
    {%- elif there -%}
        {% do return('') %}
    {%- endif -%}
    {%- set names = [] -%}
    {%- for file in attrition.files_in(location)[:12] -%}
        {%- do names.append(file.split('/')[-1]) -%}
    {%- endfor -%}
    {% do return(
        'raw_location: no file for the table `' ~ table ~ '`: neither ' ~ files | join(' nor ')
        ~ ' exists; ' ~ ('the folder has ' ~ names | join(', ') if names
            else 'there is no such folder, or it is empty')
        ~ '. Put the file there, correct `raw_location`'
        ~ ('.' if table == 'sales'
            else ', or take `' ~ table ~ '` out of `feature_domains`.')
    ) %}
{% endmacro %}

{% macro snowflake__missing_raw_table(table) %}
    {#- The warehouse names a table that is not there by itself. -#}
    {% do return('') %}
{% endmacro %}
