{% macro training_engines() %}
    {#- Where training can run, as the setting `engine` calls it. -#}
    {{ return(adapter.dispatch('training_engines', 'attrition')()) }}
{% endmacro %}

{% macro default__training_engines() %}
    {%- do exceptions.raise_compiler_error(
        'training_engines: not written for this warehouse; add it to macros/warehouse/training_engines.sql.'
    ) -%}
{% endmacro %}

{% macro duckdb__training_engines() %}
    {{ return(['local']) }}
{% endmacro %}

{% macro snowflake__training_engines() %}
    {{ return(['local', 'snowflake_ml_job']) }}
{% endmacro %}
