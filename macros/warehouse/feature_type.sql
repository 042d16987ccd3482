{% macro feature_type() -%}
    {{- adapter.dispatch('feature_type', 'attrition')() -}}
{%- endmacro %}

{% macro default__feature_type() %}
    {%- do attrition.stop_for_unknown_warehouse('feature_type') -%}
{% endmacro %}

{% macro duckdb__feature_type() -%}
    real
{%- endmacro %}

{% macro snowflake__feature_type() -%}
    float
{%- endmacro %}
