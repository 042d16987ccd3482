{% macro running_count(measure) -%}
    {#- Running total of whole numbers; a sum of integers is wider than it needs to be. -#}
    cast({{ attrition.running('sum', measure) }} as bigint)
{%- endmacro %}
