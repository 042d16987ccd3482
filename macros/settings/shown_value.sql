{% macro shown_value(value, kind) %}
    {#- A value on one line, a large one not wholly. -#}
    {%- if value is integer and value | abs > 10 ** 30 -%}
        {% do return('a number of more than 30 digits') %}
    {%- endif -%}
    {%- set text = value | string -%}
    {%- set text = text[:100] ~ ('...' if text | length > 100 else '') -%}
    {%- if not text.isprintable() -%}
        {%- set text = text.encode('unicode_escape').decode() -%}
    {%- endif -%}
    {% do return('"' ~ text ~ '"' if kind == 'text' else text) %}
{% endmacro %}
