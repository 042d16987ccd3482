{% macro reads_files() %}
    {#- Whether raw records of one's own are files, and not declared tables. -#}
    {{ return(adapter.dispatch('reads_files', 'attrition')()) }}
{% endmacro %}

{% macro default__reads_files() %}
    {%- do exceptions.raise_compiler_error(
        'reads_files: not written for this warehouse; add it to macros/warehouse/reads_files.sql.'
    ) -%}
{% endmacro %}

{% macro duckdb__reads_files() %}
    {{ return(true) }}
{% endmacro %}

{% macro snowflake__reads_files() %}
    {{ return(false) }}
{% endmacro %}
