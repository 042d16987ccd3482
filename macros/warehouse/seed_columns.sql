{% macro seed_columns(names) %}
    {{ return(adapter.dispatch('seed_columns', 'attrition')(names)) }}
{% endmacro %}

{% macro default__seed_columns(names) %}
    {%- do attrition.stop_for_unknown_warehouse('seed_columns') -%}
{% endmacro %}

{% macro duckdb__seed_columns(names) %}
    {% do return(names) %}
{% endmacro %}

{% macro snowflake__seed_columns(names) %}
    {#- Seeds are not quoted, so their columns are kept in upper case, and here they will be. -#}
    {% do return(names | map('upper') | list) %}
{% endmacro %}
