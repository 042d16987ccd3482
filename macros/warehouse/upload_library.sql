{% macro upload_library(path=none) %}
    {#- `make snowflake-upload` writes the file and calls this. -#}
    {{ return(adapter.dispatch('upload_library', 'attrition')(path)) }}
{% endmacro %}

{% macro default__upload_library(path) %}
    {%- do attrition.stop_for_unknown_warehouse('upload_library') -%}
{% endmacro %}

{% macro duckdb__upload_library(path) %}
    {%- do exceptions.raise_compiler_error(
        'upload_library: this warehouse reads the library where it lies; only Snowflake'
        ~ ' needs it on a stage. Name an output of Snowflake: --target prod.'
    ) -%}
{% endmacro %}

{% macro snowflake__upload_library(path) %}
    {%- if not path -%}
        {%- do exceptions.raise_compiler_error(
            'upload_library: path: name the zip that `make snowflake-upload` writes.'
        ) -%}
    {%- endif -%}
    {%- set place = target.database ~ '.' ~ target.schema ~ '.attrition_library' -%}
    {%- do run_query('create stage if not exists ' ~ place) -%}
    {%- do run_query(
        "put 'file://" ~ path ~ "' @" ~ place ~ ' auto_compress=false overwrite=true'
    ) -%}
    {%- set found = run_query('list @' ~ place) -%}
    {%- do log(
        'Stage ' ~ place ~ ': ' ~ found.columns[0].values() | join(', '), true
    ) -%}
{% endmacro %}
