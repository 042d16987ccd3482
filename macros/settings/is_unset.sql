{% macro is_unset(value, node) %}
    {#- Nothing stands for the default; so does an empty text where null is allowed. -#}
    {%- if value is none -%}
        {% do return(true) %}
    {%- endif -%}
    {%- set text = (value | trim | lower) if value is string else 'given' -%}
    {% do return(node.get('nullable', false) and text in ('', 'null', 'none')) %}
{% endmacro %}
