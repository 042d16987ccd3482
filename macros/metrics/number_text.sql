{% macro number_text(expression, digits=3) -%}
    cast(cast({{ expression }} as decimal(38, {{ digits }})) as varchar)
{%- endmacro %}
