{% macro make_table() %}
    {#- What dbt does for a SQL model that is a `table`. -#}
    {% do return(adapter.dispatch('make_table', 'attrition')()) %}
{% endmacro %}

{% macro default__make_table() %}
    {%- do attrition.stop_for_unknown_warehouse('make_table') -%}
{% endmacro %}

{% macro duckdb__make_table() %}
    {% do return(materialization_table_duckdb()) %}
{% endmacro %}

{% macro snowflake__make_table() %}
    {% do return(materialization_table_snowflake()) %}
{% endmacro %}
