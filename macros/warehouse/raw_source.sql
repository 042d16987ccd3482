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
        read_parquet({{ dbt.string_literal(dbt.escape_single_quotes(parquet)) }})
    {%- elif attrition.file_exists(csv) -%}
        {#- Text throughout: one wrong value must not cost the file. -#}
        read_csv(
            {{ dbt.string_literal(dbt.escape_single_quotes(csv)) }},
            header = true, all_varchar = true, null_padding = true
        )
    {%- else -%}
        {%- do exceptions.raise_compiler_error(attrition.missing_raw_table(table)) -%}
    {%- endif -%}
{% endmacro %}

{% macro snowflake__raw_source(table, declared) %}
    {{- declared -}}
{% endmacro %}
