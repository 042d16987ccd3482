{% macro running_amount(measure) -%}
    {#- Running total of money or units, exact: a difference of two totals is what was added
        between them, to the last digit. -#}
    cast({{ attrition.running('sum', measure) }} as decimal(38, 4))
{%- endmacro %}
