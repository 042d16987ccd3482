{% macro raw_source(table, declared) %}
    {{ return(adapter.dispatch('raw_source', 'attrition')(table, declared)) }}
{% endmacro %}

{% macro default__raw_source(table, declared) %}
    {%- do attrition.stop_for_unknown_warehouse('raw_source') -%}
{% endmacro %}

{% macro duckdb__raw_source(table, declared) %}
    {%- set location = attrition.raw_folder() -%}
    {%- set parquet = location ~ '/' ~ table ~ '.parquet' -%}
    {%- set csv = location ~ '/' ~ table ~ '.csv' -%}
    {%- if not execute -%}
        {{ declared }}
    {%- elif attrition.file_exists(parquet) -%}
        read_parquet({{ attrition.text_literal(parquet) }})
    {%- elif attrition.file_exists(csv) -%}
        {%- set written = attrition.setting('raw_csv') -%}
        {{ attrition.csv_records(csv, written.delimiter, written.encoding) }}
    {%- else -%}
        {%- do exceptions.raise_compiler_error(attrition.missing_raw_table(table)) -%}
    {%- endif -%}
{% endmacro %}

{% macro snowflake__raw_source(table, declared) %}
    {{- declared -}}
{% endmacro %}
