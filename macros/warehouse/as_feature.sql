{% macro as_feature(expression) -%}
    {#- Features are float32 where the warehouse has it: half the size, one meaning. -#}
    cast({{ expression }} as {{ attrition.feature_type() }})
{%- endmacro %}
