{% macro student_quantile(normal_quantile, degrees) -%}
    {#- Quantile of Student's t from that of the normal distribution, to the second order of
        the expansion of Cornish and Fisher: within 4 % from three degrees of freedom on. -#}
    {%- set z = normal_quantile -%}
    ({{ z }} + {{ (z ** 3 + z) / 4 }} / ({{ degrees }})
        + {{ (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96 }} / power({{ degrees }}, 2))
{%- endmacro %}
