{% macro as_feature(expression) -%}
    {#- Features are float32 where the warehouse has it: half the size, one meaning. -#}
    cast({{ expression }} as {{ adapter.dispatch('feature_type', 'attrition')() }})
{%- endmacro %}

{% macro default__feature_type() -%}
    float
{%- endmacro %}

{% macro duckdb__feature_type() -%}
    real
{%- endmacro %}
