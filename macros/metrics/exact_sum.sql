{% macro exact_sum(expression) -%}
    {#- Decimals have one total in any order, doubles do not. -#}
    sum(cast({{ expression }} as decimal(38, 15)))
{%- endmacro %}
