{% macro value_rows(first, last) -%}
    {%- for number in range(first, last + 1) -%}
        ({{ number }}){{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
