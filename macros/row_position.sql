{% macro row_position() %}
    {{- adapter.dispatch('row_position', 'attrition')() -}}
{% endmacro %}

{% macro default__row_position() -%}
    row_number() over (order by customer_id)
{%- endmacro %}

{% macro duckdb__row_position() -%}
    {#- DuckDB numbers rows in the order of the file. -#}
    row_number() over ()
{%- endmacro %}
