{% macro running(aggregate, measure) -%}
    {#- `aggregate` of a measure over a customer's buckets with events up to this one. -#}
    {{ attrition.so_far(aggregate ~ '(' ~ measure ~ ')') }}
{%- endmacro %}
