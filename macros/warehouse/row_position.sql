{% macro row_position() %}
    {{- adapter.dispatch('row_position', 'attrition')() -}}
{% endmacro %}

{% macro default__row_position() %}
    {%- do attrition.stop_for_unknown_warehouse('row_position') -%}
{% endmacro %}

{% macro duckdb__row_position() -%}
    {#- DuckDB numbers rows in the order of the file. -#}
    row_number() over ()
{%- endmacro %}

{% macro snowflake__row_position() -%}
    {#- Snowflake keeps no order of rows; records that are equal in all are interchangeable. -#}
    row_number() over (order by {{ attrition.record_as_json('raw_record') }})
{%- endmacro %}
