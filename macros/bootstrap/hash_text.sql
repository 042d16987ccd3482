{% macro hash_text(expression, salt) -%}
    {#- Eight hex digits that look uniform and are the same on every warehouse; compared
        as text with `hash_below`. -#}
    substring({{ dbt.hash(expression ~ " || ':" ~ salt ~ "'") }}, 1, 8)
{%- endmacro %}
