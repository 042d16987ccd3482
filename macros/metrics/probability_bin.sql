{% macro probability_bin(probability) -%}
    {#- Ten bins of equal width, 0 to 9; the last holds 1.0 too. -#}
    least(cast(floor({{ probability }} * 10) as integer), 9)
{%- endmacro %}
