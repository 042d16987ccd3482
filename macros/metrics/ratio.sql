{% macro ratio(numerator, denominator) -%}
    {#- Null where there is nothing to divide by. The cast comes first because Snowflake
        divides integers to six digits. -#}
    (cast({{ numerator }} as double) / nullif({{ denominator }}, 0))
{%- endmacro %}
